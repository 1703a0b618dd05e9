"""Who is let in: ``Require`` and the sections around it."""

from __future__ import annotations

from collections.abc import Sequence

from corsage.layers.httpd.read.exchange import Exchange
from corsage.layers.httpd.read.expressions import holds
from corsage.layers.httpd.read.syntax import Directive


def denied(rules: Sequence[Directive], exchange: Exchange, asks_for_login: bool) -> int:
    """The status of a refusal, 0 where there is none."""
    rules = [rule for rule in rules if _is_rule(rule)]
    if not rules or _any(rules, exchange):
        return 0
    return 401 if asks_for_login and not exchange.signed_in and _wants_user(rules) else 403


def _is_rule(rule: Directive) -> bool:
    return rule.name in ("require", "requireany", "requireall", "requirenone")


def _wants_user(rules: Sequence[Directive]) -> bool:
    return any(
        _wants_user(rule.block) if rule.section else rule.text(0).lower() in _USERS
        for rule in rules
    )


_USERS = ("valid-user", "user", "group")


def _any(rules: Sequence[Directive], exchange: Exchange) -> bool:
    return any(_holds(rule, exchange) for rule in rules)


def _holds(rule: Directive, exchange: Exchange) -> bool:
    if rule.section:
        inner = [each for each in rule.block if _is_rule(each)]
        if rule.name == "requireall":
            return all(_holds(each, exchange) for each in inner)
        return _any(inner, exchange) == (rule.name == "requireany")
    texts = [text.lower() for text in rule.texts()]
    negated = texts[:1] == ["not"]
    texts = texts[negated:]
    return _provider(rule, texts, exchange, negated) != negated


def _provider(rule: Directive, texts: list[str], exchange: Exchange, negated: bool) -> bool:
    kind = texts[0] if texts else ""
    if kind == "all":
        return texts[1:2] == ["granted"]
    if kind in _USERS:
        return exchange.signed_in
    if kind == "method":
        return exchange.method.lower() in texts[1:]
    if kind == "env":
        return any(each in exchange.env for each in rule.texts()[1 + negated :])
    if kind == "expr":
        return holds(" ".join(rule.texts()[1 + negated :]), exchange, rule.where)
    return exchange.world.guess(f"Require {kind[:20]} is not followed here", rule.where, True)
