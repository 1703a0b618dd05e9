"""Questions to a site or a path: what a browser would ask it, and who may read the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corsage.browser import (
    Request,
    Response,
    Server,
    Verdict,
    WireRequest,
    judge,
    preflight_for,
)
from corsage.chain.compose import lines
from corsage.layers.site import ClauseName, Grant, OriginEntry
from corsage.policy.asking import headers_of
from corsage.policy.model import ANY

STRANGER = "https://stranger.example"
"""An origin that nobody ever means."""


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and what the browser makes of the answers."""

    request: Request
    verdict: Verdict


def ask(server: Server, request: Request) -> Asked:
    """The verdict of every proven browser on one request."""
    return Asked(request, judge(request, server))


def read_by(origin: str, url: str, grant: Grant | None) -> Request:
    """The simplest request of a page, with cookies where they are granted."""
    credentials = grant is not None and grant.credentials
    return Request(url, origin, credentials="include" if credentials else "omit")


def preflighted_by(origin: str, url: str, grant: Grant) -> Request | None:
    """A request that is granted and needs a preflight; None where nothing that is granted does."""
    base = read_by(origin, url, grant)
    listed = _listed(grant, "allow_methods", grant.methods)
    allowed = _listed(grant, "allow_headers", grant.headers)
    if listed is None or (not listed and not allowed and grant.credentials):
        listed = ("PUT",)  # nobody lists anything, and yet this is no font or image for all
    methods = [one for one in listed if one not in (ANY, "OPTIONS")]
    names = [one for one in allowed or () if one != ANY]
    candidates = [replace(base, method=method) for method in methods]
    candidates += [replace(base, headers=headers_of([name])) for name in names]
    return next((one for one in candidates if preflight_for(one) is not None), None)


def _listed(
    grant: Grant, clause: ClauseName, granted: tuple[str, ...] | None
) -> tuple[str, ...] | None:
    """What is granted, or else what is written: it may be lost on the way to a preflight."""
    setting = grant.setting(clause)
    if granted is None or granted or setting is None:
        return granted
    names = (name.strip() for name in setting.value.split(","))
    return tuple(name for name in names if _TOKEN.fullmatch(name))


def an_origin_of(entries: tuple[OriginEntry, ...]) -> str | None:
    """An origin that is meant: one that an entry spells out, or else the shortest it admits."""
    for entry in entries:
        if entry.text in entry.language:
            return entry.text
    for entry in entries:
        if STRANGER in entry.language:
            return "https://app.example"
        meant = a_likely_origin_of(entry)
        shortest = entry.language.shortest() if meant is None else meant
        if shortest is not None:
            return shortest
    return None


def a_likely_origin_of(entry: OriginEntry) -> str | None:
    """An origin that the text of a glob or regex reads like, if it is admitted: most are, and
    looking costs nothing beside a search."""
    text = entry.text.strip("~^$/").lstrip("*^ ")
    text = _OPTIONAL.sub("", text.replace("\\", ""))
    text = _FIRST_OF_GROUP.sub(r"\1", text)
    text = _SOME.sub("a", text).replace("*", "a")
    for scheme in ("", "https://"):
        if scheme + text in entry.language:
            return scheme + text
    return None


# `(www.)?`, `([a-z]+.)*`, `s?` ; then the first choice of a group; then what stands for some text.
_OPTIONAL = re.compile(r"\([^()|]*\)[?*]|(?<=http)s\?|:\(?\\?d[+*]\)?$")
_FIRST_OF_GROUP = re.compile(r"\((?:\?:)?([^()|]*)(?:\|[^()]*)?\)")
_SOME = re.compile(r"\[[^\]]*\][+*]?\??|\.[+*]\??")


def get(url: str, origin: str | None) -> WireRequest:
    """A GET from a page, or (None) from no page at all."""
    return WireRequest("actual", "GET", url, (("Origin", origin),) if origin is not None else ())


def varies(response: Response | None) -> bool:
    """Whether ``Vary`` tells caches that the answer depends on the origin."""
    return any(name in ("origin", "*") for name in _varied(response))


def _varied(response: Response | None) -> Iterator[str]:
    for value in lines(response, "Vary"):
        yield from (name.strip().lower() for name in value.split(","))
