"""Code that asks for a login before anything else is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import rules
from corsage.layers.apps import tree
from corsage.layers.apps.by_hand import Answer, ByHand
from corsage.layers.apps.conditions import (
    AllOf,
    AnyOf,
    Condition,
    MethodIs,
    Not,
    Unsure,
    asks_origin,
)
from corsage.layers.apps.values import Const
from corsage.layers.hops import is_preflight
from corsage.layers.site import Slip

_GUARD = re.compile(
    r"(?:^|[._\b])(?:(?:require|ensure|check|verify|is|jwt|token|api_?key|basic|bearer|session)?_?"
    r"(?:auth(?:enticat\w*|orization|orize|middleware|guard)?|logged_?in|login_?required|jwt)"
    r"(?:_?(?:middleware|guard|required|token|user))?)$",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?:^|_)(?:verify|check|validate|require)_?(?:token|jwt|login|session|user|api_?key)$",
    re.IGNORECASE,
)
_LIBRARIES = (
    "express-jwt",
    "passport.authenticate",
    "express-basic-auth",
    "express-oauth2-jwt-bearer",
    "keycloak",
    "koa-jwt",
)
# They let everybody through and only say who it is.
_HARMLESS = ("AuthenticationMiddleware", "SessionMiddleware", "passport.initialize")


def guards(name: str) -> str:
    """The name, if it is one of code that refuses whoever is not logged in."""
    if any(name.endswith(harmless) for harmless in _HARMLESS):
        return ""
    last = re.split(r"[./]", name)[-1]
    if any(library in name for library in _LIBRARIES) or any(
        pattern.search(_words(last)) for pattern in (_GUARD, _TOKEN)
    ):
        return last
    return ""


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)


def refuses_preflight(hand: ByHand) -> bool:
    """Whether code answers 401 or 403 by what it does not find in a request, OPTIONS included."""
    return any(
        isinstance(effect, Answer) and _refusal(effect) and not _spares_options(effect.when)
        for effect in hand.effects
    )


def origin_guards(module: tree.Module, hand: ByHand) -> Iterator[Slip]:
    """Where code refuses requests, and not only preflights, by their Origin alone."""
    for effect in hand.effects:
        if not isinstance(effect, Answer) or not asks_origin(effect.when):
            continue
        status = effect.status.value if isinstance(effect.status, Const) else effect.status
        if status not in (401, 403) or _asks_login(effect.when) or _only_options(effect.when):
            continue
        yield Slip(
            rules.ACCESS_CONTROL,
            f"requests of other origins get {status}, and nothing else asks who is there",
            module.where(effect.at),
            "Only browsers send a true Origin; any other client writes what it likes.",
            "ask for a login or a token, and leave the origin to CORS",
            witness="curl -H 'Origin: <an allowed origin>'",
        )


def _only_options(when: Condition) -> bool:
    parts = getattr(when, "parts", (when,))
    return any(part == MethodIs("OPTIONS") for part in parts)


def _refusal(answer: Answer) -> bool:
    status = answer.status.value if isinstance(answer.status, Const) else answer.status
    return status in (401, 403) and _asks_login(answer.when)


def _asks_login(when: Condition) -> bool:
    """Whether a condition is about credentials, rather than about the origin."""
    match when:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(_asks_login, parts))
        case Not(part=part):
            return _asks_login(part)
        case Unsure(of_origin=of_origin):
            return not of_origin
        case _:
            return getattr(when, "name", "") in ("authorization", "cookie")


def _spares_options(when: Condition) -> bool:
    match when:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return any(map(_spares_options, parts))
        case Not(part=MethodIs(method="OPTIONS")):
            return True
        case MethodIs(method=method):
            return method != "OPTIONS"
    return False


def login_first(request: WireRequest, service: Server) -> Response | None:
    """A guard as a hop: what cannot bring a login, a preflight, is refused."""
    return Response(401) if is_preflight(request) else service(request)
