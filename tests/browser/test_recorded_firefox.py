"""The model agrees with Firefox 153 ESR on 2,000 recorded exchanges."""

from __future__ import annotations

import pytest

from corsage.browser import FIREFOX

ASPECTS = (
    "outcome",
    "type",
    "status",
    "url",
    "readable",
    "wire",
    "headers sent",
    "first console line",
    "console",
)

EXPLAINED: dict[str, dict[str, str]] = {}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_agrees_with_firefox(aspect, differences):
    """No recorded exchange differs in this aspect, but for those explained by name."""
    found = differences("firefox", FIREFOX).get(aspect, {})

    assert found.keys() == EXPLAINED.get(aspect, {}).keys(), found
