"""Which requests Envoy's routes, virtual hosts and matchers take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from corsage.browser.exchange import Headers, WireRequest
from corsage.layers.envoy.read.file import Part
from corsage.layers.possible import Check, World
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url

_MOST_STEPS = 60
_KINDS = {"exact": "exact", "prefix": "prefix", "suffix": "suffix", "contains": "contains"}
_OLD = {f"{name}_match": name for name in _KINDS}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as Envoy's routes see it: ``path`` with its query, ``headers`` by lower-case
    name, those that Envoy itself adds early among them."""

    method: str
    authority: str
    scheme: str
    path: str
    headers: dict[str, str]

    def header(self, name: str) -> str | None:
        """The value of a header or pseudo-header; None where there is none."""
        pseudo = {
            ":method": self.method,
            ":path": self.path,
            ":authority": self.authority,
            "host": self.authority,
            ":scheme": self.scheme,
        }
        name = name.lower()
        return pseudo.get(name) or self.headers.get(name)


def asked_of(request: WireRequest, added: Headers = ()) -> Asked:
    """A request of the wire; lines of one header are joined."""
    url = split_url(request.url)
    headers: dict[str, str] = {}
    for name, value in (*request.headers, *added):
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return Asked(request.method, url.netloc, url.scheme, path, headers)


def string_check(matcher: Part, *, ignore_case: bool = False) -> Check | None:
    """A StringMatcher; None for one that is not known here."""
    ignore_case = ignore_case or matcher.true("ignore_case")
    for name, kind in _KINDS.items():
        part = matcher.get(name)
        if part is not None:
            shown = part.value.text if kind == "exact" else f"{name}: {part.value.text}"
            return Check(kind, part.value.text, part.where, ignore_case, shown=shown)  # type: ignore[arg-type]  # its literals
    expression = matcher.get("safe_regex", "regex") or matcher.get("regex")
    if expression is not None:
        text = expression.value.text
        return Check("full", text, expression.where, shown=f"regex: {text}")
    return None


def takes(route: Part, asked: Asked, world: World, path: str) -> bool:
    """Whether a route's ``match`` takes a request for ``path``, which has no query."""
    match = route.get("match")
    return (
        match is not None
        and _path_fits(match, path)
        and all(_header_fits(each, asked, world) for each in match.all("headers"))
        and all(_query_fits(each, asked) for each in match.all("query_parameters"))
    )


def _path_fits(match: Part, path: str) -> bool:
    exact_case = match.text("case_sensitive") != "false"
    for name in ("prefix", "path", "path_separated_prefix"):
        found = match.get(name)
        if found is None:
            continue
        wanted = found.value.text
        if not exact_case:
            wanted, path = wanted.lower(), path.lower()
        if name == "prefix":
            return path.startswith(wanted)
        return path == wanted or (name != "path" and path.startswith(f"{wanted}/"))
    expression = match.get("safe_regex", "regex")
    return expression is not None and regex_of(expression.value.text).fullmatch(path) is not None


def _header_fits(matcher: Part, asked: Asked, world: World) -> bool:
    name = matcher.text("name")
    inverted = matcher.true("invert_match")
    value = asked.header(name)
    if value is None and matcher.true("treat_missing_header_as_empty"):
        value = ""
    present = matcher.get("present_match")
    if present is not None:
        return ((value is not None) == present.true()) != inverted
    if value is None:
        # A header that is not there fits nothing, and everything inverted: but a regex or text.
        return inverted
    return _value_fits(matcher, value, world) != inverted


def _value_fits(matcher: Part, value: str, world: World) -> bool:
    bounds = matcher.get("range_match")
    if bounds is not None:
        start, end = bounds.number("start") or 0, bounds.number("end") or 0
        return (
            value.isascii() and value.isdecimal() and len(value) < 20 and start <= int(value) < end
        )
    of_string = matcher.get("string_match")
    if of_string is not None:
        check = string_check(of_string)
        return check is not None and world.ask(value, [check])
    for old, kind in _OLD.items():
        part = matcher.get(old)
        if part is not None:
            return world.ask(value, [Check(kind, part.value.text, part.where)])  # type: ignore[arg-type]  # its literals
    expression = matcher.get("safe_regex_match", "regex")
    if expression is not None:
        return world.ask(value, [Check("full", expression.value.text, expression.where)])
    return True


