"""mod_rewrite: conditions and rules, as far as they are followed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corsage.layers.httpd.read.exchange import Exchange, Groups, search
from corsage.layers.httpd.read.expressions import holds
from corsage.layers.httpd.read.syntax import Directive, Word
from corsage.layers.possible import Check

_VARIABLE = re.compile(r"%\{([^{}]*)\}")
_REFERENCE = re.compile(r"([%$])(\d)")
_MOST_RULES = 5000


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What rules lead to: a status of its own, with a Location; or another path; or a proxy."""

    status: int = 0
    location: str = ""
    path: str = ""
    proxied: bool = False
    passed: bool = False


def rewrite(rules: Sequence[Directive], exchange: Exchange, prefix: str = "") -> Rewritten:
    """Run ``RewriteCond`` and ``RewriteRule`` directives; ``prefix`` is what a folder's rules do
    not see of the path."""
    path = exchange.path.removeprefix(prefix)
    conditions: list[Directive] = []
    skip, chained = 0, False
    changed = ""
    for rule in rules[:_MOST_RULES]:
        if rule.name == "rewritecond":
            conditions.append(rule)
            continue
        asked, conditions = conditions, []
        flags = _flags(rule.text(2))
        if skip or chained:
            skip = max(0, skip - 1)
            chained = chained and "c" in flags
            continue
        pattern = rule.text(0)
        regex = pattern.removeprefix("!")
        caseless = "nc" in flags or "nocase" in flags
        found = search(exchange.world, path, regex, rule.where, caseless)
        if (found is None) != pattern.startswith("!"):
            chained = "c" in flags or "chain" in flags
            continue
        groups: Groups = found or (lambda _number: "")
        held, captured = _held(asked, exchange, groups)
        if not held:
            chained = "c" in flags or "chain" in flags
            continue
        for flag, value in _all_flags(rule.text(2)):
            if flag in ("e", "env"):
                name, colon, text = _expand(value, exchange, groups, captured, rule).partition(":")
                if name.startswith("!"):
                    exchange.env.pop(name[1:], None)
                else:
                    exchange.env[name] = text if colon else ""
            elif flag not in _FOLLOWED:
                exchange.world.guess(f"the flag {flag[:20]} is not followed here", rule.where, True)
        target = rule.text(1)
        text = "" if target == "-" else _expand(target, exchange, groups, captured, rule)
        if "f" in flags or "forbidden" in flags:
            return Rewritten(403)
        if "g" in flags or "gone" in flags:
            return Rewritten(410)
        absolute = re.match(r"(?:https?|wss?)://", text) is not None
        if "p" in flags or "proxy" in flags:
            return Rewritten(proxied=True)
        redirect = flags.get("r", flags.get("redirect"))
        if redirect is not None or absolute:
            code = {"": 302, "permanent": 301, "temp": 302, "seeother": 303}.get(redirect or "")
            status = code or (int(redirect) if re.fullmatch(r"\d{3}", redirect or "") else 302)  # type: ignore[arg-type]  # it matched
            if not 300 <= status < 400:
                return Rewritten(status)
            if not text:
                text = exchange.path
            if not absolute:
                scheme = "https" if exchange.secure else "http"
                place = text if text.startswith("/") else f"{prefix}{text}"
                text = f"{scheme}://{exchange.header('host')}{place}"
            if exchange.query and "?" not in text:
                text += f"?{exchange.query}"
            return Rewritten(status, text.removesuffix("?"))
        if target != "-":
            changed = text.partition("?")[0]
            path = changed
        if {"l", "last", "end"} & flags.keys():
            break
        count = flags.get("s", flags.get("skip", ""))
        skip = int(count) if re.fullmatch(r"\d{1,4}", count) else 0
    if changed and not changed.startswith("/"):
        changed = f"{prefix}{changed}"
    return Rewritten(path=changed)


_FOLLOWED = frozenset(
    [
        *("e", "env", "l", "last", "end", "nc", "nocase", "r", "redirect", "f", "forbidden"),
        *("g", "gone", "p", "proxy", "s", "skip", "c", "chain", "pt", "passthrough", "ne"),
        *("noescape", "qsa", "qsappend", "b", "ns", "nosubreq"),
    ]
)


def _all_flags(text: str) -> list[tuple[str, str]]:
    if not (text.startswith("[") and text.endswith("]")):
        return []
    pairs = (each.strip().partition("=") for each in text[1:-1].split(","))
    return [(name.lower(), value) for name, _, value in pairs if name]


def _flags(text: str) -> dict[str, str]:
    return dict(_all_flags(text))


def _held(
    conditions: Sequence[Directive], exchange: Exchange, groups: Groups
) -> tuple[bool, Groups]:
    captured: Groups = lambda _number: ""  # noqa: E731 -- until a condition matches
    held, skipping = True, False
    for condition in conditions:
        alternative = {"or", "ornext"} & _flags(condition.text(2)).keys()
        if skipping:
            skipping = bool(alternative)
            continue
        fits, found = _fits(condition, exchange, groups, captured)
        captured = found or captured
        if alternative:
            skipping = fits
        elif not fits:
            return False, captured
        held = fits
    return held, captured


def _fits(
    condition: Directive, exchange: Exchange, groups: Groups, captured: Groups
) -> tuple[bool, Groups | None]:
    if len(condition.words) < 2:
        return True, None
    where = condition.words[1].where
    pattern = condition.text(1)
    if condition.text(0).lower() == "expr":
        return holds(pattern, exchange, where), None
    value = _expand(condition.text(0), exchange, groups, captured, condition)
    negated, pattern = pattern.startswith("!"), pattern.removeprefix("!")
    caseless = bool({"nc", "nocase"} & _flags(condition.text(2)).keys())
    if pattern.startswith("="):
        wanted = pattern[1:]
        wanted = "" if wanted == '""' else wanted
        same = exchange.world.ask(value, [Check("exact", wanted, where, caseless)])
        return same != negated, None
    if pattern.startswith(("<", ">")) or re.fullmatch(r"-\w{1,2}", pattern):
        why = f"{pattern[:20]} is not followed here"
        return exchange.world.guess(why, where, False) != negated, None
    found = search(exchange.world, value, pattern, where, caseless)
    if found is not None and not negated:
        for name in _VARIABLE.findall(condition.text(0)):
            if name.lower().startswith("http:"):
                exchange.vary(name[5:])
    return (found is not None) != negated, None if negated else found


def _expand(
    text: str, exchange: Exchange, groups: Groups, captured: Groups, rule: Directive
) -> str:
    place: Word | None = rule.words[0] if rule.words else None
    where = rule.where if place is None else place.where
    text = _REFERENCE.sub(lambda m: (groups if m[1] == "$" else captured)(int(m[2])), text)
    return _VARIABLE.sub(lambda m: exchange.variable(m[1], where), text)
