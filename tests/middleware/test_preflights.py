"""A preflight is answered here and never reaches the app; every other OPTIONS does."""

from __future__ import annotations

import pytest

from tests.middleware.conftest import Interface
from tests.middleware.exchange import ALLOWED, OPTIONS, REFUSED, App, preflight


def test_an_allowed_preflight_gets_the_whole_policy(interface: Interface) -> None:
    """The full lists, so that a console can name the method or header that is missing."""
    options = {**OPTIONS, "allow_headers": ["X-Token"], "expose_headers": ["ETag"], "max_age": 600}
    app = App()

    answer = interface.ask(interface.around(app, **options), **preflight(ALLOWED, "DELETE"))

    assert answer.status == 204
    assert answer.body == b""
    assert answer.cors() == {
        "access-control-allow-origin": ALLOWED,
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "X-Token",
        "access-control-max-age": "600",
    }
    assert answer.vary() == [
        "origin",
        "access-control-request-method",
        "access-control-request-headers",
    ]
    assert answer.all("content-length") == []
    assert app.reached == []


def test_a_refused_preflight_gets_403_and_vary_and_nothing_else(interface: Interface) -> None:
    app = App()

    answer = interface.ask(interface.around(app, **OPTIONS), **preflight(REFUSED))

    assert (answer.status, answer.body, answer.cors()) == (403, b"", {})
    assert answer.vary()[0] == "origin"
    assert answer.all("content-length") == ["0"]
    assert app.reached == []


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Origin", ALLOWED),),
        (("Access-Control-Request-Method", "PUT"),),
        (("Origin", ""), ("Access-Control-Request-Method", "PUT")),
        (("Origin", ALLOWED), ("Access-Control-Request-Method", "")),
    ],
    ids=["bare", "no method", "no origin", "empty origin", "empty method"],
)
def test_any_other_options_is_the_apps(interface: Interface, headers: tuple) -> None:
    app = App(headers=(("Allow", "GET, OPTIONS"),))

    answer = interface.ask(interface.around(app, **OPTIONS), "OPTIONS", headers=headers)

    assert answer.body == b"from the app"
    assert answer.all("allow") == ["GET, OPTIONS"]
    assert app.reached == ["OPTIONS"]


def test_the_requested_headers_are_never_read(interface: Interface) -> None:
    """So a list of 64 KiB, in one line or in many, costs no more than none and changes nothing."""
    cors = interface.around(App(), **OPTIONS)
    plain = interface.ask(cors, **preflight(ALLOWED))
    commas = [("Access-Control-Request-Headers", "," * 65536)]
    lines = [("Access-Control-Request-Headers", f"x-{n}") for n in range(1000)]

    for hostile in (commas, lines):
        assert interface.ask(cors, **preflight(ALLOWED, "PUT", *hostile)) == plain


@pytest.mark.parametrize("second", [ALLOWED, REFUSED, ""])
def test_two_origin_lines_are_no_origin(interface: Interface, second: str) -> None:
    cors = interface.around(App(), **OPTIONS)
    both = (("Origin", ALLOWED), ("Origin", second))

    asked = interface.ask(cors, "OPTIONS", headers=(*both, *preflight("x")["headers"][1:]))
    actual = interface.ask(cors, headers=both)

    assert (asked.status, asked.cors()) == (403, {})
    assert actual.cors() == {}
    assert actual.vary() == ["origin"]


def test_an_origin_that_is_too_long_is_refused_and_not_kept(interface: Interface) -> None:
    """Only what a browser can send is remembered, so that strangers cannot fill the memory."""
    cors = interface.around(App(), **OPTIONS)

    for n in range(3):
        answer = interface.ask(cors, headers=(("Origin", f"https://{n}" + "a" * 60_000),))
        assert answer.cors() == {}

    assert len(cors._plan.only.actual) == 1


def test_made_up_origins_do_not_grow_the_memory_without_bound(interface: Interface) -> None:
    cors = interface.around(App(), **OPTIONS)

    actual = cors._plan.only.actual

    for n in range(5000):
        assert not actual[cors._wire.write(f"https://{n}.example")].lines
        assert len(actual) <= 4096

    assert actual[cors._wire.write(ALLOWED)].lines


def test_any_origin_gets_the_constant_star(interface: Interface) -> None:
    cors = interface.around(App(), allow_origins="*")

    asked = interface.ask(cors, **preflight("https://anyone.example"))
    actual = interface.ask(cors)

    assert asked.cors()["access-control-allow-origin"] == "*"
    assert actual.cors() == {"access-control-allow-origin": "*"}
    assert actual.vary() == []
