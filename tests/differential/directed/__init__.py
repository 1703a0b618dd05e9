"""Cases by hand, one file a theme: what random ones never hit, and what they have found."""

from __future__ import annotations

from collections.abc import Iterator

from tests.differential.case import Case
from tests.differential.directed import (
    authorization,
    credentials,
    found,
    methods,
    preflights,
    redirects,
    request_headers,
    responses,
)
from tests.differential.plan import Plan

PLANS: dict[str, Plan] = {
    f"{theme.__name__.rpartition('.')[2].replace('_', '-')}-{name}": plan
    for theme in (
        authorization,
        credentials,
        methods,
        request_headers,
        preflights,
        redirects,
        responses,
        found,
    )
    for name, plan in theme.PLANS.items()
}


def directed_cases() -> Iterator[Case]:
    """Every plan as a case, its name in the id."""
    for name, plan in PLANS.items():
        yield plan.case(f"d-{name}")
