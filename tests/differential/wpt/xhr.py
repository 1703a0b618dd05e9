"""The pages of ``xhr/`` that are about CORS."""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.plan import Plan
from tests.differential.wpt.expectation import Expect
from tests.differential.wpt.shared import (
    CUSTOM,
    NO_PREFLIGHT,
    OK,
    ONE_PREFLIGHT,
    REJECTED,
    Cases,
    P,
    expose_star,
    xhr,
)


def _upload_listeners() -> Cases:
    watched = xhr(method="POST", body="xo", upload_listeners=True)
    yield "listeners before send", watched, ONE_PREFLIGHT


def _redirects_xhr() -> Cases:
    test = (("x-test", "t"),)
    star = ("*",)
    userinfo = "http://username:password@localhost:18102/c/<id>/1"
    preflight = {"preflight_status": 302, "preflight_location": ("<here>",), "headers": test}
    yield "redirect without allow-origin", xhr(way="AA", acao=()), REJECTED
    yield "to a star", xhr(way="AA", acao=star, at_hop=1), OK
    yield "to userinfo", xhr(way="AA", location=(userinfo,)), REJECTED
    yield "to a bad scheme", xhr(way="AA", location=("foo://bar.cgi",)), REJECTED
    yield "preflight redirected", xhr(way="AA", **preflight, acah=()), REJECTED
    yield "preflight redirected, header allowed", xhr(way="AA", **preflight), REJECTED
    yield "same origin", xhr(way="PP", headers=test, acao=()), Expect("basic", status=200)


def _redirects_from_home() -> Cases:
    for credentials in ("same-origin", "include"):
        include = credentials == "include"
        one = {"way": "PA", "at_hop": 1, "credentials": credentials}
        yield f"{credentials} star", xhr(**one, acao=("*",)), REJECTED if include else OK
        yield f"{credentials} echo", xhr(**one), OK
        yield f"{credentials} no credentials", xhr(**one, acac=()), REJECTED if include else OK


def _xhr_preflight() -> Cases:
    many = tuple((f"X-Custom-{n}", "foobar") for n in ("Test", "ua", "V", "s", "U"))
    names = "x-custom-s,x-custom-test,x-custom-u,x-custom-ua,x-custom-v"
    yield "sorted", xhr(headers=many), Expect("cors", asked=names)
    yield "lower case", xhr(headers=(("X-Test", "f"),)), Expect("cors", asked="x-test")
    yield "star allows", xhr(headers=(("X-Test", "f"),), acah=("*",)), OK
    yield "header refused", xhr(headers=CUSTOM, acah=()), REJECTED
    yield "method refused", xhr(method="DELETE", acam=()), REJECTED
    yield "preflight without CORS", xhr(method="PUT", acao=(), side="preflight"), REJECTED
    for status in (301, 400, 501):
        yield f"preflight {status}", xhr(headers=CUSTOM, preflight_status=status), REJECTED
    origin = (("Origin", "http://x.example"), *CUSTOM)
    yield "Origin cannot be set", xhr(headers=origin), Expect("cors", asked="x-custom", origin=P)


def _xhr_simple() -> Cases:
    text = (("Content-Type", "text/plain; charset=UTF-8"),)
    safe = (("Accept", "*"), ("Accept-Language", "ru"), ("Content-Language", "ru"), text[0])
    webkit = (("X-Webkit", "foobar"), ("Content-Language", "en"), ("Expires", "0"))
    named = Plan(aceh=("X-foo", "x-bar"), extra=(("X-FOO", "1"), ("x-bar", "2"), ("x-test", "3")))
    yield "denied", xhr(acao=()), REJECTED
    yield "star", xhr(acao=("*",)), OK
    yield "echo with credentials", xhr(credentials="include"), OK
    yield "custom header denied", xhr(headers=CUSTOM, acah=()), REJECTED
    yield "PUT", xhr(method="PUT", headers=text, body="x", acah=()), OK
    yield "safelisted request headers", xhr(method="POST", headers=safe), NO_PREFLIGHT
    hidden = Expect("cors", has=("content-language", "expires"), lacks=("x-webkit",))
    yield "safelisted response headers", xhr(extra=webkit), hidden
    xml = (("Content-Type", "application/xml"),)
    yield "POST xml denied", xhr(method="POST", headers=xml, body="x", acah=()), REJECTED
    yield "POST xml allowed", xhr(method="POST", headers=xml, body="x"), ONE_PREFLIGHT
    yield "POST without type", xhr(method="POST"), NO_PREFLIGHT
    shown = Expect("cors", has=("x-foo", "x-bar"), lacks=("x-test",))
    yield "exposed", xhr(aceh=named.aceh, extra=named.extra), shown


def _sandboxed() -> Cases:
    yield "null", xhr(page="sandboxed"), Expect("cors", origin="null")
    yield "star", xhr(page="sandboxed", acao=("*",)), Expect("cors", origin="null")
    yield "page's origin", xhr(page="sandboxed", acao=(P,)), REJECTED
    yield "nothing", xhr(page="sandboxed", acao=()), REJECTED


PAGES: dict[str, Callable[[], Cases]] = {
    "xhr/access-control-and-redirects-async": _redirects_xhr,
    "xhr/access-control-and-redirects-async-same-origin": _redirects_from_home,
    "xhr/access-control-basic-*": _xhr_simple,
    "xhr/access-control-preflight-*": _xhr_preflight,
    "xhr/access-control-sandboxed-iframe-*": _sandboxed,
    "xhr/cors-expose-star": lambda: expose_star(by_xhr=True),
    "xhr/event-upload-progress-crossorigin": _upload_listeners,
}
