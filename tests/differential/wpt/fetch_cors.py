"""The pages of ``fetch/api/cors/``."""

from __future__ import annotations

from collections.abc import Callable

from corsage.browser import Headers
from tests.differential.plan import Plan
from tests.differential.wpt.expectation import Expect
from tests.differential.wpt.shared import (
    CUSTOM,
    FORCED,
    NO_PREFLIGHT,
    OK,
    ONE_PREFLIGHT,
    REDIRECTS,
    REJECTED,
    A,
    B,
    Cases,
    P,
    expose_star,
    preflight_status,
)


def _cors_basic() -> Cases:
    for way in ("A", "B"):
        yield f"{way} no-cors", Plan(way=way, mode="no-cors", acao=("*",)), Expect("opaque")
        yield f"{way} forbidden", Plan(way=way, acao=()), REJECTED
        yield f"{way} allowed", Plan(way=way, acao=("*",)), OK


def _cors_origin() -> Cases:
    for way, own in (("A", A), ("B", B)):
        for method in ("GET", "POST", "HEAD", "PUT"):
            yield f"{way} {method} right origin", Plan(way=way, method=method), OK
            yield (
                f"{way} {method} its own origin",
                Plan(way=way, method=method, acao=(own,)),
                REJECTED,
            )
    yield "empty origin", Plan(acao=("",)), REJECTED


def _cors_filtering() -> Cases:
    readable = "Cache-Control Content-Language Content-Type Expires Last-Modified Pragma"
    for name in readable.split():
        yield name, Plan(acao=("*",), extra=((name, "x"),)), Expect("cors", has=(name.lower(),))
    yield "Content-Length", Plan(acao=("*",)), Expect("cors", has=("content-length",))
    for name in ("Age", "Server", "Warning", "Set-Cookie", "Set-Cookie2"):
        line = ((name, "x"),)
        yield name, Plan(acao=("*",), extra=line), Expect("cors", lacks=(name.lower(),))
    for name in ("Age", "Server", "Warning"):
        exposed = Plan(aceh=(name,), extra=((name, "x"),))
        yield f"{name} exposed", exposed, Expect("cors", has=(name.lower(),))
    for name in ("Set-Cookie", "Set-Cookie2"):
        for mode in ("omit", "include"):
            plan = Plan(aceh=(name,), extra=((name, "x"),), credentials=mode)
            yield f"{name} exposed {mode}", plan, Expect("cors", lacks=(name.lower(),))


def _multiple_origins() -> Cases:
    for values in (
        ('""', "http://example.com", P), ('""', "http://example.com", "*"), ('""', P, P),
        ("*", "http://example.com", "*"), ("*", "http://example.com", P),
        ("", "http://example.com", "https://example2.com"),
    ):  # fmt: skip
        yield ", ".join(values), Plan(acao=(", ".join(values),)), REJECTED


