"""The pages of ``fetch/api/redirect/``."""

from __future__ import annotations

from collections.abc import Callable

from tests.differential.plan import Plan
from tests.differential.wpt.expectation import Expect
from tests.differential.wpt.shared import (
    OK,
    REDIRECTS,
    REJECTED,
    Cases,
    P,
)


def _back_to_original() -> Cases:
    yield "no-cors", Plan(way="AP", mode="no-cors", redirect_status=303), Expect("opaque")
    yield "cors", Plan(way="AP", redirect_status=303, acao=("*",)), OK


def _empty_location() -> Cases:
    for status in (302, 307):
        same = {"way": "PP", "redirect_status": status, "location": ("",)}
        yield f"{status} follow", Plan(**same), REJECTED  # type: ignore[arg-type]
        manual = Plan(**same, redirect="manual")  # type: ignore[arg-type]
        yield f"{status} manual", manual, Expect("opaqueredirect")


def _redirect_location() -> Cases:
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


def _redirect_method() -> Cases:
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


def _redirect_mode() -> Cases:
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


def _redirect_origin() -> Cases:
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


def _redirect_schemes() -> Cases:
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


def _redirect_to_data() -> Cases:
    for way in ("PP", "AA", "AB", "PA"):
        for mode in ("cors", "no-cors"):
            plan = Plan(way=way, mode=mode, location=("data:text/plain,x",))
            yield f"{way} {mode}", plan, REJECTED


def _redirect_count() -> Cases:
    yield "20 redirects", Plan(way="P" * 21), Expect("basic", status=200)
    yield "21 redirects", Plan(way="P" * 22), REJECTED


PAGES: dict[str, Callable[[], Cases]] = {
    "fetch/api/redirect/redirect-back-to-original-origin": _back_to_original,
    "fetch/api/redirect/redirect-count": _redirect_count,
    "fetch/api/redirect/redirect-empty-location": _empty_location,
    "fetch/api/redirect/redirect-location": _redirect_location,
    "fetch/api/redirect/redirect-method": _redirect_method,
    "fetch/api/redirect/redirect-mode": _redirect_mode,
    "fetch/api/redirect/redirect-origin": _redirect_origin,
    "fetch/api/redirect/redirect-schemes": _redirect_schemes,
    "fetch/api/redirect/redirect-to-dataurl": _redirect_to_data,
}
