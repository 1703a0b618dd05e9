"""Which location of a host takes a request.

A path of the type Prefix (or of none) is one of whole segments. As soon as one Ingress of a host
asks for regexes, or rewrites, every path of that host is one: case-insensitive, tied to the start
alone, the longest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corsage.browser.exchange import WireRequest
from corsage.layers.hops import host_of, host_takes, with_path
from corsage.layers.regexes import Expression, regex_of
from corsage.layers.site import Route, Site
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

_PLAIN = re.compile(r"[^\\^$.|?*+()\[\]{}]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A path and the site behind it."""

    path: str
    exact: bool
    site: Site


def route(host: str, places: Sequence[Place], regexes: bool) -> Route:
    """The location of a request, for one host (one label for a wildcard)."""
    order = sorted(places, key=lambda place: -len(place.path))
    if regexes:
        takes = [(_expression(place.path), place.site) for place in order]

        def by_regex(request: WireRequest) -> Site | None:
            path = requested_path(split_url(request.url).path)
            if not host_takes(host, host_of(request), labels=1):
                return None
            return next((site for found, site in takes if found.match(path)), None)

        return by_regex

    def by_prefix(request: WireRequest) -> Site | None:
        path = requested_path(split_url(request.url).path)
        if not host_takes(host, host_of(request), labels=1):
            return None
        exact = (place.site for place in order if place.exact and place.path == path)
        found = next(exact, None)
        return found or next((p.site for p in order if not p.exact and _below(p.path, path)), None)

    return by_prefix


def _below(prefix: str, path: str) -> bool:
    bare = prefix.rstrip("/")
    if prefix.endswith("/") and bare:
        return path.startswith(prefix) or path == prefix
    return path == bare or path.startswith(f"{bare}/")


def _expression(path: str) -> Expression:
    return regex_of(path, ignore_case=True)


def example(path: str, regexes: bool) -> str:
    """A request's path that a path takes."""
    if not regexes:
        return path
    start = _PLAIN.match(path)
    plain = start[0] if start else "/"
    takes = _expression(path)
    candidates = (plain, f"{plain.rstrip('/')}/", f"{plain}x", f"{plain.rstrip('/')}/x")
    return next((each for each in candidates if takes.match(each)), plain or "/")


def rewritten(path: str, target: str, request: WireRequest) -> WireRequest:
    """The request after ``rewrite-target``: the whole path is replaced."""
    found = _expression(path).match(split_url(request.url).path)
    if found is None:
        return request
    groups = ("", *found.groups(default=""))
    new = re.sub(
        r"\$([0-9])",
        lambda match: groups[int(match[1])] if int(match[1]) < len(groups) else "",
        target,
    )
    return with_path(request, new if new.startswith("/") else f"/{new}")
