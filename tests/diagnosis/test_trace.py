"""Hop by hop: what happens to an answer on its way out, and who made it."""

from __future__ import annotations

import pytest

from corsage.browser import Headers
from corsage.diagnosis import trace
from corsage.diagnosis.observation import Answer, AtHop

APP = "https://app.example"
ORIGIN = "access-control-allow-origin"


def hop(name: str, *headers: tuple[str, str], status: int = 200, preflight: int = 204) -> AtHop:
    return AtHop(name, Answer(preflight, headers), Answer(status, headers))


def line(value: str) -> tuple[str, str]:
    return (ORIGIN, value)


@pytest.mark.parametrize(
    ("inside", "outside", "kind"),
    [
        ((), (line(APP),), "appears"),
        ((line(APP),), (line(APP), line(APP)), "is doubled"),
        ((), (line(APP), line(APP)), "is doubled"),
        ((line("*"),), (line(APP),), "changes"),
        ((line(APP),), (), "vanishes"),
    ],
)
def test_the_hop_at_which_a_header_changes_is_named(
    inside: Headers, outside: Headers, kind: str
) -> None:
    hops = (hop("gateway", *outside), hop("service", *inside))
    found = [c for c in trace.changes(hops) if (c.hop, c.part) == ("gateway", "response")]

    assert [(change.header, change.kind) for change in found] == [(ORIGIN, kind)]


def test_what_the_innermost_hop_sends_appears_there() -> None:
    hops = (hop("gateway", line(APP)), hop("service", line(APP)))

    assert {(c.hop, c.kind) for c in trace.changes(hops)} == {("service", "appears")}


def test_lists_in_another_order_or_on_more_lines_are_the_same() -> None:
    inside = (("vary", "Origin, Accept"),)
    outside = (("vary", "accept"), ("vary", "origin"))

    assert [c.hop for c in trace.changes((hop("a", *outside), hop("b", *inside)))] == ["b", "b"]


def test_a_hop_that_gives_no_answer_hides_what_came_from_it() -> None:
    silent = AtHop("service", Answer(0), Answer(0), "refused")
    found = trace.changes((hop("gateway", line(APP), status=502), silent))

    assert {(c.hop, c.kind) for c in found} == {("gateway", "appears")}


def test_who_made_an_answer_is_the_innermost_that_says_the_same() -> None:
    hops = (hop("cdn", status=502), hop("gateway", status=502), hop("service", status=200))

    assert trace.maker(hops, "response") == 1
    assert trace.maker(hops, "preflight") == 2
    assert trace.maker((AtHop("cdn", silence="refused"),), "response") is None


def test_headers_that_are_added_on_the_way_do_not_make_it_another_answer() -> None:
    hops = (hop("gateway", line(APP), status=404), hop("service", status=404))

    assert trace.maker(hops, "response") == 1
    assert trace.writer(hops, ORIGIN) == 0


@pytest.mark.parametrize(
    ("name", "server", "last", "told"),
    [
        ("nginx", "", False, ("nginx", "nginx")),
        ("my ingress", "nginx/1.27", False, ("ingress", "ingress-nginx")),
        ("CDN", "nginx/1.27", False, ("CDN", "nginx")),
        ("outer", "envoy", False, ("gateway", "Envoy")),
        ("outer", "", False, ("gateway", "")),
        ("inner", "", True, ("service", "")),
    ],
)
def test_a_hop_is_known_by_its_name_by_what_it_says_or_by_its_place(
    name: str, server: str, last: bool, told: tuple[str, str]
) -> None:
    headers = (("server", server),) if server else ()
    hops = (hop("outside"), hop(name, *headers), *(() if last else (hop("behind"),)))

    assert trace.kind_of(hops, 1) == told


def test_what_a_hop_behind_says_of_itself_is_not_taken_for_the_one_in_front() -> None:
    signed = (("x-powered-by", "Express"),)

    assert trace.kind_of((hop("outer", *signed), hop("inner", *signed)), 0) == ("gateway", "")
