"""All rows, by WPT page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from tests.differential.case import Case
from tests.differential.wpt import cors, fetch_cors, fetch_redirect, xhr
from tests.differential.wpt.expectation import Row
from tests.differential.wpt.shared import Cases

PAGES: dict[str, Callable[[], Cases]] = {
    **cors.PAGES,
    **fetch_cors.PAGES,
    **fetch_redirect.PAGES,
    **xhr.PAGES,
}


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the pages."""
    return tuple(Row(page, *each) for page, cases in PAGES.items() for each in cases())


def wpt_cases() -> Iterator[Case]:
    """Every row as a case for a real browser."""
    for number, row in enumerate(rows()):
        yield row.plan.case(f"w-{number:03}", (row.page, row.about))
