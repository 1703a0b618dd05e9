"""``corsage init --from``: a policy from the settings of another library in Python source."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.layers.python_source import SourceError, Unknown, Use, uses
from corsage.middleware import migrate
from corsage.policy import Policy, PolicyError
from corsage.policy.dump import dump_policy
from corsage.policy.problems import Problem, quoted

_NOT_SOURCE = {"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"}
_MOST_FILES = 10_000

_SERVICE_NOTE = "services.app is http://127.0.0.1: write where the app listens"


class Carried(NamedTuple):
    """A policy file's text, and what there is to know about it."""

    text: str
    notes: tuple[str, ...]


def carry_over(paths: Iterable[str]) -> Carried:
    """The policy of the one app whose settings stand in the files, or below the folders.

    Raises UsageError where there is none, more than one, or nothing of it may be carried over.
    """
    notes: list[str] = []
    found = [(name, use) for name in _files(paths) for use in _uses(name, notes)]
    if not found:
        message = "no settings of Starlette's CORSMiddleware, django-cors-headers or flask-cors"
        raise UsageError("\n".join([f"--from: {message} found", *notes]))
    carried = []
    for name, use in found:
        if (policy := _policy(use, f"{_shown(name)}:{use.line}", notes)) is not None:
            carried.append((name, use, policy))
    if not carried:
        raise UsageError("\n".join(["--from: nothing may be carried over", *notes]))
    if len(carried) > 1:
        places = [f"  {_shown(name)}:{use.line} ({use.library})" for name, use, _ in carried]
        message = "--from: a policy has one owner for each path; name one file with one of these"
        raise UsageError("\n".join([message, *places]))
    [(name, use, policy)] = carried
    origin = f"# From {_shown(name)}:{use.line} ({use.library}).\n"
    return Carried(origin + dump_policy(policy), (*notes, _SERVICE_NOTE))


def _shown(name: str) -> str:
    return name if name.isprintable() else quoted(name)


