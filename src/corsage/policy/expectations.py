"""Lines of ``expect:``, what must stay true whatever else is changed.

::

    expectation = method SP target *clause ":" SP ("allowed" / "blocked")
    target      = [host] path
    clause      = SP "from" SP (group / origin / "null")          ; exactly one
                / SP "with" SP extra *(("," / SP "and") SP extra)
    extra       = "credentials" / header-name

In YAML such a line is a mapping with one pair, which is why it needs no quotes.
"""

from __future__ import annotations

from collections.abc import Iterator

from corsage.browser.safelist import FORBIDDEN_METHODS
from corsage.policy import names, rules, shapes
from corsage.policy.addresses import route_host
from corsage.policy.dangers import NULL
from corsage.policy.model import Expectation
from corsage.policy.nodes import Mapping, Node, Scalar, Sequence
from corsage.policy.origin_groups import Groups
from corsage.policy.origin_text import read_origin
from corsage.policy.paths import route_path
from corsage.policy.problems import Fault, quoted
from corsage.policy.report import Reporter

ALLOWED, BLOCKED = "allowed", "blocked"
VERDICTS = (ALLOWED, BLOCKED)
_EXAMPLE = "POST /billing with credentials from https://app.example.com: allowed"


def read_expectations(
    node: Node | None, groups: Groups, reporter: Reporter
) -> tuple[Expectation, ...]:
    """The expectations of a file; groups that they name count as used."""
    expectations = []
    for place, line, verdict in _lines(node):
        try:
            if verdict is None:
                raise _unreadable(line, "says neither allowed nor blocked")
            expectations.append(_expectation(line, verdict, place.line, groups, reporter))
        except Fault as fault:
            reporter.fault(place, fault)
    return tuple(expectations)


def _lines(node: Node | None) -> Iterator[tuple[Scalar, str, str | None]]:
    for item in node.items if isinstance(node, Sequence) else ():
        if isinstance(item, Mapping):
            for key, value in item.pairs:
                if (verdict := shapes.text(value)) in VERDICTS:
                    yield key, key.text, verdict
        elif isinstance(item, Scalar) and item.kind == "text":
            line, _, verdict = item.text.rpartition(":")
            known = verdict.strip() in VERDICTS
            yield item, line if known else item.text, verdict.strip() if known else None


def _expectation(
    line: str, verdict: str, number: int, groups: Groups, reporter: Reporter
) -> Expectation:
    words = line.replace(",", " , ").split()
    if len(words) < 4:
        raise _unreadable(line, "is too short")
    method, target, *rest = words
    names.token(method, "a method")
    if method.upper() in FORBIDDEN_METHODS:
        raise names.forbidden_method(method)
    host, slash, path = target.partition("/")
    sources, extras = _clauses(line, rest)
    headers = tuple(dict.fromkeys(e for e in extras if e != "credentials"))
    for header in headers:
        names.request_header(header)
    return Expectation(
        text=f"{line}: {verdict}",
        method=method,
        path=route_path(slash + path),
        origins=_origins(sources, groups, reporter),
        allowed=verdict == ALLOWED,
        headers=headers,
        credentials="credentials" in extras,
        host=route_host(host) if host else None,
        line=number,
    )


def _clauses(line: str, words: list[str]) -> tuple[str, list[str]]:
    """Who asks, and what the request carries."""
    sources: list[str] = []
    extras: list[str] = []
    current: list[str] | None = None
    for word in words:
        if word in ("from", "with"):
            current = sources if word == "from" else extras
        elif current is None or (current is sources and (sources or word == ",")):
            raise _unreadable(line, f"has {quoted(word)} where `from` or `with` belongs")
        elif word not in (",", "and"):
            current.append(word)
    if not sources:
        raise _unreadable(line, "does not say from where")
    return sources[0], extras


def _origins(source: str, groups: Groups, reporter: Reporter) -> tuple[str, ...]:
    """The origins that a name or a text stands for: of each pattern one member."""
    if groups.use(source):
        return groups.representatives(source)
    if source == NULL:
        return (NULL,)
    if not set(source) & set(":/.*"):
        near = reporter.nearest(source, groups.sets)
        message = f"there is no group of origins named {quoted(source)}"
        raise Fault(rules.UNKNOWN_NAME, message, "", near)
    origin = read_origin(source)
    if not isinstance(origin, str):
        why = "A request comes from one origin, or from each of a named group."
        raise Fault(rules.BAD_EXPECTATION, f"{quoted(source)} is a pattern", why)
    return (origin,)


def _unreadable(line: str, message: str) -> Fault:
    why = "An expectation is METHOD PATH [with EXTRAS] from ORIGIN: allowed or blocked."
    return Fault(rules.BAD_EXPECTATION, f"{quoted(line)} {message}", why, _EXAMPLE)
