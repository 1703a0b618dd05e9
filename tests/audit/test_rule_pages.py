"""The page of a rule shows an exchange that has the fault, and one that has not."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from corsage.browser import CHROMIUM, Request, Response, judge, max_age, reuse
from corsage.check import audit_rules as rules
from corsage.check.audit_rules import RULES
from corsage.live.message import parse_head
from tests.audit.zoo import ZOO

PAGES = files("corsage") / "pages" / "rules"


def exchange(rule: str, heading: str) -> tuple[str, dict[str, str], Response]:
    """Method, request headers and response under a heading."""
    page = (PAGES / f"{rule}.md").read_text("utf-8")
    text = re.search(rf"## {heading}\n\n```http\n(.*?)\n```", page, re.DOTALL)[1]
    asked, _, answered = text.partition("\n\n")
    first, *lines = asked.split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return first.split(" ")[0], headers, parse_head(f"{answered}\n\n".encode())


def is_read(rule: str, heading: str, *, credentials: bool, header: str = "") -> bool:
    """Whether the page on the Origin of the example reads its answer."""
    method, headers, response = exchange(rule, heading)
    wanted = headers.get("Access-Control-Request-Method", method)
    names = headers.get("Access-Control-Request-Headers")
    request = Request(
        "https://api.example.com/me",
        headers["Origin"],
        wanted,
        ((names, "x"),) if names else (),
        credentials="include" if credentials else "omit",
    )
    verdict = judge(request, lambda _: response, profile=CHROMIUM)
    return verdict.allowed and (not header or header in dict(verdict.readable))


READ = [rule for rule in RULES if rule < "CORS220"]
GRANTED = [rules.ANY_METHOD.id, rules.ANY_HEADER.id]


@pytest.mark.parametrize("rule", [*READ, *GRANTED])
def test_the_failing_example_is_read_with_credentials_and_the_passing_is_not(rule: str):
    assert is_read(rule, "Fails", credentials=True)
    assert not is_read(rule, "Passes", credentials=True)


@pytest.mark.parametrize(
    ("rule", "credentials"),
    [
        (rules.POISONED_CACHE.id, True),
        (rules.WILDCARD_BROKEN.id, True),
        (rules.REPEATED_ALLOW_ORIGIN.id, False),
        (rules.INVALID_ALLOW_ORIGIN.id, False),
    ],
)
def test_what_is_broken_is_blocked_and_the_passing_example_is_read(rule: str, credentials: bool):
    assert not is_read(rule, "Fails", credentials=credentials)
    assert is_read(rule, "Passes", credentials=False)


def test_a_private_answer_is_read_by_a_stranger_only_in_the_failing_example():
    assert is_read(rules.PRIVATE_NETWORK.id, "Fails", credentials=False)
    assert not is_read(rules.PRIVATE_NETWORK.id, "Passes", credentials=False)


def test_exposed_headers_are_as_the_pages_say():
    everything, nothing = rules.EXPOSES_EVERYTHING.id, rules.EXPOSES_NOTHING.id
    assert is_read(everything, "Fails", credentials=False, header="x-api-key")
    assert not is_read(everything, "Passes", credentials=False, header="x-api-key")
    assert not is_read(nothing, "Fails", credentials=True, header="x-request-id")
    assert is_read(nothing, "Passes", credentials=True, header="x-request-id")


def test_only_the_failing_answer_without_vary_is_handed_to_another_origin():
    asked = (("Origin", "https://app.example.com"),)
    for heading, served in (("Fails", True), ("Passes", False)):
        _, _, response = exchange(rules.MISSING_VARY.id, heading)
        assert reuse((), response, asked).served is served


def test_max_ages_are_kept_as_the_pages_say():
    kept = {
        (rule, heading): max_age(exchange(rule, heading)[2].headers, CHROMIUM)
        for rule in (rules.LONG_MAX_AGE.id, rules.NO_MAX_AGE.id)
        for heading in ("Fails", "Passes")
    }
    assert list(kept.values()) == [7200, 600, 5, 600]


def test_every_rule_has_a_cage_but_the_private_network_which_has_a_test_of_its_own():
    caged = set().union(*(cage.rules for cage in ZOO.values()))
    assert set(RULES) - caged == {rules.PRIVATE_NETWORK.id}
