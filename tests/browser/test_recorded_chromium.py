"""The model agrees with Chromium 156 on 2,000 recorded exchanges, to the letter."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM

ASPECTS = (
    "outcome",
    "type",
    "status",
    "url",
    "readable",
    "wire",
    "headers sent",
    "cors_error",
    "failed_parameter",
    "console",
)

_RANGE = "the HTTP cache writes a single range of a GET anew, long after CORS has looked at it"

EXPLAINED = {
    "headers sent": dict.fromkeys(
        (
            "c00001",
            "c00466",
            "c00617",
            "c00641",
            "c01056",
            "c01413",
            "c01453",
            "c01821",
            "c01992",
        ),
        _RANGE,
    )
}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_agrees_with_chromium(aspect, differences):
    """No recorded exchange differs in this aspect, but for those explained by name."""
    found = differences("chromium", CHROMIUM).get(aspect, {})

    assert found.keys() == EXPLAINED.get(aspect, {}).keys(), found
