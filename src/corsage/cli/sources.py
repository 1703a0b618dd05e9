"""Finding and reading the files that a verb was pointed at: files, folders, globs, ``-``."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.cli.policies import shown
from corsage.layers.readers import CANDIDATES
from corsage.layers.reading import Parsed, parse
from corsage.layers.source import Source

LARGEST = 1024 * 1024
"""Bytes of one file below a folder; what is larger is data."""

MOST_FILES = 200_000

_NOT_OURS = {
    "__pycache__",
    "bower_components",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "target",
    "vendor",
    "venv",
}
# A process costs about as much as parsing this many small files.
_WORTH_A_POOL = 200


@dataclass(slots=True)
class Found:
    """What was found: the names and texts of policies, and parsed configuration. ``templates``
    below folders say nothing before they are rendered."""

    policies: list[tuple[str, str]] = field(default_factory=list)
    parsed: list[Parsed] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)


def find(
    names: Iterable[str], progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Found:
    """Read everything that ``names`` stand for. ``progress`` is told (done, all).

    A file that was named itself and that nobody knows is taken for a policy, whose reader says
    what is wrong with it; below a folder it is passed over.
    """
    found = Found()
    files: dict[str, bool] = {}
    for name in _expanded(names):
        if name != "-" and Path(name).is_dir():
            below = list(_below(name))
            if not below:
                found.unreadable.append((name, "nothing below it that Corsage reads"))
            for file in below:
                files.setdefault(file, False)
        else:
            files[name] = True
        if len(files) > MOST_FILES:
            raise UsageError(f"{name}: more than {MOST_FILES:,} files; name a folder in it")
    for number, outcome in enumerate(_looked_at(files), 1):
        _sort(found, outcome, files[outcome.name])
        progress(number, len(files))
    return found


def is_policy(name: str) -> bool:
    """Whether a file holds a policy, or nothing that Corsage knows (a policy's reader then says
    what is wrong)."""
    return not Path(name).is_dir() and bool(find([name]).policies)


@dataclass(frozen=True, slots=True)
class _Outcome:
    name: str
    policy: str | None = None
    parsed: Parsed | None = None
    refused: str = ""
    text: str = ""
    template: bool = False


def _sort(found: Found, outcome: _Outcome, named: bool) -> None:
    path = shown(outcome.name)
    if outcome.refused:
        found.unreadable.append((path, outcome.refused))
        return
    parsed = outcome.parsed
    if outcome.template and not named:
        found.templates.append(path)
        return
    if outcome.policy is not None:
        found.policies.append((outcome.name, outcome.policy))
        return
    if parsed is not None and (parsed.by_reader or parsed.refused):
        found.parsed.append(parsed)
        for where, message in parsed.refused if not parsed.by_reader else ():
            place = f"{where.file}:{where.line}:{where.column}" if where.line else where.file
            found.unreadable.append((place, message))
        return
    if not named:
        return
    if outcome.name == "-" or outcome.name.endswith((".yaml", ".yml")):
        found.policies.append((outcome.name, outcome.text))
    else:
        found.unreadable.append((path, "nothing in it that Corsage reads"))


def _looked_at(files: dict[str, bool]) -> Iterator[_Outcome]:
    names = list(files)
    if len(names) < _WORTH_A_POOL or (os.cpu_count() or 1) < 2:
        yield from (_look((name, files[name])) for name in names)
        return
    with ProcessPoolExecutor() as pool:
        chunk = max(1, min(100, len(names) // 16))
        yield from pool.map(_look, files.items(), chunksize=chunk)


def _look(file: tuple[str, bool]) -> _Outcome:
    name, named = file
    try:
        text = read_text(name) if named else _small_text(name)
    except UsageError as error:
        return _Outcome(name, refused=str(error).removeprefix(f"{shown(name)}: "))
    if text is None:
        return _Outcome(name)
    if _is_policy(name, text):
        return _Outcome(name, policy=text)
    parsed = parse(Source(shown(name), text), _stdin_as(text) if name == "-" else None)
    # Only what may still be taken for a policy is worth sending from one process to another.
    kept = text if named and not parsed.by_reader else ""
    template = bool(parsed.refused) and not parsed.by_reader and "{{" in text
    return _Outcome(name, parsed=parsed, text=kept, template=template)


def _stdin_as(text: str) -> str:
    """A name for what is piped into a check: what a tool has rendered, manifests as a rule."""
    is_nginx = re.search(r"^\s*(?:http|server|location\s[^{}]*)\{", text, re.MULTILINE)
    return "nginx.conf" if is_nginx else "stdin.yaml"


def _is_policy(name: str, text: str) -> bool:
    if name != "-" and not name.endswith((".yaml", ".yml")):
        return False
    keys = {line.partition(":")[0] for line in text.splitlines() if line[:1].isalpha()}
    return "apiVersion" not in keys and {"policies", "routes"} <= keys


def _small_text(name: str) -> str | None:
    """The text of a file below a folder; None for what is no text, too large, or not ours."""
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to must not hang.
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                return None
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error


def _expanded(names: Iterable[str]) -> list[str]:
    """Shells expand globs, CI systems often do not. A pattern that matches nothing stays, and
    is reported as the file that it is not."""
    expanded: dict[str, None] = {}
    for name in names:
        is_glob = name != "-" and not Path(name).exists() and glob.has_magic(name)
        # Path.glob takes no absolute patterns.
        matches = sorted(glob.glob(name, recursive=True)) if is_glob else []  # noqa: PTH207
        expanded.update(dict.fromkeys(matches or [name]))
    return list(expanded)


def _below(folder: str) -> Iterator[str]:
    """The files below a folder whose names some reader knows; links are not followed."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _NOT_OURS and f[0] != ".")
        for name in sorted(names):
            path = Path(parent, name).as_posix()
            if _known(path) and not Path(path).is_symlink():
                yield path


def _known(path: str) -> bool:
    lower = path.lower()
    return any(candidate.names.fullmatch(lower) for candidate in CANDIDATES.values())
