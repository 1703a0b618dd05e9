"""The pages of ``cors/``."""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.plan import Plan
from tests.differential.wpt.expectation import Expect
from tests.differential.wpt.shared import (
    CUSTOM,
    NO_PREFLIGHT,
    OK,
    ONE_PREFLIGHT,
    REDIRECTS,
    REJECTED,
    A,
    Cases,
    P,
    preflight_status,
    xhr,
)


def _expose_parsing() -> Cases:
    lines = (("BB-8", "hey"),)
    for values, exposed in (
        (("BB-8",), True), (("bb-8,,@#$#%%&^&^*()()11!",), False), (("bb-8, no no",), False),
        (("@#$#%%&^&^*()()11!,bb-8",), False), (("bb-8", "no"), True), (("bb-8", "no no"), False),
        (("no", "bb-8"), True), (("", "bb-8"), True), ((",bb-8",), True), (("bb-8\x0c",), False),
        (("bb-8\x0b",), False), (("bb-8\x0b,bb-8",), False), (("'bb-8'",), False),
        (("'bb-8',bb-8",), True), (('"bb-8",bb-8',), False),
    ):  # fmt: skip
        expect = Expect("cors", has=("bb-8",)) if exposed else Expect("cors", lacks=("bb-8",))
        yield repr(values), Plan(acao=("*",), aceh=values, extra=lines), expect


def _safelisted_header() -> Cases:
    types = {
        "text /plain": 1, "text\t/\tplain": 1, "text/plain;": 0, "text/plain;garbage": 0,
        "text/plain;garbage\x01\x02": 1, "text/plain,": 1, ",text/plain": 1,
        "text/plain,text/plain": 1, "text/plain,x/x": 1, "text/plain\x0b": 1, "text/plain\x0c": 1,
        "application/www-form-urlencoded": 1, "application/x-www-form-urlencoded;\x7f": 1,
        "multipart/form-data": 0, 'multipart/form-data;"': 1,
    }  # fmt: skip
    ranges = {
        "100-200": 1, "MB=100-200": 1, "bytes=100-200": 0, "bytes =100-200": 1,
        "bytes\t=100-200": 1, "bytes=  100-200": 1, "bytes=\t\t100-200": 1, "bytes= \t100-200": 1,
        "bytes=100 -200": 1, "bytes=100\t-200": 1, "bytes=100- 200": 1, "bytes=100-\t200": 1,
        "bytes=100-200hello": 1, "bytes=abc-def": 1, "bytes=100-200,300-400": 1, "bytes=-200": 1,
        "bytes=200-": 0, "bytes=200-100": 1, "bytes 100-200": 1, "bytes = 100-200": 1,
        ",bytes=100-200": 1, "bytes=,100-200": 1,
    }  # fmt: skip
    for name, table in (("content-type", types), ("range", ranges)):
        for value, preflight in table.items():
            plan = Plan(method="POST", headers=((name, value),), body="data", acah=())
            yield f"{name}: {value!r}", plan, REJECTED if preflight else NO_PREFLIGHT


def _cors_basic_xhr() -> Cases:
    same = Expect("basic", status=200)
    for way in ("P", "A", "B"):
        yield f"{way} none", xhr(way=way, acao=()), same if way == "P" else REJECTED
        yield f"{way} echo", xhr(way=way), same if way == "P" else OK


def _allow_credentials() -> Cases:
    for value in ("TRUE", "True", '"true"', "'true'", "false", "1", "0", ",true", "true,",
                  "true\x0b", "true\x0c"):  # fmt: skip
        yield repr(value), xhr(credentials="include", acac=(value,)), REJECTED


def _allow_origin() -> Cases:
    for value in ("*", " *  ", "\t*", P, f" {P}", f" {P}   \t ", f"\t{P}"):
        yield f"allow {value!r}", xhr(acao=(value,)), Expect("cors", origin=P)
    host = "localhost:18101"
    for value in (
        f"http://www2.{host}", f"//{host}", f"://{host}", f"ftp://{host}", f"http:://{host}",
        f"http:/{host}", f"http:{host}", host, f"{P}?", f"{P}/", f"{P} /", f"{P}#", f"{P}%23",
        f"{P}:80", f"{P}, *", P.upper(), f"HTTP://{host}", "-", "**", ",*", "*,", "\x0b*",
        "\x0c*", "*\x0b", "*\x0c", "'*'", '"*"', "* *", "* null", "*http://*", f"*{P}", f"* {P}",
        f"*, {P}",
        f"null {P}", "http://example.net", "null", "null *", "", f"{P}/cors/origin.htm",
        f"{P}/cors/", A, "localdomain", ".localdomain", "*.localdomain", "http://localdomain",
        "http://.localdomain", "http://*.localdomain",
    ):  # fmt: skip
        yield f"disallow {value!r}", xhr(acao=(value,)), REJECTED
    for first, second in (("", "*"), ("*", ""), ("*", "*"), ("", P), ("*", P), (P, P)):
        yield f"two lines {first!r} {second!r}", xhr(acao=(first, second)), REJECTED


