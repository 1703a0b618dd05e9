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

_OPAQUE = "an opaque page has a random internal name, which nobody can foretell"

EXPLAINED = {
    "first console line": {"c01134": _OPAQUE},
    "console": {
        "c01134": _OPAQUE,
        "c00637": (
            "a preflight to the page's own origin that is redirected away: the second line is of"
            " the CORS check that the redirect made due, not of the status"
        ),
    },
}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_agrees_with_firefox(aspect, differences):
    """No recorded exchange differs in this aspect, but for those explained by name."""
    found = differences("firefox", FIREFOX).get(aspect, {})

    assert found.keys() == EXPLAINED.get(aspect, {}).keys(), found
