"""Which rule of the HTTPRoutes of a host takes a request.

An exact path before a regex before a prefix, the longest prefix first, then matches by method, by
more headers, by more query parameters, then the file's order
(https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from corsage.browser.exchange import WireRequest
from corsage.layers.hops import header, host_of, host_takes
from corsage.layers.regexes import regex_of
from corsage.layers.site import Match, Route, Site
from corsage.layers.urls import split_url
from corsage.layers.yaml_document import Value
from corsage.policy.paths import requested_path

_RANKS = {"Exact": 2, "RegularExpression": 1, "PathPrefix": 0}


@dataclass(frozen=True, slots=True)
class Condition:
    """One element of ``matches``. ``scheme`` is that of the listener, "" where it has both."""

    path: str
    kind: str
    method: str = ""
    headers: tuple[tuple[str, str, bool], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    scheme: str = ""
    implicit: bool = False
    """Whether it also takes preflights for its method (Envoy Gateway adds such a route)."""

    @property
    def rank(self) -> tuple[int, int, bool, int, int]:
        """The greater one is taken."""
        length = len(self.path.rstrip("/")) if self.kind == "PathPrefix" else len(self.path)
        return (
            _RANKS.get(self.kind, 0),
            length,
            bool(self.method),
            len(self.headers),
            len(self.query),
        )

    def takes(self, request: WireRequest) -> bool:
        """Whether a request is one of its."""
        url = split_url(request.url)
        if self.scheme and url.scheme != self.scheme:
            return False
        if not self._takes_path(requested_path(url.path)) or not self._takes_method(request):
            return False
        if not all(
            _equal(header(request, name), text, regex) for name, text, regex in self.headers
        ):
            return False
        given = dict(parse_qsl(url.query, keep_blank_values=True))
        return all(given.get(name) == text for name, text in self.query)

    def _takes_path(self, path: str) -> bool:
        if self.kind == "Exact":
            return path == self.path
        if self.kind == "RegularExpression":
            return regex_of(self.path).fullmatch(path) is not None
        bare = self.path.rstrip("/")
        return path == bare or path.startswith(f"{bare}/")

    def _takes_method(self, request: WireRequest) -> bool:
        if self.method in ("", request.method):
            return True
        asked = header(request, "Access-Control-Request-Method")
        return self.implicit and request.method == "OPTIONS" and asked == self.method

    def as_match(self, host: str) -> Match:
        """The condition as a site shows it."""
        kinds = {"Exact": "exact", "RegularExpression": "regex"}
        return Match(
            hosts=(host,) if host not in ("", "*") else (),
            path=self.path,
            kind=kinds.get(self.kind, "segments"),  # type: ignore[arg-type]  # one of its literals
            methods=(self.method,) if self.method else (),
            headers=tuple((name, text) for name, text, _ in self.headers),
        )


def _equal(value: str, wanted: str, regex: bool) -> bool:
    return regex_of(wanted).fullmatch(value) is not None if regex else value == wanted


def conditions(rule: Value, scheme: str = "", implicit: bool = False) -> Iterator[Condition]:
    """The conditions of a rule, any of which suffices; one that takes all for none."""
    matches = rule.elements("matches")
    if not matches:
        yield Condition("/", "PathPrefix", scheme=scheme)
    for match in matches:
        yield Condition(
            path=match.string("path", "value") or "/",
            kind=match.string("path", "type") or "PathPrefix",
            method=match.string("method"),
            headers=tuple(
                (
                    each.string("name"),
                    each.string("value"),
                    each.string("type") not in ("", "Exact"),
                )
                for each in match.elements("headers")
            ),
            query=tuple(
                (each.string("name"), each.string("value"))
                for each in match.elements("queryParams")
            ),
            scheme=scheme,
            implicit=implicit,
        )


def route(host: str, led: Sequence[tuple[Condition, Site]]) -> Route:
    """The rule of a request, for one host."""
    order = sorted(led, key=lambda pair: pair[0].rank, reverse=True)

    def find(request: WireRequest) -> Site | None:
        if not host_takes(host, host_of(request)):
            return None
        return next((site for condition, site in order if condition.takes(request)), None)

    return find


def example(condition: Condition) -> str:
    """A path that a condition takes."""
    if condition.kind != "RegularExpression":
        return condition.path
    plain = re.match(r"[^\\^$.|?*+()\[\]{}]*", condition.path)
    start = plain[0] if plain and plain[0].startswith("/") else "/"
    takes = regex_of(condition.path)
    candidates = (start, f"{start}x", f"{start.rstrip('/')}/x", f"{start}1")
    return next((each for each in candidates if takes.fullmatch(each)), start)