def _redirect_origin_htm() -> Cases:
    for way in ("PA", "AP", "AA", "AB"):
        for first in ("*", P, "null", "none"):
            for second in ("*", P, "null", "none"):
                yield _redirected(way, first, second)
    for way, first, second in (("AA", "*", A), ("AB", "*", A), ("AA", A, "*")):
        yield _redirected(way, first, second)


def _redirected(way: str, first: str, second: str) -> tuple[str, Plan, Expect]:
    # Both answers differ from what would be granted; the grants of the other hop are spelt out.
    arriving = "null" if way in ("AP", "AB") else P
    passes = (way == "PA" or first in ("*", P)) and second in ("*", arriving)
    # The last hop is under test; where the first one is too, its grant is what the way needs.
    plan = xhr(way=way, acao=() if second == "none" else (second,), at_hop=1)
    if way != "PA" and first not in ("*", P):
        plan = xhr(way=way, acao=() if first == "none" else (first,), at_hop=0)
    expect = Expect("cors", status=200, origin=arriving) if passes else REJECTED
    return f"{way} {first} {second}", plan, expect


def _redirect_after_preflight() -> Cases:
    for status in REDIRECTS:
        yield f"{status}", xhr(way="AA", headers=(("x-test", "t"),), redirect_status=status), OK


def _preflight_after_redirect() -> Cases:
    header = (("custom-header", "admin"),)
    yield "refused", xhr(way="PA", headers=header, acao=("*",), acah=(), at_hop=1), REJECTED
    yield "allowed", xhr(way="PA", headers=header, acao=("*",), at_hop=1), ONE_PREFLIGHT


def _redirect_userinfo() -> Cases:
    for userinfo, expect in (("test:test@", REJECTED), ("user:@", REJECTED), ("user@", REJECTED),
                             (":@", OK), (":pass@", REJECTED), ("@", OK)):  # fmt: skip
        location = f"http://{userinfo}localhost:18102/c/<id>/1"
        yield userinfo, xhr(way="AA", location=(location,)), expect


def _request_headers() -> Cases:
    x_print = ("x-print", "unicorn")
    safe = (("content-type", "text/plain"), ("accept", "test"), ("accept-language", "nn"),
            ("content-language", "nn"))  # fmt: skip
    strange = (",y-lol,x-PriNT, ,,,Y-PRINT",)
    both = (x_print, ("y-print", "narwhal"))
    yield "basic", xhr(headers=(x_print,), acah=("x-print",)), Expect("cors", sends=("x-print",))
    simple = xhr(headers=(x_print, *safe), acah=("x-print,",))
    yield "simple ones need not be listed", simple, Expect("cors", sends=("accept", "x-print"))
    yield "unlisted", xhr(headers=both, acah=("x-print",)), REJECTED
    yield "strange list", xhr(headers=both, acah=strange), Expect("cors", sends=("y-print",))


def _response_headers() -> Cases:
    lines = (
        ("X-Custom-Header", "test"), ("X-Custom-Header", "test"), ("X-Custom-Header-Empty", ""),
        ("X-Second-Expose", "flyingpig"), ("X-Powered-By", "x"), ("Server", "x"), ("Date", "x"),
        ("Set-Cookie", "a=b"), ("X-Nonexposed", "x"), ("Cache-Control", "no-cache"),
        ("Content-Language", "nn"), ("Expires", "0"), ("Pragma", "no-cache"),
        ("Last-Modified", "x"),
    )  # fmt: skip
    aceh = ("X-Custom-Header, X-Custom-Header-Empty", "x-second-expose, Date")
    shown = ("x-custom-header", "x-custom-header-empty", "x-second-expose", "date",
             "cache-control", "content-language", "expires", "pragma", "last-modified",
             "content-length")  # fmt: skip
    hidden = ("x-nonexposed", "server", "x-powered-by", "set-cookie", "set-cookie2")
    plan = xhr(acao=("*",), aceh=aceh, extra=lines)
    yield "all", plan, Expect("cors", has=shown, lacks=hidden)


