"""An exchange through a row of hops, and who did what to it."""

from corsage.browser import Response, WireRequest
from corsage.chain.compose import Link, history, server, travel

APP = "https://app.example.com"
GET = WireRequest("actual", "GET", "https://api.example.com/", (("Origin", APP),))
PREFLIGHT = WireRequest("preflight", "OPTIONS", "https://api.example.com/", (("Origin", APP),))


def test_the_outermost_link_has_the_last_word(make):
    inner = make.layer("express", "billing", origins=[APP], credentials=True)
    outer = make.layer("nginx", "edge", origins=[APP])
    answer = server([Link(outer), Link(inner)])(GET)
    assert answer.headers == (
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
        ("Access-Control-Allow-Origin", APP),
    )


def test_the_history_of_a_header_names_the_link_that_doubles_it(make):
    inner, outer = (
        make.layer("express", "billing", origins=[APP]),
        make.layer(origins=[APP], adds=True),
    )
    journey = travel([Link(outer), Link(inner)], GET)
    told = [
        (change.link.name, change.change, change.after)
        for change in history(journey, "access-control-allow-origin")
    ]
    assert told == [("express billing", "appears", (APP,)), ("nginx edge", "doubles", (APP, APP))]


def test_a_link_that_answers_by_itself_ends_the_journey(make):
    outer = make.layer(origins=[APP], answers_preflights=True)
    inner = make.layer("express", "billing", origins=[APP])
    journey = travel([Link(outer), Link(inner)], PREFLIGHT)
    assert journey.answered_by.name == "nginx edge"
    assert (len(journey.passages), journey.reached) == (1, False)


def test_what_no_link_answers_reaches_the_service(make):
    journey = travel([Link(make.layer())], PREFLIGHT, lambda request: Response(418))
    assert (journey.answer.status, journey.answered_by, journey.reached) == (418, None, True)
