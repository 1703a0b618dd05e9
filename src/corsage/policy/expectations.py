"""Lines of ``expect:``."""

from __future__ import annotations

from dataclasses import dataclass

from corsage.policy.model import Expectation, Gateway
from corsage.policy.nodes import Node
from corsage.policy.origin_groups import Groups
from corsage.policy.report import Reporter


@dataclass(frozen=True, slots=True)
class Sources:
    """What the names in an expectation refer to."""

    groups: Groups
    gateway: Gateway


def read_expectations(
    node: Node | None, sources: Sources, reporter: Reporter
) -> tuple[Expectation, ...]:
    """The expectations of a file."""
    return ()
