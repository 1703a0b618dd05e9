"""Probes: the plan is pure, asks for what is needed, and never for what changes anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.browser import Request
from corsage.browser.origin import is_origin
from corsage.diagnosis.causes import CAUSES
from corsage.diagnosis.classify import rank
from corsage.diagnosis.facts import Facts
from corsage.diagnosis.observation import Answer, Asked, Observation, Probed
from corsage.diagnosis.probes import origins
from corsage.diagnosis.probes.against import CONTRADICTED_BY_PROBES
from corsage.diagnosis.probes.plan import every_probe, next_probe, suspects
from corsage.diagnosis.probes.rules import PROBED, RULES
from corsage.diagnosis.probes.subject import Subject
from corsage.diagnosis.probes.table import PROBES, REPEATS

APP = "https://app.example.com"
URL = "https://api.example.com/orders?page=1"
SUBJECT = Subject(
    Request(URL, APP, "PUT", (("Authorization", "Bearer x"), ("Content-Type", "a/b"))),
    known_good=("https://partner.example.net",),
)


def facts(preflight: Answer | None = None, response: Answer | None = None) -> Facts:
    asked = Asked("PUT", URL, APP)
    return Facts(Observation("", preflight or Answer(), response or Answer(), asked))


def planned(seen: Facts) -> list[str]:
    """The names of the probes in the order planned, where none of them tells anything."""
    done: list[str] = []
    while (probe := next_probe(seen, rank(seen), SUBJECT, done)) is not None:
        done.append(probe.name)
    return done


SEEN = {
    f"{part} {status}": facts(**{part: Answer(status)})
    for part in ("preflight", "response")
    for status in (200, 204, 302, 400, 401, 403, 404, 405, 429, 500, 503)
}
READABLE = facts(
    Answer(204, (("access-control-allow-origin", APP),)),
    Answer(200, (("access-control-allow-origin", APP),)),
)


def test_the_tables_speak_of_classes_and_of_each_other() -> None:
    assert len({probe.name for probe in PROBES}) == len(PROBES)
    assert {cause for probe in PROBES for cause in probe.tells} <= set(CAUSES)
    assert {rule.cause for rule in RULES} <= set(CAUSES)
    assert {cause for cause, *_ in CONTRADICTED_BY_PROBES} <= set(CAUSES)
    assert all(rule.name.startswith(PROBED) for rule in RULES)


@pytest.mark.parametrize("name", [*SEEN, "readable"])
def test_probes_change_nothing_and_stay_on_the_server(name: str) -> None:
    seen, done = SEEN.get(name, READABLE), []
    while (probe := every_probe(seen, SUBJECT, done)) is not None:
        done.append(probe.name)
        for wire in probe.requests(seen, SUBJECT):
            assert wire.method in {"GET", "OPTIONS"}
            assert wire.body is None
            assert wire.url.startswith("https://api.example.com/")


@pytest.mark.parametrize("name", SEEN)
def test_only_what_tells_open_causes_apart_is_planned(name: str) -> None:
    seen = SEEN[name]
    known = {probe.name: probe for probe in PROBES}
    for probe in planned(seen):
        undecided = suspects(seen) | {each.cause for each in rank(seen)}
        assert known[probe].tells & (undecided | {"instance-drift", "cache-vary"})


def test_a_401_to_a_preflight_needs_no_more_than_the_repeats() -> None:
    assert planned(SEEN["preflight 401"]) == ["repeat"]


def test_limits_and_errors_are_not_asked_for_again() -> None:
    assert planned(SEEN["preflight 429"]) == []
    assert "repeat" not in planned(SEEN["preflight 503"])


def test_a_silent_204_is_asked_for_its_lists_first() -> None:
    assert planned(SEEN["preflight 204"])[:2] == ["without-request-headers", "with-method-get"]


def test_what_may_be_read_is_asked_what_else_may_be_wrong() -> None:
    names = planned(READABLE)
    assert {"foreign-origin", "look-alike-origin", "without-origin-first", "repeat"} <= set(names)


def test_the_plan_is_the_same_whenever_it_is_made() -> None:
    for seen in SEEN.values():
        assert planned(seen) == planned(seen)


def test_a_preflight_with_credentials_is_only_sent_where_there_are_some() -> None:
    bare = Subject(Request(URL, APP, "PUT"))
    seen = SEEN["preflight 403"]
    (probe,) = (probe for probe in PROBES if probe.name == "with-credentials")
    assert probe.useful(seen, SUBJECT)
    assert not probe.useful(seen, bare)
    (wire,) = probe.requests(seen, SUBJECT)
    assert ("Authorization", "Bearer x") in wire.headers


def test_repeats_that_differ_outweigh_whatever_else_a_probe_has_shown() -> None:
    """A probe that met another instance proves nothing."""
    seen = SEEN["preflight 204"]
    granted = Answer(204, (("access-control-allow-origin", APP),))
    bare = SUBJECT.preflight
    probes = (
        Probed("without-request-headers", bare, granted),
        *(Probed("repeat", bare, answer) for answer in (granted, Answer(204)) * (REPEATS // 2)),
    )
    first, second = seen.observation, probes
    before = Observation("", first.preflight, first.response, first.asked, probes=second[:1])
    after = Observation("", first.preflight, first.response, first.asked, probes=second)
    assert rank(Facts(before))[0].cause == "header-not-allowed"
    assert rank(Facts(after))[0].cause == "instance-drift"


HOST = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,6}){0,3}", fullmatch=True)
PAGES = st.builds(
    lambda scheme, host, port: f"{scheme}://{host}{port}",
    st.sampled_from(["http", "https", "capacitor"]),
    HOST | st.sampled_from(["127.0.0.1", "[::1]", "localhost", "www.example.com"]),
    st.sampled_from(["", ":3000", ":8443"]),
).filter(is_origin)


@given(PAGES)
def test_origins_near_a_page_are_few_different_and_say_how(page: str) -> None:
    found = origins.near(page, URL)
    names = [origin for origin, _ in found]
    assert 0 < len(found) <= origins.MOST
    assert len(set(names)) == len(names)
    assert page not in names
    assert all(why for _, why in found)


@given(PAGES)
def test_look_alikes_are_origins_of_somebody_else(page: str) -> None:
    found = origins.look_alikes(page)
    assert all(is_origin(origin) for origin in found)
    assert page not in found


def test_an_opaque_page_has_no_neighbours_but_the_server() -> None:
    assert [origin for origin, _ in origins.near("null", URL)] == ["https://api.example.com"]
