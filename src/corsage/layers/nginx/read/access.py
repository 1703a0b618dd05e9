"""The access phase: addresses, passwords and auth requests."""

from __future__ import annotations

from corsage.layers.nginx.read.headers import Line
from corsage.layers.nginx.read.levels import Level
from corsage.layers.nginx.read.state import State
from corsage.layers.nginx.read.steps import Reply
from corsage.layers.nginx.read.syntax import Directive
from corsage.layers.nginx.read.values import value_of


def refused(state: State) -> Reply | None:
    """The answer to a request that is not let in. Who has credentials has the right ones."""
    level = state.level
    checks: list[Reply | None] = []
    rules = _access_rules(level)
    if rules:
        # A client is taken to be one of those that are let in, if any are.
        open_to_some = any(rule.name == "allow" for rule in rules)
        denied = not open_to_some and rules[-1].args[:1] == ("all",)
        checks.append(Reply(403, error=True) if denied else None)
    realm = level.last("auth_basic")
    if realm not in ("", "off") and level.last("auth_basic_user_file"):
        line = Line("WWW-Authenticate", value_of(f'Basic realm="{realm}"'))
        signed_in = state.asked.signed_in
        checks.append(None if signed_in else Reply(401, [line], error=True))
    if level.last("auth_request") not in ("", "off"):
        checks.append(None if state.asked.signed_in else Reply(401, error=True))
    failed = [each for each in checks if each is not None]
    if not failed or (level.last("satisfy") == "any" and len(failed) < len(checks)):
        return None
    return failed[-1] if level.last("satisfy") == "any" else failed[0]


def _access_rules(level: Level) -> list[Directive]:
    for each in level.outwards():
        rules = [*each.own.get("allow", ()), *each.own.get("deny", ())]
        if rules:
            return sorted(rules, key=lambda one: one.words[0].start)
    return []
