"""Responses, and URLs that get none."""

from __future__ import annotations

from tests.differential.plan import Plan

PLANS = {
    "safelisted-headers": Plan(
        extra=tuple(
            (name, "x")
            for name in (
                "Cache-Control",
                "Content-Language",
                "Content-Type",
                "Expires",
                "Last-Modified",
                "Pragma",
                "X-Foo",
                "ETag",
                "Server",
                "Location",
                "Vary",
                "Link",
            )
        )
    ),
    "two-allow-origin-lines-alike": Plan(acao=("<origin>", "<origin>")),
    "two-allow-origin-lines-wildcard": Plan(acao=("*", "*")),
    "two-allow-origin-lines-one-empty": Plan(acao=("<origin>", "")),
    "two-allow-origin-lines-preflight": Plan(
        method="PUT", acao=("<origin>", "<origin>"), side="preflight"
    ),
    "two-allow-origin-lines-credentialed": Plan(
        acao=("<origin>", "<origin>"), credentials="include"
    ),
    "origin-in-wrong-case": Plan(acao=("HTTP://localhost:18101",)),
    "origin-with-slash": Plan(acao=("<origin>/",)),
    "origin-with-default-port": Plan(acao=("http://localhost:80",)),
    "origin-trimmed": Plan(acao=("\t <origin> \t",)),
    "origin-trimmed-not-vertically": Plan(acao=("<origin>\x0b",)),
    "404-is-readable": Plan(actual_status=404),
    "404-without-allow-origin": Plan(actual_status=404, acao=()),
    "500-is-readable": Plan(actual_status=500),
    "407": Plan(actual_status=407),
    "407-credentialed": Plan(actual_status=407, credentials="include"),
    "421": Plan(actual_status=421),
    "401-without-challenge": Plan(actual_status=401, credentials="include"),
    "401-challenge-without-credentials": Plan(
        actual_status=401, extra=(("WWW-Authenticate", "Basic"),)
    ),
    "206": Plan(actual_status=206, headers=(("Range", "bytes=0-1"),)),
    "416": Plan(actual_status=416, headers=(("Range", "bytes=9-"),)),
    "999": Plan(actual_status=999),
    "corp-does-not-matter-to-cors": Plan(extra=(("Cross-Origin-Resource-Policy", "same-origin"),)),
    "url-with-userinfo": Plan(url="http://u:p@localhost:18102/c/<id>/0"),
    "url-is-broken": Plan(url="http://["),
    "url-is-ftp": Plan(url="ftp://localhost/c/<id>/0"),
    "url-is-ftp-xhr": Plan(url="ftp://localhost/c/<id>/0", initiator="xmlhttprequest"),
    "url-with-fragment": Plan(url="<url>#x"),
    "url-with-query": Plan(url="<url>?a=b&c"),
    "url-upper-case-host": Plan(url="HTTP://LOCALHOST:18102/c/<id>/0"),
    "url-with-dots": Plan(url="http://localhost:18102/x/../c/<id>/./0"),
    "url-relative": Plan(way="P", url="/c/<id>/0"),
    "content-type-twice": Plan(extra=(("Content-Type", "a/b"), ("Content-Type", "c/d"))),
    "exposed-non-ascii-value": Plan(aceh=("X-Foo",), extra=(("X-Foo", "bär"),)),
    "exposed-repeated": Plan(
        aceh=("X-Foo",), extra=(("X-Foo", "1"), ("X-Foo", ""), ("x-foo", "3"))
    ),
    "exposed-twice-one-line-broken": Plan(
        aceh=("X-Foo", "X Bar"), extra=(("X-Foo", "1"), ("X-Bar", "1"))
    ),
    "non-ascii-allow-origin": Plan(acao=("http://ä.example",)),
    "non-ascii-allow-credentials": Plan(acac=("trüe",), credentials="include"),
    "sandboxed-same-origin-mode": Plan(page="sandboxed", mode="same-origin"),
}
