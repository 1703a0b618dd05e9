"""The model is what the web platform tests demand of a user agent, as far as CORS goes by requests
and responses; and each browser's profile departs from them where that browser does."""

from __future__ import annotations

import pytest

from corsage.browser import CHROMIUM, FIREFOX, STANDARD, Profile, judge
from tests.differential.wpt.table import PAGES, rows


def failures(profile: Profile, page: str | None = None) -> dict[tuple[str, str], list[str]]:
    found = {}
    for row in rows():
        if page in (None, row.page):
            case = row.plan.case("wpt")
            verdict = judge(case.request, case.respond, profile=profile)
            if wrong := list(row.expect.failures(verdict)):
                found[row.page, row.about] = wrong
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_standard_passes(page: str) -> None:
    assert failures(STANDARD, page) == {}


WILDCARD = (
    "fetch/api/cors/cors-preflight-star",
    "POST ['Authorization'] by '*' '*' include=False",
)
DEVIATIONS = {
    CHROMIUM: {
        WILDCARD,
        *(("fetch/api/redirect/redirect-empty-location", f"{s} follow") for s in (302, 307)),
        *(
            ("fetch/api/redirect/redirect-location", f"{status} {about}")
            for status in (301, 302, 303, 307, 308)
            for about in ("none error", "invalid manual")
        ),
    },
    FIREFOX: {WILDCARD},
}


@pytest.mark.parametrize("profile", DEVIATIONS, ids=lambda profile: profile.name)
def test_a_browser_fails_where_it_is_known_to_leave_the_standard(profile: Profile) -> None:
    assert set(failures(profile)) == DEVIATIONS[profile]
