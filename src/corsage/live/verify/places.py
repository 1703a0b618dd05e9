"""Where a policy file says what a deployment does not do. No I/O."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.check.finding import Where
from corsage.live.verify.plan import place_of
from corsage.policy import nodes
from corsage.policy.model import Policy
from corsage.policy.yaml_nodes import compose


class Places:
    """Finds routes and expectations in the text of a valid policy file."""

    def __init__(self, policy: Policy, name: str, text: str) -> None:
        self._name = name
        self._lines = text.split("\n")
        root = compose(text, lambda *_: None)
        top = _pairs(root)
        routes = top.get("routes")
        items = routes.items if isinstance(routes, nodes.Sequence) else ()
        self._routes = {
            place_of(route): (item.line, item.column)
            for route, item in zip(policy.routes, items, strict=False)
        }
        self._expectations = {
            f"expect: {expectation.text}": expectation.line for expectation in policy.expectations
        }

    def route(self, place: str) -> Where:
        """Where a route stands; for what no route takes, the whole file."""
        line, column = self._routes.get(place, (0, 0))
        return self._at(line, column)

    def expectation(self, clause: str) -> int | None:
        """The line of an expectation whose case has this clause."""
        return self._expectations.get(clause)

    def _at(self, line: int, column: int) -> Where:
        source = self._lines[line - 1].rstrip("\r") if line else ""
        return Where(self._name, line, column, source)


def _pairs(node: nodes.Node | None) -> Mapping[str, nodes.Node]:
    if not isinstance(node, nodes.Mapping):
        return {}
    return {key.text: value for key, value in node.pairs}