def _query_fits(matcher: Part, asked: Asked) -> bool:
    given = parse_qs(split_url(asked.path).query, keep_blank_values=True).get(matcher.text("name"))
    if matcher.get("present_match") is not None:
        return (given is not None) == matcher.true("present_match")
    if given is None:
        return False
    check = None if (part := matcher.get("string_match")) is None else string_check(part)
    return check is None or check.holds(given[0])


def virtual_host(hosts: list[Part], value: str, world: World) -> Part | None:
    """The virtual host for a host: exact names first, then ``*.a``, then ``a.*``, then ``*``."""
    value = value.lower()
    for host in hosts:
        exact = [
            Check("exact", each.value.text, each.where, ignore_case=True)
            for each in host.all("domains")
            if "*" not in each.value.text
        ]
        if exact and world.ask(value, exact):
            return host
    for mask in (_suffix, _prefix):
        fitting = [
            (len(domain.value.text), -number, host)
            for number, host in enumerate(hosts)
            for domain in host.all("domains")
            if mask(domain.value.text.lower(), value)
        ]
        if fitting:
            return max(fitting, key=lambda each: each[:2])[2]
    every = (host for host in hosts for each in host.all("domains") if each.value.text == "*")
    return next(every, None)


def _suffix(domain: str, host: str) -> bool:
    return domain.startswith("*") and len(host) > len(domain) - 1 > 0 and host.endswith(domain[1:])


def _prefix(domain: str, host: str) -> bool:
    return domain.endswith("*") and len(host) > len(domain) - 1 > 0 and host.startswith(domain[:-1])


def matched(matcher: Part | None, asked: Asked, world: World) -> Iterator[Part]:
    """The typed actions that a matcher comes to (one, or none)."""
    for _ in range(_MOST_STEPS):
        if matcher is None:
            return
        on_match = _on_match(matcher, asked, world) or matcher.get("on_no_match")
        if on_match is None:
            return
        action = on_match.get("action", "typed_config")
        if action is not None:
            yield action
            return
        matcher = on_match.get("matcher")


def _on_match(matcher: Part, asked: Asked, world: World) -> Part | None:
    for each in matcher.all("matcher_list", "matchers"):
        predicate = each.get("predicate")
        if predicate is not None and _predicate(predicate, asked, world, 0):
            return each.get("on_match")
    tree = matcher.get("matcher_tree")
    if tree is None:
        return None
    value = _input(tree, asked)
    if value is None:
        return None
    for key, on_match in tree.items("exact_match_map", "map"):
        if world.ask(value, [Check("exact", key, on_match.where)]):
            return on_match
    longest = sorted(tree.items("prefix_match_map", "map"), key=lambda item: -len(item[0]))
    for key, on_match in longest:
        if world.ask(value, [Check("prefix", key, on_match.where)]):
            return on_match
    return None


def _input(holder: Part, asked: Asked) -> str | None:
    return asked.header(holder.text("input", "typed_config", "header_name"))


def _predicate(predicate: Part, asked: Asked, world: World, depth: int) -> bool:
    if depth > _MOST_STEPS:
        return False
    single = predicate.get("single_predicate")
    if single is not None:
        value = _input(single, asked)
        match = single.get("value_match")
        check = None if match is None else string_check(match)
        return value is not None and check is not None and world.ask(value, [check])
    several = predicate.all("or_matcher", "predicate")
    if several:
        return any(_predicate(each, asked, world, depth + 1) for each in several)
    every = predicate.all("and_matcher", "predicate")
    if every:
        return all(_predicate(each, asked, world, depth + 1) for each in every)
    opposite = predicate.get("not_matcher")
    return opposite is not None and not _predicate(opposite, asked, world, depth + 1)
