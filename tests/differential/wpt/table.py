"""The rows, by WPT page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from corsage.browser import Headers
from tests.differential.case import Case
from tests.differential.plan import Plan
from tests.differential.wpt.expectation import Expect, Row

P, A, B = "http://localhost:18101", "http://localhost:18102", "http://127.0.0.1:18103"

REDIRECTS = (301, 302, 303, 307, 308)
OK = Expect("cors", status=200)
REJECTED = Expect("rejected")
NO_PREFLIGHT = Expect("cors", status=200, preflights=0)
ONE_PREFLIGHT = Expect("cors", status=200, preflights=1)
CUSTOM = (("X-Custom", "1"),)
FORCED = (("x-force-preflight", ""),)

_Cases = Iterable[tuple[str, Plan, Expect]]


def _xhr(**changes: object) -> Plan:
    return Plan(initiator="xmlhttprequest", **changes)  # type: ignore[arg-type]


def _cors_basic() -> _Cases:
    for way in ("A", "B"):
        yield f"{way} no-cors", Plan(way=way, mode="no-cors", acao=("*",)), Expect("opaque")
        yield f"{way} forbidden", Plan(way=way, acao=()), REJECTED
        yield f"{way} allowed", Plan(way=way, acao=("*",)), OK


def _cors_origin() -> _Cases:
    for way, own in (("A", A), ("B", B)):
        for method in ("GET", "POST", "HEAD", "PUT"):
            yield f"{way} {method} right origin", Plan(way=way, method=method), OK
            yield (
                f"{way} {method} its own origin",
                Plan(way=way, method=method, acao=(own,)),
                REJECTED,
            )
    yield "empty origin", Plan(acao=("",)), REJECTED


def _cors_filtering() -> _Cases:
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


def _expose_star(xhr: bool = False) -> _Cases:
    lines = (("Test", "X"), ("Set-Cookie", "X"), ("*", "whoa"), ("Content-Type", "text/plain"))
    plan = _xhr if xhr else Plan
    star = Expect("cors", has=("test", "*"), lacks=("set-cookie",))
    literal = Expect("cors", has=("content-type", "*"), lacks=("test", "set-cookie"))
    yield "everything", plan(acao=("*",), aceh=("*",), extra=lines), star
    yield "literal", plan(credentials="include", aceh=("*",), extra=lines), literal
    yield "among others", plan(acao=("*",), aceh=("set-cookie,*",), extra=lines), star


def _multiple_origins() -> _Cases:
    for values in (
        ('""', "http://example.com", P), ('""', "http://example.com", "*"), ('""', P, P),
        ("*", "http://example.com", "*"), ("*", "http://example.com", P),
        ("", "http://example.com", "https://example2.com"),
    ):  # fmt: skip
        yield ", ".join(values), Plan(acao=(", ".join(values),)), REJECTED


def _no_preflight() -> _Cases:
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


def _preflight() -> _Cases:
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


def _not_safelisted() -> _Cases:
    for name, value in (
        ("accept", '"'), ("accept", "0" * 129), ("accept-language", "\x01"),
        ("accept-language", "@"), ("authorization", "basics"), ("content-language", "\x01"),
        ("content-language", "@"), ("content-type", "text/html"),
        ("content-type", "text/plain; long=" + "0" * 120), ("range", "bytes 0-"), ("test", "hi"),
    ):  # fmt: skip
        asked = Expect("cors", preflights=1, asked=name)
        yield f"{name}: {value[:20]!r}", Plan(headers=((name, value),)), asked


def _preflight_redirect() -> _Cases:
    for status in REDIRECTS:
        plan = Plan(headers=FORCED, preflight_status=status, preflight_location=("<here>",))
        yield f"preflight {status}", plan, REJECTED


def _response_validation() -> _Cases:
    forced = {"headers": FORCED, "method": "GET"}
    yield "headers", Plan(**forced, acah=("x-force-preflight,Bad value",)), REJECTED  # type: ignore[arg-type]
    yield "methods", Plan(**forced, acam=("Bad value",)), REJECTED  # type: ignore[arg-type]


def _preflight_star() -> _Cases:
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


def _preflight_status(statuses: Iterable[int], xhr: bool = False) -> _Cases:
    for status in statuses:
        make = _xhr if xhr else Plan
        good = Expect("cors", status=200, preflights=1)
        expect = good if 200 <= status <= 299 else REJECTED
        yield f"{status}", make(headers=FORCED, preflight_status=status), expect


def _redirect_credentials() -> _Cases:
    ways = {"PA": A, "AP": P, "AA": A, "AB": B}
    for status in REDIRECTS:
        yield f"{status} PA without", Plan(way="PA", redirect_status=status), OK
        for way, to in ways.items():
            for userinfo in ("user:password", "user:", ":password"):
                location = f"{to.replace('://', f'://{userinfo}@')}/c/<id>/1"
                plan = Plan(way=way, redirect_status=status, location=(location,))
                yield f"{status} {way} {userinfo}", plan, REJECTED


def _redirect_preflight() -> _Cases:
    for status in REDIRECTS:
        for way in ("PA", "AP", "AB"):
            star = {"way": way, "headers": CUSTOM, "redirect_status": status, "acao": ("*",)}
            yield f"{status} {way} allowed", Plan(**star, at_hop=1), OK  # type: ignore[arg-type]
            refused = Plan(**star, acah=(), at_hop=1)  # type: ignore[arg-type]
            yield f"{status} {way} refused", refused, REJECTED


def _cors_redirect() -> _Cases:
    for status in REDIRECTS:
        for way, origin in (("AA", P), ("AB", "null"), ("PA", P), ("AP", "null")):
            expect = Expect("cors", status=200, preflights=0, origin=origin)
            yield f"{status} {way}", Plan(way=way, redirect_status=status), expect


def _back_to_original() -> _Cases:
    yield "no-cors", Plan(way="AP", mode="no-cors", redirect_status=303), Expect("opaque")
    yield "cors", Plan(way="AP", redirect_status=303, acao=("*",)), OK


def _empty_location() -> _Cases:
    for status in (302, 307):
        same = {"way": "PP", "redirect_status": status, "location": ("",)}
        yield f"{status} follow", Plan(**same), REJECTED  # type: ignore[arg-type]
        manual = Plan(**same, redirect="manual")  # type: ignore[arg-type]
        yield f"{status} manual", manual, Expect("opaqueredirect")


def _redirect_location() -> _Cases:
    for status in REDIRECTS:
        here = {"way": "PP", "redirect_status": status}
        for about, location in (("none", ()), ("valid", ("<next>",)), ("invalid", ("http://[",)),
                                ("data", ("data:text/plain,x",))):  # fmt: skip
            follow = {"none": Expect("basic", status=status), "valid": Expect("basic", status=200)}
            plans = {mode: Plan(**here, location=location, redirect=mode)  # type: ignore[arg-type]
                     for mode in ("follow", "manual", "error")}  # fmt: skip
            yield f"{status} {about} follow", plans["follow"], follow.get(about, REJECTED)
            yield f"{status} {about} manual", plans["manual"], Expect("opaqueredirect")
            yield f"{status} {about} error", plans["error"], REJECTED


def _redirect_method() -> _Cases:
    entity = (
        ("Content-Encoding", "Identity"),
        ("Content-Language", "en"),
        ("Content-Location", "foo"),
    )
    names = tuple(name.lower() for name, _ in entity)
    for status, method, after in (
        (301, "GET", "GET"), (301, "POST", "GET"), (301, "HEAD", "HEAD"), (302, "GET", "GET"),
        (302, "POST", "GET"), (302, "HEAD", "HEAD"), (303, "GET", "GET"), (303, "POST", "GET"),
        (303, "HEAD", "HEAD"), (303, "TESTING", "GET"), (307, "GET", "GET"), (307, "POST", "POST"),
        (307, "HEAD", "HEAD"), (308, "POST", "POST"),
    ):  # fmt: skip
        body = "x" if method in ("POST", "TESTING") else None
        plan = Plan(way="PP", method=method, redirect_status=status, headers=entity, body=body)
        if method == after:
            expect = Expect("basic", status=200, method=after, sends=names)
        else:
            expect = Expect("basic", status=200, method=after, omits=(*names, "content-type"))
        yield f"{status} {method}", plan, expect


def _redirect_mode() -> _Cases:
    for status in REDIRECTS:
        for way in ("PP", "AA"):
            for mode in ("cors", "no-cors"):
                for redirect in ("error", "manual", "follow"):
                    plan = Plan(way=way, mode=mode, redirect=redirect, redirect_status=status)
                    about = f"{status} {way} {mode} {redirect}"
                    yield about, plan, _expected_of_mode(way, mode, redirect)
    yield "manual, and CORS fails", Plan(way="AP", redirect="manual", acao=()), REJECTED


def _expected_of_mode(way: str, mode: str, redirect: str) -> Expect:
    crosses = way == "AA"
    if redirect == "error" or (crosses and mode == "no-cors" and redirect != "follow"):
        return REJECTED
    if redirect == "manual":
        return Expect("opaqueredirect")
    return Expect("basic" if not crosses else "opaque" if mode == "no-cors" else "cors")


def _redirect_origin() -> _Cases:
    for status in REDIRECTS:
        for way, origin in (("PA", P), ("AP", "null"), ("AA", P), ("AB", "null")):
            yield (
                f"GET {status} {way}",
                Plan(way=way, redirect_status=status),
                Expect("cors", origin=origin),
            )
        for way, origin in (("PA", P), ("AP", "null"), ("AA", P), ("AB", "null")):
            if status in (307, 308):
                plan = Plan(way=way, redirect_status=status, method="POST")
                yield f"POST {status} {way}", plan, Expect("cors", origin=origin)


def _redirect_schemes() -> _Cases:
    for scheme in (
        "mailto:a@b.c",
        "data:,HI",
        "facetime:a@b.c",
        "about:blank",
        "about:unicorn",
        "blob:x",
    ):
        for mode in ("same-origin", "cors", "no-cors"):
            plan = Plan(way="PP", mode=mode, location=(scheme,))
            yield f"{scheme} {mode}", plan, REJECTED


def _redirect_to_data() -> _Cases:
    for way in ("PP", "AA", "AB", "PA"):
        for mode in ("cors", "no-cors"):
            plan = Plan(way=way, mode=mode, location=("data:text/plain,x",))
            yield f"{way} {mode}", plan, REJECTED


def _redirect_count() -> _Cases:
    yield "20 redirects", Plan(way="P" * 21), Expect("basic", status=200)
    yield "21 redirects", Plan(way="P" * 22), REJECTED


def _expose_parsing() -> _Cases:
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


def _safelisted_header() -> _Cases:
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


def _cors_basic_xhr() -> _Cases:
    same = Expect("basic", status=200)
    for way in ("P", "A", "B"):
        yield f"{way} none", _xhr(way=way, acao=()), same if way == "P" else REJECTED
        yield f"{way} echo", _xhr(way=way), same if way == "P" else OK


def _allow_credentials() -> _Cases:
    for value in ("TRUE", "True", '"true"', "'true'", "false", "1", "0", ",true", "true,",
                  "true\x0b", "true\x0c"):  # fmt: skip
        yield repr(value), _xhr(credentials="include", acac=(value,)), REJECTED


def _allow_origin() -> _Cases:
    for value in ("*", " *  ", "\t*", P, f" {P}", f" {P}   \t ", f"\t{P}"):
        yield f"allow {value!r}", _xhr(acao=(value,)), Expect("cors", origin=P)
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
        yield f"disallow {value!r}", _xhr(acao=(value,)), REJECTED
    for first, second in (("", "*"), ("*", ""), ("*", "*"), ("", P), ("*", P), (P, P)):
        yield f"two lines {first!r} {second!r}", _xhr(acao=(first, second)), REJECTED


def _redirect_origin_htm() -> _Cases:
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
    plan = _xhr(way=way, acao=() if second == "none" else (second,), at_hop=1)
    if way != "PA" and first not in ("*", P):
        plan = _xhr(way=way, acao=() if first == "none" else (first,), at_hop=0)
    expect = Expect("cors", status=200, origin=arriving) if passes else REJECTED
    return f"{way} {first} {second}", plan, expect


def _redirect_after_preflight() -> _Cases:
    for status in REDIRECTS:
        yield f"{status}", _xhr(way="AA", headers=(("x-test", "t"),), redirect_status=status), OK


def _preflight_after_redirect() -> _Cases:
    header = (("custom-header", "admin"),)
    yield "refused", _xhr(way="PA", headers=header, acao=("*",), acah=(), at_hop=1), REJECTED
    yield "allowed", _xhr(way="PA", headers=header, acao=("*",), at_hop=1), ONE_PREFLIGHT


def _redirect_userinfo() -> _Cases:
    for userinfo, expect in (("test:test@", REJECTED), ("user:@", REJECTED), ("user@", REJECTED),
                             (":@", OK), (":pass@", REJECTED), ("@", OK)):  # fmt: skip
        location = f"http://{userinfo}localhost:18102/c/<id>/1"
        yield userinfo, _xhr(way="AA", location=(location,)), expect


def _request_headers() -> _Cases:
    x_print = ("x-print", "unicorn")
    safe = (("content-type", "text/plain"), ("accept", "test"), ("accept-language", "nn"),
            ("content-language", "nn"))  # fmt: skip
    strange = (",y-lol,x-PriNT, ,,,Y-PRINT",)
    both = (x_print, ("y-print", "narwhal"))
    yield "basic", _xhr(headers=(x_print,), acah=("x-print",)), Expect("cors", sends=("x-print",))
    simple = _xhr(headers=(x_print, *safe), acah=("x-print,",))
    yield "simple ones need not be listed", simple, Expect("cors", sends=("accept", "x-print"))
    yield "unlisted", _xhr(headers=both, acah=("x-print",)), REJECTED
    yield "strange list", _xhr(headers=both, acah=strange), Expect("cors", sends=("y-print",))


def _response_headers() -> _Cases:
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
    plan = _xhr(acao=("*",), aceh=aceh, extra=lines)
    yield "all", plan, Expect("cors", has=shown, lacks=hidden)


def _simple_requests() -> _Cases:
    several = (("accept", "test"), ("accept-language", "test"), ("content-language", "test"),
               ("content-type", "text/plain; parameter=whatever"))  # fmt: skip
    for method in ("GET", "HEAD", "POST"):
        for headers in (
            (("Accept", "test"),), (("accept-language", "test"),), (("CONTENT-language", "test"),),
            (("Content-Type", "application/x-www-form-urlencoded"),),
            (("content-type", "multipart/form-data"),), (("content-type", "text/plain"),), several,
        ):  # fmt: skip
            plan = _xhr(method=method, headers=headers, body="data", acah=())
            yield f"{method} {[value for _, value in headers]}", plan, NO_PREFLIGHT
    for method in ("Get", "post"):
        plain = (("content-type", "text/plain"),)
        yield method, _xhr(method=method, headers=plain, body="data"), NO_PREFLIGHT


def _status() -> _Cases:
    yield "refused 400", _xhr(actual_status=400, acao=()), REJECTED
    yield "refused after preflight", _xhr(headers=CUSTOM, acao=()), REJECTED
    bad_request = Expect("cors", status=400)
    yield "allowed 400", _xhr(actual_status=400), bad_request
    yield "allowed 400 after preflight", _xhr(headers=CUSTOM, actual_status=400), bad_request
    yield "preflight 400", _xhr(headers=CUSTOM, preflight_status=400), REJECTED


def _status_async() -> _Cases:
    for status in (200, 201, 202, 203, 204, 205, 206, 209, 299):
        yield f"GET {status}", _xhr(actual_status=status), Expect("cors", status=status)
    for method, status in (("GET", 400), ("HEAD", 401), ("POST", 404), ("POST", 500)):
        plan = _xhr(method=method, actual_status=status)
        yield f"{method} {status}", plan, Expect("cors", status=status)
    for method, status in (
        ("PUT", 699), ("CHICKEN", 501), ("GET", 400), ("HEAD", 401), ("POST", 404),
    ):  # fmt: skip
        plan = _xhr(method=method, headers=CUSTOM, preflight_status=status, actual_status=status)
        yield f"{method} {status} to the preflight too", plan, REJECTED


def _status_preflight() -> _Cases:
    for method, status in (
        ("GET", 200), ("GET", 204), ("GET", 400), ("GET", 401), ("HEAD", 200), ("HEAD", 204),
        ("HEAD", 400), ("HEAD", 401), ("HEAD", 501), ("HEAD", 699), ("POST", 204), ("POST", 400),
        ("POST", 401), ("POST", 404), ("PUT", 699), ("CHICKEN", 501),
    ):  # fmt: skip
        plan = _xhr(method=method, headers=CUSTOM, preflight_status=200, actual_status=status)
        yield f"{method} {status}", plan, Expect("cors", status=status, preflights=1)


def _late_upload() -> _Cases:
    yield "no preflight", _xhr(method="POST", body="xo"), NO_PREFLIGHT
    yield "preflight", _xhr(method="POST", body="xo", headers=CUSTOM), ONE_PREFLIGHT


def _upload_listeners() -> _Cases:
    watched = _xhr(method="POST", body="xo", upload_listeners=True)
    yield "listeners before send", watched, ONE_PREFLIGHT


def _redirects_xhr() -> _Cases:
    test = (("x-test", "t"),)
    star = ("*",)
    userinfo = "http://username:password@localhost:18102/c/<id>/1"
    preflight = {"preflight_status": 302, "preflight_location": ("<here>",), "headers": test}
    yield "redirect without allow-origin", _xhr(way="AA", acao=()), REJECTED
    yield "to a star", _xhr(way="AA", acao=star, at_hop=1), OK
    yield "to userinfo", _xhr(way="AA", location=(userinfo,)), REJECTED
    yield "to a bad scheme", _xhr(way="AA", location=("foo://bar.cgi",)), REJECTED
    yield "preflight redirected", _xhr(way="AA", **preflight, acah=()), REJECTED
    yield "preflight redirected, header allowed", _xhr(way="AA", **preflight), REJECTED
    yield "same origin", _xhr(way="PP", headers=test, acao=()), Expect("basic", status=200)


def _redirects_from_home() -> _Cases:
    for credentials in ("same-origin", "include"):
        include = credentials == "include"
        one = {"way": "PA", "at_hop": 1, "credentials": credentials}
        yield f"{credentials} star", _xhr(**one, acao=("*",)), REJECTED if include else OK
        yield f"{credentials} echo", _xhr(**one), OK
        yield f"{credentials} no credentials", _xhr(**one, acac=()), REJECTED if include else OK


def _xhr_preflight() -> _Cases:
    many = tuple((f"X-Custom-{n}", "foobar") for n in ("Test", "ua", "V", "s", "U"))
    names = "x-custom-s,x-custom-test,x-custom-u,x-custom-ua,x-custom-v"
    yield "sorted", _xhr(headers=many), Expect("cors", asked=names)
    yield "lower case", _xhr(headers=(("X-Test", "f"),)), Expect("cors", asked="x-test")
    yield "star allows", _xhr(headers=(("X-Test", "f"),), acah=("*",)), OK
    yield "header refused", _xhr(headers=CUSTOM, acah=()), REJECTED
    yield "method refused", _xhr(method="DELETE", acam=()), REJECTED
    yield "preflight without CORS", _xhr(method="PUT", acao=(), side="preflight"), REJECTED
    for status in (301, 400, 501):
        yield f"preflight {status}", _xhr(headers=CUSTOM, preflight_status=status), REJECTED
    origin = (("Origin", "http://x.example"), *CUSTOM)
    yield "Origin cannot be set", _xhr(headers=origin), Expect("cors", asked="x-custom", origin=P)


def _xhr_simple() -> _Cases:
    text = (("Content-Type", "text/plain; charset=UTF-8"),)
    safe = (("Accept", "*"), ("Accept-Language", "ru"), ("Content-Language", "ru"), text[0])
    webkit = (("X-Webkit", "foobar"), ("Content-Language", "en"), ("Expires", "0"))
    named = Plan(aceh=("X-foo", "x-bar"), extra=(("X-FOO", "1"), ("x-bar", "2"), ("x-test", "3")))
    yield "denied", _xhr(acao=()), REJECTED
    yield "star", _xhr(acao=("*",)), OK
    yield "echo with credentials", _xhr(credentials="include"), OK
    yield "custom header denied", _xhr(headers=CUSTOM, acah=()), REJECTED
    yield "PUT", _xhr(method="PUT", headers=text, body="x", acah=()), OK
    yield "safelisted request headers", _xhr(method="POST", headers=safe), NO_PREFLIGHT
    hidden = Expect("cors", has=("content-language", "expires"), lacks=("x-webkit",))
    yield "safelisted response headers", _xhr(extra=webkit), hidden
    xml = (("Content-Type", "application/xml"),)
    yield "POST xml denied", _xhr(method="POST", headers=xml, body="x", acah=()), REJECTED
    yield "POST xml allowed", _xhr(method="POST", headers=xml, body="x"), ONE_PREFLIGHT
    yield "POST without type", _xhr(method="POST"), NO_PREFLIGHT
    shown = Expect("cors", has=("x-foo", "x-bar"), lacks=("x-test",))
    yield "exposed", _xhr(aceh=named.aceh, extra=named.extra), shown


def _sandboxed() -> _Cases:
    yield "null", _xhr(page="sandboxed"), Expect("cors", origin="null")
    yield "star", _xhr(page="sandboxed", acao=("*",)), Expect("cors", origin="null")
    yield "page's origin", _xhr(page="sandboxed", acao=(P,)), REJECTED
    yield "nothing", _xhr(page="sandboxed", acao=()), REJECTED


PAGES = {
    "cors/access-control-expose-headers-parsing": _expose_parsing,
    "cors/basic": _cors_basic_xhr,
    "cors/cors-safelisted-request-header": _safelisted_header,
    "cors/credentials-flag": _allow_credentials,
    "cors/late-upload-events": _late_upload,
    "cors/origin": _allow_origin,
    "cors/preflight-failure": lambda: _preflight_status(
        (200, 299, *range(300, 309), *range(400, 418), *range(500, 506), 680, 790), xhr=True
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
    "fetch/api/cors/cors-basic": _cors_basic,
    "fetch/api/cors/cors-expose-star": _expose_star,
    "fetch/api/cors/cors-filtering": _cors_filtering,
    "fetch/api/cors/cors-multiple-origins": _multiple_origins,
    "fetch/api/cors/cors-no-preflight": _no_preflight,
    "fetch/api/cors/cors-origin": _cors_origin,
    "fetch/api/cors/cors-preflight": _preflight,
    "fetch/api/cors/cors-preflight-not-cors-safelisted": _not_safelisted,
    "fetch/api/cors/cors-preflight-redirect": _preflight_redirect,
    "fetch/api/cors/cors-preflight-response-validation": _response_validation,
    "fetch/api/cors/cors-preflight-star": _preflight_star,
    "fetch/api/cors/cors-preflight-status": lambda: _preflight_status(
        (*range(200, 207), *range(300, 309), *range(400, 406), *range(501, 506))
    ),
    "fetch/api/cors/cors-redirect": _cors_redirect,
    "fetch/api/cors/cors-redirect-credentials": _redirect_credentials,
    "fetch/api/cors/cors-redirect-preflight": _redirect_preflight,
    "fetch/api/redirect/redirect-back-to-original-origin": _back_to_original,
    "fetch/api/redirect/redirect-count": _redirect_count,
    "fetch/api/redirect/redirect-empty-location": _empty_location,
    "fetch/api/redirect/redirect-location": _redirect_location,
    "fetch/api/redirect/redirect-method": _redirect_method,
    "fetch/api/redirect/redirect-mode": _redirect_mode,
    "fetch/api/redirect/redirect-origin": _redirect_origin,
    "fetch/api/redirect/redirect-schemes": _redirect_schemes,
    "fetch/api/redirect/redirect-to-dataurl": _redirect_to_data,
    "xhr/access-control-and-redirects-async": _redirects_xhr,
    "xhr/access-control-and-redirects-async-same-origin": _redirects_from_home,
    "xhr/access-control-basic-*": _xhr_simple,
    "xhr/access-control-preflight-*": _xhr_preflight,
    "xhr/access-control-sandboxed-iframe-*": _sandboxed,
    "xhr/cors-expose-star": lambda: _expose_star(xhr=True),
    "xhr/event-upload-progress-crossorigin": _upload_listeners,
}


def wpt_cases() -> Iterator[Case]:
    """Every row as a case for a real browser."""
    for number, row in enumerate(rows()):
        yield row.plan.case(f"w-{number:03}", (row.page, row.about))


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the pages."""
    return tuple(_rows())


def _rows() -> Iterator[Row]:
    for page, cases in PAGES.items():
        for about, plan, expect in cases():
            yield Row(page, about, plan, expect)
