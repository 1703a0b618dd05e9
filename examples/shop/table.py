"""The predictions as a table for a terminal: what breaks directly, what the gateway makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from corsage.browser import Verdict
from examples.shop.predict import Prediction


def _cell(verdict: Verdict) -> Text:
    if not verdict.allowed:
        return Text("✕ blocked", style="red")
    status = verdict.response.status if verdict.response else ""
    return Text(f"✓ {status}", style="green")


def _why(prediction: Prediction) -> Text | Group:
    """The reason of every block; once if both ways share it."""
    direct, gateway = prediction.direct, prediction.gateway
    if direct.allowed and gateway.allowed:
        return Text("")
    if gateway.allowed:
        return Text(direct.sentence)
    meant = Text("gateway: as the policy means it. ", style="dim") + Text(gateway.sentence)
    if direct.allowed:
        return meant
    return Group(Text("direct: ", style="dim") + Text(direct.sentence), meant)


def _section(title: str, rows: Iterable[Prediction]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        expand=True,
        padding=(0, 1, 0, 0),
    )
    table.add_column("request", ratio=5, overflow="fold")
    table.add_column("direct", width=9, no_wrap=True)
    table.add_column("gateway", width=9, no_wrap=True)
    table.add_column("why the browser blocks it", ratio=8, overflow="fold")
    for row in rows:
        request = Text(f"{row.call.method} {row.call.path}")
        if row.call.traits:
            request.append("\n" + ", ".join(row.call.traits), style="dim")
        table.add_row(request, _cell(row.direct), _cell(row.gateway), _why(row))
    return table


def print_table(console: Console, predictions: list[Prediction], pages: Mapping[str, str]) -> None:
    """One section for each front end, and the sum."""
    for name, origin in pages.items():
        rows = [row for row in predictions if row.page == name]
        console.print(_section(f"{name}: pages at {origin}", rows))
    console.print(Text(summary(predictions), style="bold"))


def summary(predictions: list[Prediction]) -> str:
    """The table in one sentence."""
    total = len(predictions)
    direct = sum(row.direct.allowed for row in predictions)
    gateway = sum(row.gateway.allowed for row in predictions)
    meant = sum(row.gateway.allowed == row.meant.allowed for row in predictions)
    return (
        f"Of {total} requests a browser lets {direct} through to the services directly and "
        f"{gateway} through the gateway; {meant} of {total} are as the policy means them."
    )
