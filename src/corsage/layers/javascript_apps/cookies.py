"""Cookies that JavaScript apps set: sessions, and ``res.cookie``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corsage.layers.apps.events import Called, Event
from corsage.layers.apps.run import Run, simple
from corsage.layers.apps.values import Const, Fields, Made, Value, as_text
from corsage.layers.site import Cookie

_SESSIONS = {
    "express-session": "connect.sid",
    "cookie-session": "session",
    "@fastify/session": "sessionId",
    "koa-session": "koa.sess",
}


def cookies(run: Run, events: Sequence[Event]) -> Iterator[Cookie]:
    """The cookies whose attributes the source sets."""
    for event in events:
        if not isinstance(event, Called):
            continue
        made = event.made
        last = made.name.rpartition(".")[2]
        if made.name in _SESSIONS and made.of is None:
            yield from _session(run, made)
        elif last in ("cookie", "setCookie") and len(made.args) > 2:
            yield from _cookie(run, as_text(made.args[0]) or "a cookie", made.args[2])


def _session(run: Run, made: Made) -> Iterator[Cookie]:
    given = simple(made.arg(0))[0]
    if not isinstance(given, Fields):
        return
    name = as_text(simple(given.get("name", "key"))[0]) or _SESSIONS[made.name]
    attributes = given.get("cookie") or (given if made.name == "cookie-session" else None)
    if attributes is not None:
        yield from _cookie(run, name, attributes)


def _cookie(run: Run, name: str, value: Value) -> Iterator[Cookie]:
    attributes = simple(value)[0]
    if not isinstance(attributes, Fields):
        return
    site = simple(attributes.get("sameSite"))[0]
    secure = simple(attributes.get("secure"))[0]
    if not isinstance(site, Const) or site.value in (None, False):
        return
    text = "strict" if site.value is True else str(site.value)
    is_secure = bool(secure.value) if isinstance(secure, Const) else None
    yield Cookie(name, run.module.where(site.at), text, is_secure if secure is not None else False)