def _files(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if not Path(path).is_dir():
            yield path
            continue
        below = list(islice(_sources(path), _MOST_FILES + 1))
        if len(below) > _MOST_FILES:
            raise UsageError(f"{path}: more than {_MOST_FILES} Python files; name a folder in it")
        yield from below


def _sources(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _NOT_SOURCE and f[0] != ".")
        yield from (str(Path(parent, name)) for name in sorted(names) if name.endswith(".py"))


def _uses(name: str, notes: list[str]) -> list[Use]:
    try:
        return uses(read_text(name))
    except SourceError as error:
        notes.append(f"{_shown(name)}: not read: {error}")
        return []


# What takes a setting's place while it is not known: whatever allows nothing. There is none for
# the paths that the settings are about.
_NOTHING: Mapping[str, Mapping[str, Any]] = {
    "Starlette": {
        "allow_origins": (),
        "allow_methods": (),
        "allow_headers": (),
        "allow_credentials": False,
        "allow_origin_regex": None,
        "expose_headers": (),
        "max_age": None,
        "allow_private_network": False,
    },
    "django-cors-headers": {
        "CORS_ALLOWED_ORIGINS": (),
        "CORS_ALLOWED_ORIGIN_REGEXES": (),
        "CORS_ALLOW_ALL_ORIGINS": False,
        "CORS_ALLOW_METHODS": (),
        "CORS_ALLOW_HEADERS": (),
        "CORS_EXPOSE_HEADERS": (),
        "CORS_ALLOW_CREDENTIALS": False,
        "CORS_PREFLIGHT_MAX_AGE": 0,
    },
    "flask-cors": {
        "origins": (),
        "methods": (),
        "allow_headers": (),
        "expose_headers": (),
        "supports_credentials": False,
        "max_age": None,
    },
}
_PATHS = {"django-cors-headers": "CORS_URLS_REGEX", "flask-cors": "resources"}
# Without these a policy allows less, and the rest of it is what it was.
_MAY_BE_LEFT_OUT = {"allow_headers", "allow_origin_regex", "CORS_ALLOWED_ORIGIN_REGEXES"}


def _policy(use: Use, place: str, notes: list[str]) -> Policy | None:
    """What may be carried over of one use, with a note on everything else."""
    nothing = _NOTHING[use.library]
    values, unknown = _typed(use)
    names = {u.name for u in unknown}
    if "*" in names:
        names |= {*nothing, _PATHS.get(use.library, "")} - values.keys()
    notes += [
        f"{place}: {'what else is set' if u.name == '*' else u.name} is not known: {u.why}"
        for u in unknown
    ]
    if (paths := _PATHS.get(use.library)) in names:
        notes.append(f"{place}: not carried over: without {paths} the paths are not known")
        return None
    values |= {name: nothing[name] for name in names if name in nothing}
    try:
        return _migrate(use.library, values)
    except PolicyError as error:
        left_out = {_setting(problem) for problem in error.problems}
        notes += [f"{place}: not carried over: {problem}" for problem in error.problems]
        if not left_out <= _MAY_BE_LEFT_OUT:
            return None
    if not left_out <= nothing.keys():
        return None
    values |= {name: _left(name, values.get(name), nothing[name]) for name in left_out}
    try:
        return _migrate(use.library, values)
    except PolicyError as error:
        notes += [f"{place}: not carried over: {problem}" for problem in error.problems]
        return None


def _setting(problem: Problem) -> str:
    """The name in ``app.allow_headers[0]``."""
    return problem.file.partition("[")[0].rpartition(".")[2]


def _left(name: str, value: Any, nothing: Any) -> Any:
    """What of a setting stays: the headers that are named, and no expression."""
    is_headers = name == "allow_headers" and isinstance(value, list)
    return [header for header in value if header != "*"] if is_headers else nothing


def _migrate(library: str, values: Mapping[str, Any]) -> Policy:
    try:
        if library == "Starlette":
            return migrate.from_starlette(**values)
        if library == "django-cors-headers":
            return migrate.from_django_cors_headers(values)
        return migrate.from_flask_cors(**values)
    except ModuleNotFoundError as error:
        raise UsageError(f"--from: {error}") from error  # a wildcard without the list to check it


def _typed(use: Use) -> tuple[dict[str, Any], list[Unknown]]:
    """The known values that their library would take, and all that is unknown."""
    values: dict[str, Any] = {}
    unknown = list(use.unknown)
    for name, value in use.values.items():
        if why := _wrong(use.library, name, value):
            unknown.append(Unknown(name, use.line, why))
        else:
            values[name] = value
    return values, unknown


def _wrong(library: str, name: str, value: Any) -> str | None:
    """Why a value is not one that the setting can have."""
    if name == _PATHS.get(library):
        return _wrong_resources(value) if name == "resources" else _wrong_expression(value)
    if name not in _NOTHING[library]:
        is_known = library == "flask-cors" and name in migrate.FLASK_UNUSED
        return None if is_known else f"{library} has no such setting"
    if name == "allow_origin_regex":
        return None if value is None else _wrong_expression(value)
    like = _NOTHING[library][name]
    if isinstance(like, bool):
        return None if isinstance(value, bool) else "it is not True or False"
    if name in ("max_age", "CORS_PREFLIGHT_MAX_AGE"):
        is_seconds = isinstance(value, int) and not isinstance(value, bool)
        return None if is_seconds or value is None else "it is no number of seconds"
    if library == "flask-cors" and (_is_text(value) or (name == "expose_headers" and not value)):
        return None
    is_list = isinstance(value, list | tuple) and all(map(_is_text, value))
    return None if is_list else "it is no list of texts"


def _wrong_expression(value: Any) -> str | None:
    return None if _is_text(value) else "it is no regular expression"


def _wrong_resources(value: Any) -> str | None:
    if isinstance(value, Mapping):
        for options in value.values():
            if not isinstance(options, Mapping):
                return "a resource has no options"
            for name, option in options.items():
                if not isinstance(name, str) or (why := _wrong("flask-cors", name, option)):
                    return f"{name}: {why}" if isinstance(name, str) else "an option has no name"
        return None
    is_list = isinstance(value, list | tuple) and all(map(_is_text, value))
    return None if is_list or _is_text(value) else "it is no path"


def _is_text(value: Any) -> bool:
    return isinstance(value, str | re.Pattern)
