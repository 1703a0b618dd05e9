import pytest

from corsage import pages
from corsage.browser import PROFILES, Reason, judge
from corsage.pages.examples import EXAMPLES


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_page_with_causes_mends_and_browsers(corsage, reason):
    ran = corsage("why", reason)
    assert ran.code == 0
    assert ran.out.startswith(f"# {reason}\n")
    for heading in ("Which layer usually causes it", "How to mend it", "What the browsers say"):
        assert f"## {heading}\n\n- " in ran.out
    assert reason.step in ran.out


# Where a browser sees the example of a page otherwise; None: it lets the page read.
_OTHERWISE: dict[Reason, dict[str, Reason | None]] = {
    Reason.PROXY_AUTHENTICATION: {"firefox": None},
    Reason.CORRUPT_RESPONSE: {"standard": None, "safari": None},
    Reason.UNSAFE_REDIRECT: {"chromium": Reason.SCHEME_NOT_CORS},
    # Not part of the Fetch standard yet.
    Reason.LOCAL_NETWORK_ACCESS: {"standard": None, "safari": None},
}


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_the_example_of_a_page_is_refused_for_its_reason(reason, profile):
    request, server = EXAMPLES[reason]
    verdict = judge(request, server, profile=profile)
    assert verdict.reason == _OTHERWISE.get(reason, {}).get(profile.name, reason)


def test_without_an_id_all_pages_are_listed(corsage):
    listed = corsage("why").out.split()
    assert set(Reason) < set(listed)
    assert "CORS001" in listed
    assert listed == pages.names()


def test_ids_are_found_in_any_case_and_the_nearest_is_named(corsage):
    assert corsage("why", "cors001").code == 0
    ran = corsage("why", "missing-alow-origin")
    assert ran.code == 2
    assert "missing-allow-origin" in ran.err
