"""Reads Python source: FastAPI and Starlette, Flask, Django, and headers written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corsage.layers.apps import tree
from corsage.layers.apps.events import Called, Event
from corsage.layers.apps.own import is_own
from corsage.layers.apps.project import Project
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import Const, as_text
from corsage.layers.python_apps import django, fastapi, flask, own
from corsage.layers.python_apps.lower import lower
from corsage.layers.site import Cookie, Instance, Slip
from corsage.layers.source import Reader, Reading, Source, UnreadableError
from corsage.layers.where import Where

MOST_CHARACTERS = 512 * 1024
"""Of one file; what is larger is data, not source."""
_WORDS = (
    "CORSMiddleware",
    "flask_cors",
    "CORS_",
    "Access-Control-",
    "access-control-",
    "_COOKIE_SAMESITE",
    "_COOKIE_SECURE",
    "samesite",
    "cors",
    "CORS",
    "ORIGINS",
    "origins",
)


def detect(path: str, text: str) -> bool:
    """Whether a file may say something about CORS, or about cookies beside it."""
    return path.endswith(".py") and any(word in text for word in _WORDS)


def parse(source: Source) -> tree.Module:
    """The tree of a file. Raises UnreadableError."""
    if len(source.text) > MOST_CHARACTERS:
        raise UnreadableError(Where(source.path), f"larger than {MOST_CHARACTERS // 1024} KiB")
    return lower(source)


def link(parsed: Mapping[str, Any]) -> Reading:
    """What all the files say together."""
    project = Project(parsed, django.KNOWN)
    instances: list[Instance] = []
    slips: list[Slip] = []
    cookies: list[Cookie] = []
    for path in parsed:
        run, events = project.run(path)
        if is_own(run.module) and (written := own.read(run)) is not None:
            instances.append(written)
            continue
        module_instances, module_slips, module_cookies = _module(run, events)
        instances += module_instances
        slips += module_slips
        cookies += module_cookies
    return Reading(tuple(instances), slips=tuple(slips), cookies=tuple(cookies))


def _module(run: Run, events: Sequence[Event]) -> tuple[list[Instance], list[Slip], list[Cookie]]:
    instances: list[Instance] = []
    slips: list[Slip] = []
    found: dict[object, fastapi.App] = {}
    flask_app = flask.FlaskApp()
    fastapi.apps(run, events, found)
    flask.read(run, events, flask_app)
    cookies = [*django.cookies(run), *_set_cookies(run, events)]
    for _closure, inner in run.functions():
        fastapi.apps(run, inner, found)
        flask.read(run, inner, flask_app)
        cookies += _set_cookies(run, inner)
    for app in dict.fromkeys(found.values()):
        made = fastapi.instance(run, app)
        if made is not None:
            instances.append(made)
            slips += app.slips
            slips += fastapi.order_slips(run.module, app)
    flask_instance = flask.instance(run, flask_app)
    if flask_instance is not None:
        instances.append(flask_instance)
        slips += flask_app.slips
        slips += [] if flask_app.is_guarded else flask_app.denied
    django_instance, django_slips = django.instance(run)
    if django_instance is not None:
        instances.append(django_instance)
    return instances, [*slips, *django_slips], cookies


def _set_cookies(run: Run, events: Sequence[Event]) -> Iterator[Cookie]:
    """``response.set_cookie(..., samesite="lax")``, and Starlette's SessionMiddleware."""
    for event in events:
        if not isinstance(event, Called):
            continue
        made = event.made
        named = made.named
        last = made.name.rpartition(".")[2]
        is_session = last == "add_middleware" and "same_site" in named
        if last != "set_cookie" and not is_session:
            continue
        site = simple(named.get("samesite") or named.get("same_site"))[0]
        secure = simple(named.get("secure") or named.get("https_only"))[0]
        if site is None or as_text(site) is None:
            continue
        name = as_text(simple(made.arg(0, "key"))[0]) or "session"
        is_secure = bool(secure.value) if isinstance(secure, Const) else None
        yield Cookie(name, run.module.where(made.at), as_text(site), is_secure)


READER = Reader("python", detect, parse, link)
