"""Who calls what: each route, its service, who may read it, and who owns CORS there.

corsage map cors.yaml
corsage map cors.yaml --format mermaid
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from rich import box
from rich.table import Table

from corsage.cli.policies import load
from corsage.policy import CorsPolicy, Policy, Route
from corsage.report.terminal import console, printable, styled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("source", metavar="POLICY", help="the policy file, - for standard input")
    parser.add_argument("--format", choices=tuple(_FORMATS), default="text")


def run(args: argparse.Namespace) -> int:
    """Print the map; always 0 for a valid policy."""
    _FORMATS[args.format](load(args.source))
    return 0


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


def _text(policy: Policy) -> None:
    out = console()
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


def _json(policy: Policy) -> None:
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
    print(json.dumps({"gateway": policy.gateway.public_origin, "routes": rows}, indent=2))


def _mermaid(policy: Policy) -> None:
    lines = ["flowchart LR", f"  gateway[{_quoted(policy.gateway.public_origin)}]"]
    seen: dict[str, str] = {}
    for number, (route, rules, named) in enumerate(_rows(policy)):
        for caller in named:
            if caller not in seen:
                seen[caller] = f"c{len(seen)}"
                lines.append(f"  {seen[caller]}([{_quoted(caller)}]) --> gateway")
        owner = f"{route.owner} owns CORS" if rules else "never for browsers"
        lines.append(f"  gateway -- {_quoted(f'{_where(route)}: {owner}')} --> s{number}")
        lines.append(f"  s{number}[{_quoted(route.service)}]")
    print("\n".join(lines))


def _quoted(text: str) -> str:
    # Mermaid's own escapes: entities in double quotes.
    return '"' + printable(text).replace("&", "#amp;").replace('"', "#quot;") + '"'


def _where(route: Route) -> str:
    exactly = " (exactly)" if route.match == "exact" else ""
    return f"{route.host or ''}{route.path}{exactly}"


def _some(names: list[str], most: int = 6) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


_FORMATS: dict[str, Callable[[Policy], None]] = {
    "text": _text,
    "json": _json,
    "mermaid": _mermaid,
}
