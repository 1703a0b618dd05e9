"""The language in which a router says which requests it takes (Traefik 3, and 2 where it is alike).

``Host(`a.example`) && PathPrefix(`/api`)``. A prefix is one of characters: /api takes /apix. What
is not known here (``ClientIP``) is taken for true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from corsage.browser.exchange import WireRequest
from corsage.layers.hops import header, host_of
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url
from corsage.policy.paths import requested_path

_TOKEN = re.compile(
    r"\s*(?:(?P<op>&&|\|\||!|\(|\)|,)|(?P<name>[A-Za-z]+)|`(?P<raw>[^`]*)`|\"(?P<text>(?:[^\"\\]|\\.)*)\")"
)
_LONGEST = 10_000
_DEEPEST = 50


class RuleError(ValueError):
    """A rule that cannot be read."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """``PathPrefix(`/api`)``"""

    name: str
    values: tuple[str, ...]

    def takes(self, request: WireRequest) -> bool:
        """Whether a request is one of its."""
        name, values = self.name.lower(), self.values
        path = requested_path(split_url(request.url).path)
        if not values:
            return True
        if name == "host":
            return host_of(request) in [value.lower() for value in values]
        if name == "hostregexp":
            return any(regex_of(value).search(host_of(request)) for value in values)
        if name == "path":
            return path in values
        if name == "pathprefix":
            return any(path.startswith(value) for value in values)
        if name == "pathregexp":
            return any(regex_of(value).search(path) for value in values)
        if name == "method":
            return request.method in [value.upper() for value in values]
        if name in ("header", "headers", "headerregexp", "headersregexp") and len(values) == 2:
            given = header(request, values[0])
            if name.endswith("regexp"):
                return bool(given) and regex_of(values[1]).search(given) is not None
            return given == values[1]
        if name == "query":
            given_query = dict(parse_qsl(split_url(request.url).query, keep_blank_values=True))
            return given_query.get(values[0]) == (values[1] if len(values) > 1 else "")
        return True


@dataclass(frozen=True, slots=True)
class Not:
    """``!rule``"""

    rule: Rule

    def takes(self, request: WireRequest) -> bool:
        """Whether a request is one of its."""
        return not self.rule.takes(request)


@dataclass(frozen=True, slots=True)
class Both:
    """``rule && rule``"""

    rules: tuple[Rule, ...]

    def takes(self, request: WireRequest) -> bool:
        """Whether a request is one of its."""
        return all(rule.takes(request) for rule in self.rules)


@dataclass(frozen=True, slots=True)
class Either:
    """``rule || rule``"""

    rules: tuple[Rule, ...]

    def takes(self, request: WireRequest) -> bool:
        """Whether a request is one of its."""
        return any(rule.takes(request) for rule in self.rules)


Rule = Matcher | Not | Both | Either


def parse(text: str) -> Rule:
    """The rule of a text; RuleError for what is none."""
    if len(text) > _LONGEST:
        raise RuleError("the rule is too long")
    return _Parser(list(_tokens(text))).whole()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise RuleError(f"{text[position : position + 20]!r} is no part of a rule")
        for kind in ("op", "name", "raw", "text"):
            if match[kind] is not None:
                yield ("value" if kind in ("raw", "text") else kind), match[kind]
        position = match.end()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Rule:
        rule = self._either(0)
        if self._at < len(self._tokens):
            raise RuleError(f"{self._tokens[self._at][1]!r} stands after the end of the rule")
        return rule

    def _next(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("op", text):
            self._at += 1
            return True
        return False

    def _either(self, depth: int) -> Rule:
        found = [self._both(depth)]
        while self._next("||"):
            found.append(self._both(depth))
        return found[0] if len(found) == 1 else Either(tuple(found))

    def _both(self, depth: int) -> Rule:
        found = [self._one(depth)]
        while self._next("&&"):
            found.append(self._one(depth))
        return found[0] if len(found) == 1 else Both(tuple(found))

    def _one(self, depth: int) -> Rule:
        if depth > _DEEPEST:
            raise RuleError("the rule is nested too deeply")
        if self._next("!"):
            return Not(self._one(depth + 1))
        if self._next("("):
            rule = self._either(depth + 1)
            if not self._next(")"):
                raise RuleError("a parenthesis is not closed")
            return rule
        return self._matcher()

    def _matcher(self) -> Matcher:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != "name":
            raise RuleError("a matcher is missing")
        name = self._tokens[self._at][1]
        self._at += 1
        if not self._next("("):
            raise RuleError(f"{name} has no parentheses")
        values: list[str] = []
        while not self._next(")"):
            if self._at >= len(self._tokens):
                raise RuleError(f"the parenthesis of {name} is not closed")
            kind, value = self._tokens[self._at]
            if kind == "value":
                values.append(value)
            elif value != ",":
                raise RuleError(f"{value!r} is no value of {name}")
            self._at += 1
        return Matcher(name, tuple(values))


def required(rule: Rule, name: str) -> tuple[str, ...]:
    """The values of a matcher that a request of the rule always has to fit; () if there is none."""
    if isinstance(rule, Matcher):
        return rule.values if rule.name.lower() == name else ()
    if isinstance(rule, Both):
        return next((found for each in rule.rules if (found := required(each, name))), ())
    if isinstance(rule, Either):
        each = [required(one, name) for one in rule.rules]
        return tuple(dict.fromkeys(v for values in each for v in values)) if all(each) else ()
    return ()
