"""The gateway's own 404 and 400: a path that no route takes has no policy of its own.

An origin that may read some route may read that there is nothing here, so the owner is the first
policy that admits the origin, those with credentials first (as ``decide`` has it).
"""

from __future__ import annotations

from corsage.layers.nginx.owners import NEVER, Owner, Ruleset, echoing_owner, preflight_maps
from corsage.layers.nginx.words import indented

_VARIABLE = "gateway_unrouted"


def unrouted(rulesets: list[Ruleset]) -> tuple[list[str], Owner]:
    """The maps and the owner for paths without a route; ``rulesets`` own at least one route."""
    chain = _candidates(rulesets)
    if not chain:
        return [], NEVER
    if len(chain) == 1:
        return [], chain[0].owner()
    maps = [
        "# Who answers where no route does: the first policy that admits the origin.",
        *_first_to_admit(chain),
    ]
    values: dict[str, str] = {}
    for name in dict.fromkeys(name for r in chain for name in (*r.preflight, *r.actual)):
        suffix = name.lower().removeprefix("access-control-").replace("-", "_")
        values[name] = f"${_VARIABLE}_{suffix}"
        maps += _choice(values[name], name, chain)
    origin = values["Access-Control-Allow-Origin"]
    maps += [
        "# `*` is not empty where there is no Origin, and that is no preflight.",
        f"map $http_origin ${_VARIABLE}_allowed {{",
        '    ""      "";',
        "    default $gateway_allowed;",
        "}",
        *preflight_maps(_VARIABLE, origin, f"${_VARIABLE}_allowed"),
    ]
    preflight = {name: values[name] for r in chain for name in r.preflight}
    actual = {name: values[name] for r in chain for name in r.actual}
    return maps, echoing_owner(_VARIABLE, preflight, actual)


def _candidates(rulesets: list[Ruleset]) -> list[Ruleset]:
    ordered = sorted(rulesets, key=lambda rules: not rules.policy.allow_credentials)
    for number, rules in enumerate(ordered, 1):
        if not rules.echoes:
            return ordered[:number]  # what admits every origin leaves nothing to the others
    return ordered


def _first_to_admit(chain: list[Ruleset]) -> list[str]:
    """Maps in a row, each asked only where the one before does not admit the origin."""
    lines: list[str] = []
    for number, rules in enumerate(chain, 1):
        if not rules.echoes:
            break
        otherwise = '""'
        for after in chain[number : number + 1]:
            otherwise = _step(number + 1) if after.echoes else after.label
        lines += [
            f"map {rules.origin} {_step(number)} {{",
            f'    ""      {otherwise};',
            f"    default {rules.label};",
            "}",
        ]
    return lines


def _step(number: int) -> str:
    return f"${_VARIABLE}" if number == 1 else f"${_VARIABLE}_{number}"


def _choice(variable: str, header: str, chain: list[Ruleset]) -> list[str]:
    rows = [(rules.label, {**rules.preflight, **rules.actual}.get(header)) for rules in chain]
    entries = [f"{label} {value};" for label, value in rows if value is not None]
    return [f"map ${_VARIABLE} {variable} {{", *indented(entries), "}"]
