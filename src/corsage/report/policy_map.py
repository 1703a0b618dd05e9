"""A policy's map: each route, its service, who may read it, and who owns CORS there."""

from __future__ import annotations

import json
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from corsage.policy import CorsPolicy, Policy, Route
from corsage.report.terminal import printable, styled


def callers(policy: CorsPolicy | None, groups: Policy) -> list[str]:
    """The groups or origins that a policy admits; a group that it holds whole goes by name."""
    if policy is None:
        return []
    if policy.allow_origins.any_origin:
        return ["any origin"]
    members = list(policy.allow_origins)
    names = []
    for name, group in groups.origins.items():
        held = list(group)
        if held and all(member in members for member in held):
            names.append(name)
            members = [member for member in members if member not in held]
    return names + members


def _rows(policy: Policy) -> list[tuple[Route, CorsPolicy | None, list[str]]]:
    rules_of = {route: policy.policies.get(route.cors or "") for route in policy.routes}
    return [(route, rules, callers(rules, policy)) for route, rules in rules_of.items()]


def write(out: Console, policy: Policy) -> None:
    """The routes as a table."""
    out.print(styled(f"gateway {policy.gateway.public_origin}", "bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("route", "service", "who may read", "cookies", "owner of CORS"):
        table.add_column(heading, overflow="fold")
    for route, rules, named in _rows(policy):
        table.add_row(
            printable(_where(route)),
            printable(route.service),
            printable(_some(named)) if named else "no page",
            "yes" if rules and rules.allow_credentials else "no",
            printable(f"{route.owner} ({route.cors or 'none'})"),
        )
    out.print(table, soft_wrap=False)
    out.print(
        "The owner answers preflights and writes every Access-Control-* header of its routes."
    )


def as_json(policy: Policy) -> str:
    """The routes as JSON."""
    rows: list[dict[str, Any]] = [
        {
            "path": route.path,
            "match": route.match,
            "host": route.host,
            "service": route.service,
            "url": policy.services[route.service].url,
            "policy": route.cors,
            "callers": named,
            "credentials": bool(rules and rules.allow_credentials),
            "owner": route.owner,
            "preflights": "refused by the gateway"
            if route.cors is None
            else f"answered by the {route.owner}",
        }
        for route, rules, named in _rows(policy)
    ]
    return json.dumps({"gateway": policy.gateway.public_origin, "routes": rows}, indent=2)


def as_mermaid(policy: Policy) -> str:
    """A flow chart (https://mermaid.js.org/syntax/flowchart.html)."""
    lines = ["flowchart LR", f"  gateway[{quoted(policy.gateway.public_origin)}]"]
    seen: dict[str, str] = {}
    for number, (route, rules, named) in enumerate(_rows(policy)):
        for caller in named:
            if caller not in seen:
                seen[caller] = f"c{len(seen)}"
                lines.append(f"  {seen[caller]}([{quoted(caller)}]) --> gateway")
        owner = f"{route.owner} owns CORS" if rules else "never for browsers"
        lines.append(f"  gateway -- {quoted(f'{_where(route)}: {owner}')} --> s{number}")
        lines.append(f"  s{number}[{quoted(route.service)}]")
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A label of Mermaid."""
    # Mermaid's own escapes: entities in double quotes.
    return '"' + printable(text).replace("&", "#amp;").replace('"', "#quot;") + '"'


def _where(route: Route) -> str:
    exactly = " (exactly)" if route.match == "exact" else ""
    return f"{route.host or ''}{route.path}{exactly}"


def _some(names: list[str], most: int = 6) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
