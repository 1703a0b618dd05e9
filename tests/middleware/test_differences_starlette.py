"""What Starlette's CORSMiddleware does otherwise, each fact shown on the library itself."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from corsage import Cors
from tests.middleware.exchange import ALLOWED, REFUSED, Answer, App, ask_asgi, preflight

OPTIONS: dict[str, Any] = {"allow_origins": [ALLOWED], "allow_credentials": True}
LISTS: dict[str, Any] = {"allow_methods": ["GET", "PUT"], "allow_headers": ["X-Token"]}


def both(app: App | None = None, options: Any = OPTIONS, **asking: Any) -> tuple[Answer, Answer]:
    """Starlette's answer and ours, to the same request with the same arguments."""
    inner = (app or App()).asgi
    theirs = ask_asgi(CORSMiddleware(inner, **options), **asking)
    return theirs, ask_asgi(Cors(inner, **options), **asking)


def test_it_allows_every_origin_with_credentials_for_a_star() -> None:
    """Cors refuses the pair when the app is built (test_options.py)."""
    options = {"allow_origins": ["*"], "allow_credentials": True}
    theirs = ask_asgi(CORSMiddleware(App().asgi, **options), headers=(("Origin", REFUSED),))

    assert theirs.cors()["access-control-allow-origin"] == REFUSED
    assert theirs.cors()["access-control-allow-credentials"] == "true"


def _crash(request: Request) -> Response:
    raise RuntimeError("as it happens")


def test_its_500s_have_no_headers_where_add_middleware_puts_it() -> None:
    """Inside Starlette's own error page; Cors goes around the whole app."""
    asking = {"path": "/crash", "headers": (("Origin", ALLOWED),)}
    middleware = [Middleware(CORSMiddleware, **OPTIONS)]
    theirs = ask_asgi(Starlette(routes=[Route("/crash", _crash)], middleware=middleware), **asking)
    ours = ask_asgi(Cors(Starlette(routes=[Route("/crash", _crash)]), **OPTIONS), **asking)

    assert (theirs.status, theirs.cors()) == (500, {})
    assert ours.status == 500
    assert ours.cors()["access-control-allow-origin"] == ALLOWED


def test_added_as_starlettes_middleware_cors_answers_a_crash_itself() -> None:
    """With the headers, but before an error page of the app's own: wrap the app to keep that."""
    app = Starlette(routes=[Route("/crash", _crash)], middleware=[Middleware(Cors, **OPTIONS)])
    answer = ask_asgi(app, path="/crash", headers=(("Origin", ALLOWED),))

    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert answer.cors()["access-control-allow-origin"] == ALLOWED
    assert isinstance(answer.error, RuntimeError)


def test_it_reads_only_the_first_line_of_requested_headers() -> None:
    lines = [("Access-Control-Request-Headers", name) for name in ("x-token", "x-forbidden")]
    theirs, ours = both(options={**OPTIONS, **LISTS}, **preflight(ALLOWED, "PUT", *lines))

    assert theirs.status == 200
    assert ours.cors()["access-control-allow-headers"] == "X-Token"  # the browser compares


def test_it_refuses_lists_with_empty_elements() -> None:
    """Which RFC 9110, section 5.6.1.2, wants read; some proxies make them."""
    line = ("Access-Control-Request-Headers", "x-token,,x-token")
    theirs, ours = both(options={**OPTIONS, **LISTS}, **preflight(ALLOWED, "PUT", line))

    assert (theirs.status, ours.status) == (400, 204)


def test_it_refuses_a_preflight_for_post_that_is_not_listed() -> None:
    """Browsers send one for an upload with progress, and need no permission for POST."""
    theirs, ours = both(**preflight(ALLOWED, "POST"))

    assert (theirs.status, ours.status) == (400, 204)


def test_it_tells_a_stranger_the_policy() -> None:
    theirs, ours = both(options={**OPTIONS, **LISTS}, **preflight(REFUSED))

    assert "access-control-allow-credentials" in theirs.cors()
    assert "access-control-allow-headers" in theirs.cors()
    assert ours.cors() == {}


def test_it_lets_the_apps_own_headers_reach_a_stranger() -> None:
    app = App(headers=(("Access-Control-Allow-Origin", REFUSED),))
    theirs, ours = both(app, headers=(("Origin", REFUSED),))

    assert theirs.cors()["access-control-allow-origin"] == REFUSED
    assert theirs.cors()["access-control-allow-credentials"] == "true"
    assert ours.cors() == {}


def test_it_repeats_what_the_apps_vary_names() -> None:
    theirs, ours = both(App(headers=(("Vary", "Origin"),)), headers=(("Origin", ALLOWED),))

    assert (theirs.vary(), ours.vary()) == (["origin", "origin"], ["origin"])


def test_it_varies_by_origin_where_every_origin_gets_the_same() -> None:
    """Which makes a cache keep one copy for each site."""
    theirs, ours = both(options={"allow_origins": ["*"]}, headers=(("Origin", ALLOWED),))

    assert (theirs.vary(), ours.vary()) == (["origin"], [])


def test_it_takes_the_first_of_two_origins() -> None:
    theirs, ours = both(headers=(("Origin", ALLOWED), ("Origin", REFUSED)))

    assert theirs.cors()["access-control-allow-origin"] == ALLOWED
    assert ours.cors() == {}


def test_it_fails_preflights_that_ask_for_the_private_network() -> None:
    line = ("Access-Control-Request-Private-Network", "true")
    theirs, ours = both(**preflight(ALLOWED, "GET", line))

    assert (theirs.status, ours.status) == (400, 204)


def test_its_allowed_preflight_is_a_200_with_a_body() -> None:
    theirs, ours = both(options={**OPTIONS, **LISTS}, **preflight(ALLOWED))

    assert (theirs.status, theirs.body) == (200, b"OK")
    assert (ours.status, ours.body) == (204, b"")


def test_it_says_600_seconds_where_no_max_age_is_given() -> None:
    """Cors leaves the header out; browsers take five seconds then."""
    theirs, ours = both(options={**OPTIONS, **LISTS}, **preflight(ALLOWED))

    assert theirs.cors()["access-control-max-age"] == "600"
    assert "access-control-max-age" not in ours.cors()


def test_any_method_is_a_list_of_eight_there() -> None:
    """Starlette's star names the usual methods; a browser's star means any, without credentials."""
    options = {"allow_origins": [ALLOWED], "allow_methods": ["*"]}
    theirs, ours = both(options=options, **preflight(ALLOWED, "PURGE"))

    assert (theirs.status, ours.status) == (400, 204)
    assert ours.cors()["access-control-allow-methods"] == "*"


def test_plain_responses_pass_alike() -> None:
    async def page(request: Request) -> Response:
        return PlainTextResponse("hello")

    app = Starlette(routes=[Route("/", page)])
    theirs = ask_asgi(CORSMiddleware(app, **OPTIONS), headers=(("Origin", ALLOWED),))
    ours = ask_asgi(Cors(app, **OPTIONS), headers=(("Origin", ALLOWED),))

    assert (theirs.status, theirs.body, theirs.cors()) == (ours.status, ours.body, ours.cors())
