"""The predictions as a table for a terminal: what breaks directly, what the gateway makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from corsage.browser import Verdict
from examples.shop.predict import Prediction

_OPEN = "The service lets a page read this that the policy does not."


def _cell(verdict: Verdict, meant: Verdict) -> Text:
    if not verdict.allowed:
        return Text("✕ blocked", style="red")
    status = verdict.response.status if verdict.response else ""
    if not meant.allowed:
        return Text(f"! {status} open", style="yellow")
    return Text(f"✓ {status}", style="green")


def _because(verdict: Verdict) -> str:
    if verdict.reason is None:
        return verdict.sentence
    status = verdict.response.status if verdict.response else 200
    detail = f"status {status}" if status >= 400 else verdict.value
    title = verdict.reason.title.removesuffix(".")
    return f"{title} ({detail})." if detail and detail not in title else f"{title}."


def _hidden(row: Prediction) -> str:
    """The headers that only the gateway lets the page read."""
    shown, more = ({name for name, _ in v.readable} for v in (row.direct, row.gateway))
    return ", ".join(sorted(more - shown))


def _why(row: Prediction) -> Text:
    """The reason of every block, and of what is open by mistake."""
    lines = []
    if not row.direct.allowed:
        lines.append(Text(_because(row.direct)))
    elif not row.meant.allowed:
        lines.append(Text(_OPEN))
    elif row.gateway.allowed and (hidden := _hidden(row)):
        lines.append(Text(f"Directly the page cannot read {hidden}."))
    if not row.gateway.allowed and not row.meant.allowed:
        lines.append(Text("Through the gateway: as the policy means it.", style="dim"))
    elif not row.gateway.allowed:
        lines.append(Text("Through the gateway: ", style="dim") + Text(_because(row.gateway)))
    return Text("\n").join(lines)


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
    table.add_column("direct", width=10, no_wrap=True)
    table.add_column("gateway", width=9, no_wrap=True)
    table.add_column("why", ratio=7, overflow="fold")
    for row in rows:
        request = Text(f"{row.call.method} {row.call.path}")
        if row.call.traits:
            request.append("\n" + ", ".join(row.call.traits), style="dim")
        table.add_row(
            request, _cell(row.direct, row.meant), _cell(row.gateway, row.meant), _why(row)
        )
    return table


def print_table(console: Console, predictions: list[Prediction], pages: Mapping[str, str]) -> None:
    """One section for each front end, and the sum."""
    for name, origin in pages.items():
        rows = [row for row in predictions if row.page == name]
        console.print(_section(f"{name}, a page at {origin}", rows))
    console.print(Text(summary(predictions), style="bold"))


def summary(predictions: list[Prediction]) -> str:
    """The table in one sentence."""
    total = len(predictions)
    wrong = sum(row.direct.allowed != row.meant.allowed for row in predictions)
    right = sum(row.gateway.allowed == row.meant.allowed for row in predictions)
    return (
        f"Called directly, {wrong} of {total} requests do not do what the policy means; "
        f"through the gateway {right} of {total} do."
    )
