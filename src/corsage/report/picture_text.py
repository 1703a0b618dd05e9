"""A picture as text, JSON and Mermaid."""

from __future__ import annotations

import json
from itertools import pairwise

from rich.console import Console
from rich.text import Text

from corsage.chain.picture import Path, Picture, Stop
from corsage.report.policy_map import quoted
from corsage.report.terminal import styled


def write(out: Console, picture: Picture) -> None:
    """The paths, one paragraph each."""
    out.print(styled(picture.title, "bold"))
    for path in picture.paths:
        out.print()
        out.print(styled(path.url, "bold"))
        for number, stop in enumerate(path.stops):
            out.print(styled(f"  {'   ' * number}{'-> ' if number else ''}"), _stop(stop), sep="")
        for reader in path.readers:
            word = "may read" if reader.allowed else "may not read"
            cookies = ", with cookies" if reader.credentials else ""
            out.print(
                styled(f"  {reader.origin} "),
                styled(f"{word}{cookies}", "green" if reader.allowed else "red"),
                sep="",
            )
            if reader.why:
                out.print(styled(f"    {reader.why}", "dim"))
        if not path.readers:
            out.print(styled("  no page may read"))
        out.print(styled(f"  preflights: {path.preflight}"))
        out.print(styled(f"  owner of CORS: {path.owner or 'nobody'}"))


def _stop(stop: Stop) -> Text:
    does = f" [{', '.join(stop.does)}]" if stop.does else ""
    where = f"  {stop.where}" if stop.where else ""
    return styled(f"{stop.name}{does}{where}")


def as_json(picture: Picture) -> str:
    """The paths as JSON."""
    return json.dumps({"title": picture.title, "paths": list(map(_json, picture.paths))}, indent=2)


def _json(path: Path) -> object:
    return {
        "url": path.url,
        "owner": path.owner or None,
        "preflights": path.preflight,
        "stops": [
            {"name": stop.name, "kind": stop.kind, "does": list(stop.does), "where": stop.where}
            for stop in path.stops
        ],
        "readers": [
            {
                "origin": reader.origin,
                "allowed": reader.allowed,
                "credentials": reader.credentials,
                "why": reader.why or None,
            }
            for reader in path.readers
        ],
    }


def as_mermaid(picture: Picture) -> str:
    """A flow chart (https://mermaid.js.org/syntax/flowchart.html)."""
    lines = ["flowchart LR"]
    names: dict[str, str] = {}
    edges: dict[str, None] = {}

    def node(text: str, shape: tuple[str, str]) -> str:
        if text not in names:
            names[text] = f"n{len(names)}"
            lines.append(f"  {names[text]}{shape[0]}{quoted(text)}{shape[1]}")
        return names[text]

    for path in picture.paths:
        stops = [node(stop.name, ("[", "]")) for stop in path.stops]
        for reader in path.readers:
            caller = node(reader.origin, ("([", "])"))
            arrow = "-->" if reader.allowed else "-. refused .->"
            edges[f"  {caller} {arrow} {stops[0]}"] = None
        for before, after in pairwise(stops):
            edges[f"  {before} -- {quoted(path.url)} --> {after}"] = None
    return "\n".join([*lines, *edges])
