"""Credentials, wildcards and opaque origins."""

from __future__ import annotations

from tests.differential.directed.shared import CUSTOM, PAGE
from tests.differential.plan import Plan

PLANS = {
    "wildcard-origin-with-credentials": Plan(credentials="include", acao=("*",)),
    "wildcard-origin-with-credentials-xhr": Plan(
        credentials="include", acao=("*",), initiator="xmlhttprequest"
    ),
    "wildcard-origin-same-origin-credentials": Plan(credentials="same-origin", acao=("*",)),
    "wildcard-origin-preflight-only": Plan(
        credentials="include", headers=(CUSTOM,), acao=("*",), side="preflight"
    ),
    "wildcard-origin-actual-only": Plan(
        credentials="include", headers=(CUSTOM,), acao=("*",), side="actual"
    ),
    "missing-on-preflight-only": Plan(
        credentials="include", headers=(CUSTOM,), acac=(), side="preflight"
    ),
    "missing-on-actual-only": Plan(
        credentials="include", headers=(CUSTOM,), acac=(), side="actual"
    ),
    "missing-xhr": Plan(credentials="include", acac=(), initiator="xmlhttprequest"),
    "two-lines-one-empty": Plan(credentials="include", acac=("true", "")),
    "granted-unasked": Plan(acac=("true",)),
    "junk-unasked": Plan(acac=("yes",)),
    "null-origin-with-credentials": Plan(page="sandboxed", credentials="include"),
    "null-origin-with-wildcard": Plan(page="sandboxed", acao=("*",)),
    "null-origin-echoed-page": Plan(page="sandboxed", acao=(PAGE,)),
    "null-origin-at-home": Plan(page="sandboxed", way="P"),
    "null-allowed-for-page": Plan(acao=("null",)),
    "literal-wildcard-method": Plan(method="*", credentials="include", acam=("*",)),
    "literal-wildcard-header": Plan(headers=(("*", "1"),), credentials="include", acah=("*",)),
    "wildcard-method-with-credentials": Plan(method="PUT", credentials="include", acam=("*",)),
    "wildcard-header-with-credentials": Plan(headers=(CUSTOM,), credentials="include", acah=("*",)),
    "wildcard-expose-with-credentials": Plan(
        credentials="include", aceh=("*",), extra=(("X-Foo", "1"), ("*", "star"))
    ),
    "wildcard-expose": Plan(
        aceh=("*",),
        extra=(("X-Foo", "1"), ("*", "star"), ("Set-Cookie", "a=b"), ("Set-Cookie2", "b")),
    ),
    "wildcard-expose-covers-authorization": Plan(aceh=("*",), extra=(("Authorization", "x"),)),
    "wildcard-expose-clear-site-data": Plan(
        aceh=("*",), extra=(("Clear-Site-Data", '"x-nothing"'), ("X-Foo", "1"))
    ),
    "cookie-not-on-preflight": Plan(method="PUT", credentials="include"),
    "cookie-not-on-same-origin-mode-cross": Plan(method="PUT", credentials="same-origin"),
}