def _simple_requests() -> Cases:
    several = (("accept", "test"), ("accept-language", "test"), ("content-language", "test"),
               ("content-type", "text/plain; parameter=whatever"))  # fmt: skip
    for method in ("GET", "HEAD", "POST"):
        for headers in (
            (("Accept", "test"),), (("accept-language", "test"),), (("CONTENT-language", "test"),),
            (("Content-Type", "application/x-www-form-urlencoded"),),
            (("content-type", "multipart/form-data"),), (("content-type", "text/plain"),), several,
        ):  # fmt: skip
            plan = xhr(method=method, headers=headers, body="data", acah=())
            yield f"{method} {[value for _, value in headers]}", plan, NO_PREFLIGHT
    for method in ("Get", "post"):
        plain = (("content-type", "text/plain"),)
        yield method, xhr(method=method, headers=plain, body="data"), NO_PREFLIGHT


def _status() -> Cases:
    yield "refused 400", xhr(actual_status=400, acao=()), REJECTED
    yield "refused after preflight", xhr(headers=CUSTOM, acao=()), REJECTED
    bad_request = Expect("cors", status=400)
    yield "allowed 400", xhr(actual_status=400), bad_request
    yield "allowed 400 after preflight", xhr(headers=CUSTOM, actual_status=400), bad_request
    yield "preflight 400", xhr(headers=CUSTOM, preflight_status=400), REJECTED


def _status_async() -> Cases:
    for status in (200, 201, 202, 203, 204, 205, 206, 209, 299):
        yield f"GET {status}", xhr(actual_status=status), Expect("cors", status=status)
    for method, status in (("GET", 400), ("HEAD", 401), ("POST", 404), ("POST", 500)):
        plan = xhr(method=method, actual_status=status)
        yield f"{method} {status}", plan, Expect("cors", status=status)
    for method, status in (
        ("PUT", 699), ("CHICKEN", 501), ("GET", 400), ("HEAD", 401), ("POST", 404),
    ):  # fmt: skip
        plan = xhr(method=method, headers=CUSTOM, preflight_status=status, actual_status=status)
        yield f"{method} {status} to the preflight too", plan, REJECTED


def _status_preflight() -> Cases:
    for method, status in (
        ("GET", 200), ("GET", 204), ("GET", 400), ("GET", 401), ("HEAD", 200), ("HEAD", 204),
        ("HEAD", 400), ("HEAD", 401), ("HEAD", 501), ("HEAD", 699), ("POST", 204), ("POST", 400),
        ("POST", 401), ("POST", 404), ("PUT", 699), ("CHICKEN", 501),
    ):  # fmt: skip
        plan = xhr(method=method, headers=CUSTOM, preflight_status=200, actual_status=status)
        yield f"{method} {status}", plan, Expect("cors", status=status, preflights=1)


def _late_upload() -> Cases:
    yield "no preflight", xhr(method="POST", body="xo"), NO_PREFLIGHT
    yield "preflight", xhr(method="POST", body="xo", headers=CUSTOM), ONE_PREFLIGHT


PAGES: dict[str, Callable[[], Cases]] = {
    "cors/access-control-expose-headers-parsing": _expose_parsing,
    "cors/basic": _cors_basic_xhr,
    "cors/cors-safelisted-request-header": _safelisted_header,
    "cors/credentials-flag": _allow_credentials,
    "cors/late-upload-events": _late_upload,
    "cors/origin": _allow_origin,
    "cors/preflight-failure": lambda: preflight_status(
        (200, 299, *range(300, 309), *range(400, 418), *range(500, 506), 680, 790), by_xhr=True
    ),
    "cors/redirect-origin": _redirect_origin_htm,
    "cors/redirect-preflight": _redirect_after_preflight,
    "cors/redirect-preflight-2": _preflight_after_redirect,
    "cors/redirect-userinfo": _redirect_userinfo,
    "cors/request-headers": _request_headers,
    "cors/response-headers": _response_headers,
    "cors/simple-requests": _simple_requests,
    "cors/status": _status,
    "cors/status-async": _status_async,
    "cors/status-preflight": _status_preflight,
}