def _no_preflight() -> Cases:
    for way in ("A", "B"):
        for method in ("GET", "POST", "HEAD"):
            yield f"{way} {method}", Plan(way=way, method=method), NO_PREFLIGHT
    for name, value in (
        ("Accept", "*/*"), ("Accept-Language", "fr"), ("Content-Language", "fr"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Type", "multipart/form-data"), ("Content-Type", "text/plain"),
        ("Content-Type", "text/plain;charset=utf-8"), ("Content-Type", "Text/Plain;charset=utf-8"),
    ):  # fmt: skip
        yield f"{name}: {value}", Plan(headers=((name, value),), acah=()), NO_PREFLIGHT


def _preflight() -> Cases:
    for method in ("DELETE", "PUT", "PATCH", "patch", "NEW", "CHICKEN"):
        yield f"{method} allowed", Plan(method=method), ONE_PREFLIGHT
        yield f"{method} refused", Plan(method=method, acam=()), REJECTED
    many = (("x-test1", "1"), ("Content-Type", "a/b"), ("X-test0", "1"), ("x-test", "1"))
    for method in ("GET", "PUT", "POST"):
        asked = Expect("cors", preflights=1, asked="content-type,x-test,x-test0,x-test1")
        yield f"{method} several headers allowed", Plan(method=method, headers=many), asked
        yield f"{method} header refused", Plan(method=method, headers=CUSTOM, acah=()), REJECTED
    safe = (("Accept", "*"), ("Accept-Language", "bzh"), ("Content-Language", "eu"))
    mixed = Plan(method="PUT", headers=(*CUSTOM, *safe))
    yield "safelisted names are not asked for", mixed, Expect("cors", asked="x-custom")


def _not_safelisted() -> Cases:
    for name, value in (
        ("accept", '"'), ("accept", "0" * 129), ("accept-language", "\x01"),
        ("accept-language", "@"), ("authorization", "basics"), ("content-language", "\x01"),
        ("content-language", "@"), ("content-type", "text/html"),
        ("content-type", "text/plain; long=" + "0" * 120), ("range", "bytes 0-"), ("test", "hi"),
    ):  # fmt: skip
        asked = Expect("cors", preflights=1, asked=name)
        yield f"{name}: {value[:20]!r}", Plan(headers=((name, value),)), asked


def _preflight_redirect() -> Cases:
    for status in REDIRECTS:
        plan = Plan(headers=FORCED, preflight_status=status, preflight_location=("<here>",))
        yield f"preflight {status}", plan, REJECTED


def _response_validation() -> Cases:
    forced = {"headers": FORCED, "method": "GET"}
    yield "headers", Plan(**forced, acah=("x-force-preflight,Bad value",)), REJECTED  # type: ignore[arg-type]
    yield "methods", Plan(**forced, acam=("Bad value",)), REJECTED  # type: ignore[arg-type]


def _preflight_star() -> Cases:
    def case(ok: bool, include: bool, acam: str, acah: str, method: str, headers: Headers):  # type: ignore[no-untyped-def]
        plan = Plan(
            credentials="include" if include else "omit",
            acam=(acam,),
            acah=(acah,),
            method=method,
            headers=headers,
        )
        about = f"{method} {[n for n, _ in headers]} by {acam!r} {acah!r} include={include}"
        return about, plan, OK if ok else REJECTED

    test = (("X-Test", "1"),)
    auth = (("Authorization", "123"),)
    yield case(True, False, "get", "x-test", "GET", test)
    yield case(True, False, "*", "x-test", "SUPER", test)
    yield case(True, False, "*", "*", "OK", test)
    yield case(False, True, "*", "*", "OK", test)
    yield case(False, True, "*", "", "PUT", ())
    yield case(False, True, "get", "*", "GET", test)
    yield case(False, True, "*", "*", "GET", test)
    yield case(True, True, "*", "*", "*", (("*", "1"),))
    for upper in ("GET", "HEAD", "POST"):
        for listed, asked in ((upper, upper), (upper, upper.lower()), (upper.lower(), upper)):
            yield case(True, True, listed, "*", asked, ())
    for upper in ("DELETE", "PUT"):
        yield case(True, True, upper, "*", upper, ())
        yield case(True, True, upper, "*", upper.lower(), ())
        yield case(False, True, upper.lower(), "*", upper, ())
        yield case(False, True, upper.lower(), "*", upper.lower(), ())
    yield case(True, True, "PATCH", "*", "PATCH", ())
    yield case(False, True, "PATCH", "*", "patch", ())
    yield case(False, True, "patch", "*", "PATCH", ())
    yield case(True, True, "patch", "*", "patch", ())
    yield case(False, False, "*", "*", "POST", auth)
    yield case(True, False, "*", "*, Authorization", "POST", auth)


def _redirect_credentials() -> Cases:
    ways = {"PA": A, "AP": P, "AA": A, "AB": B}
    for status in REDIRECTS:
        yield f"{status} PA without", Plan(way="PA", redirect_status=status), OK
        for way, to in ways.items():
            for userinfo in ("user:password", "user:", ":password"):
                location = f"{to.replace('://', f'://{userinfo}@')}/c/<id>/1"
                plan = Plan(way=way, redirect_status=status, location=(location,))
                yield f"{status} {way} {userinfo}", plan, REJECTED


def _redirect_preflight() -> Cases:
    for status in REDIRECTS:
        for way in ("PA", "AP", "AB"):
            star = {"way": way, "headers": CUSTOM, "redirect_status": status, "acao": ("*",)}
            yield f"{status} {way} allowed", Plan(**star, at_hop=1), OK  # type: ignore[arg-type]
            refused = Plan(**star, acah=(), at_hop=1)  # type: ignore[arg-type]
            yield f"{status} {way} refused", refused, REJECTED


def _cors_redirect() -> Cases:
    for status in REDIRECTS:
        for way, origin in (("AA", P), ("AB", "null"), ("PA", P), ("AP", "null")):
            expect = Expect("cors", status=200, preflights=0, origin=origin)
            yield f"{status} {way}", Plan(way=way, redirect_status=status), expect


PAGES: dict[str, Callable[[], Cases]] = {
    "fetch/api/cors/cors-basic": _cors_basic,
    "fetch/api/cors/cors-expose-star": expose_star,
    "fetch/api/cors/cors-filtering": _cors_filtering,
    "fetch/api/cors/cors-multiple-origins": _multiple_origins,
    "fetch/api/cors/cors-no-preflight": _no_preflight,
    "fetch/api/cors/cors-origin": _cors_origin,
    "fetch/api/cors/cors-preflight": _preflight,
    "fetch/api/cors/cors-preflight-not-cors-safelisted": _not_safelisted,
    "fetch/api/cors/cors-preflight-redirect": _preflight_redirect,
    "fetch/api/cors/cors-preflight-response-validation": _response_validation,
    "fetch/api/cors/cors-preflight-star": _preflight_star,
    "fetch/api/cors/cors-preflight-status": lambda: preflight_status(
        (*range(200, 207), *range(300, 309), *range(400, 406), *range(501, 506))
    ),
    "fetch/api/cors/cors-redirect": _cors_redirect,
    "fetch/api/cors/cors-redirect-credentials": _redirect_credentials,
    "fetch/api/cors/cors-redirect-preflight": _redirect_preflight,
}
