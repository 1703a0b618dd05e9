"""Redirects."""

from __future__ import annotations

from tests.differential.directed.shared import AUTHORIZATION, CUSTOM, JSON, PAGE, TO_ITSELF
from tests.differential.plan import Plan

_NAMED_WAYS = {"same": "AA", "third": "AB", "home": "AP", "away": "PA", "back": "ABA"}

PLANS = {
    f"{name}-{method.lower()}-{status}": Plan(
        way=way,
        method=method,
        headers=headers,
        body=body,
        redirect_status=status,
        tainted_preflight=PAGE if tainted else "<origin>",
    )
    for name, way in _NAMED_WAYS.items()
    for status in (301, 302, 303, 307, 308)
    for method, headers, body, tainted in (
        ("GET", (CUSTOM,), None, True),
        ("POST", (JSON,), "{}", True),
        ("PUT", (), "x", False),
        ("HEAD", (), None, False),
        ("DELETE", (AUTHORIZATION, CUSTOM), None, True),
    )
} | {
    "manual": Plan(way="AA", redirect="manual"),
    "manual-without-allow-origin": Plan(way="AA", redirect="manual", acao=()),
    "manual-put": Plan(way="AB", redirect="manual", method="PUT"),
    "manual-at-home": Plan(way="PA", redirect="manual"),
    "manual-not-redirected": Plan(redirect="manual"),
    "manual-empty-location": Plan(way="AA", redirect="manual", location=("",)),
    "manual-no-location": Plan(way="AA", redirect="manual", location=()),
    "manual-bad-location": Plan(way="AA", redirect="manual", location=("http://[",)),
    "bad-location-without-allow-origin": Plan(way="AA", location=("http://[",), acao=()),
    "error": Plan(way="AA", redirect="error"),
    "error-put": Plan(way="AA", redirect="error", method="PUT"),
    "error-without-allow-origin": Plan(way="AA", redirect="error", acao=()),
    "error-at-home": Plan(way="PA", redirect="error"),
    "error-not-redirected": Plan(redirect="error"),
    "error-no-location": Plan(way="AA", redirect="error", location=()),
    "allow-origin-missing-on-redirect": Plan(way="AA", acao=(), side="actual"),
    "allow-origin-missing-after-redirect": Plan(way="AA", acao=(), at_hop=1),
    "allow-origin-missing-on-first-hop-home": Plan(way="AP", acao=(), at_hop=0),
    "allow-origin-missing-at-home": Plan(way="AP", acao=(), at_hop=1),
    "at-home-without-cors": Plan(way="PAP", acao=(), at_hop=0),
    "page-origin-echoed-after-taint": Plan(way="AB", acao=(PAGE,), at_hop=1),
    "wildcard-after-taint": Plan(way="AB", acao=("*",), at_hop=1),
    "wildcard-after-taint-put": Plan(
        way="AB", method="PUT", acao=("*",), at_hop=1, redirect_status=307
    ),
    "null-after-taint-with-credentials": Plan(way="AB", credentials="include"),
    "null-after-taint-put-with-credentials": Plan(
        way="AB", credentials="include", method="PUT", redirect_status=307
    ),
    "page-on-tainted-preflight-with-credentials": Plan(
        way="AB",
        credentials="include",
        method="PUT",
        redirect_status=307,
        tainted_preflight=PAGE,
    ),
    "custom-not-allowed-on-second-hop": Plan(
        way="AB", headers=(CUSTOM,), acah=(), at_hop=1, tainted_preflight="*"
    ),
    "second-preflight-404": Plan(
        way="AB", headers=(CUSTOM,), preflight_status=404, at_hop=1, tainted_preflight="*"
    ),
    "second-preflight-redirected": Plan(
        way="AB",
        headers=(CUSTOM,),
        preflight_status=302,
        preflight_location=TO_ITSELF,
        at_hop=1,
        tainted_preflight="*",
    ),
    "second-preflight-on-303": Plan(
        way="AB",
        method="PUT",
        redirect_status=303,
        tainted_preflight="*",
        preflight_status=404,
        at_hop=1,
    ),
    "home-preflight-404": Plan(
        way="AP", headers=(CUSTOM,), preflight_status=404, at_hop=1, tainted_preflight="*"
    ),
    "home-preflight-without-allow-origin": Plan(
        way="AP", headers=(CUSTOM,), acao=(), side="preflight", at_hop=1
    ),
    "home-preflight-without-lists": Plan(way="AP", headers=(CUSTOM,), acah=(), acam=(), at_hop=1),
    "loop": Plan(way="AA", location=("<here>",)),
    "loop-at-home": Plan(way="PA", location=("<here>",)),
    "loop-empty-location": Plan(way="AA", location=("",)),
    "loop-empty-location-put": Plan(way="AA", location=("",), method="PUT", redirect_status=308),
    "userinfo-same-origin": Plan(way="AA", location=("http://u:p@localhost:18102/c/<id>/1",)),
    "userinfo-third-origin": Plan(way="AB", location=("http://u:p@127.0.0.1:18103/c/<id>/1",)),
    "userinfo-at-home": Plan(way="PP", location=("http://u:p@localhost:18101/c/<id>/1",)),
    "userinfo-away": Plan(way="PA", location=("http://u:p@localhost:18102/c/<id>/1",)),
    "userinfo-empty": Plan(way="AA", location=("http://@localhost:18102/c/<id>/1",)),
    "userinfo-user-only": Plan(way="AA", location=("http://u@localhost:18102/c/<id>/1",)),
    "userinfo-password-only": Plan(way="AA", location=("http://:p@localhost:18102/c/<id>/1",)),
    "userinfo-no-cors": Plan(
        way="AA", mode="no-cors", location=("http://u:p@localhost:18102/c/<id>/1",)
    ),
    "userinfo-xhr": Plan(
        way="AA",
        initiator="xmlhttprequest",
        location=("http://u:p@localhost:18102/c/<id>/1",),
    ),
    "to-ftp": Plan(way="AA", location=("ftp://localhost/x",)),
    "to-ftp-from-home": Plan(way="PA", location=("ftp://localhost/x",)),
    "to-data": Plan(way="AA", location=("data:text/plain,x",)),
    "to-data-from-home": Plan(way="PA", location=("data:text/plain,x",)),
    "to-closed-port": Plan(way="AA", location=("http://localhost:18104/c/<id>/1",)),
    "to-closed-port-put": Plan(
        way="AA", location=("http://localhost:18104/c/<id>/1",), method="PUT", redirect_status=307
    ),
    "fragment-survives": Plan(way="AA", url="<url>#first"),
    "fragment-replaced": Plan(way="AA", url="<url>#first", location=("<next>#second",)),
    "opaque-page-same-origin": Plan(way="AA", page="sandboxed"),
    "opaque-page-third": Plan(way="AB", page="sandboxed", headers=(CUSTOM,)),
    "no-cors-to-ftp": Plan(way="AA", mode="no-cors", location=("ftp://localhost/x",)),
    "no-cors-loop": Plan(way="AA", mode="no-cors", location=("<here>",)),
    "304-with-location": Plan(actual_status=304, extra=(("Location", "/x"),)),
    "300-with-location": Plan(actual_status=300, extra=(("Location", "/x"),)),
    "201-with-location": Plan(actual_status=201, extra=(("Location", "/x"),)),
    "two-different-locations": Plan(way="AA", location=("<next>", "/elsewhere")),
    "two-equal-locations": Plan(way="AA", location=("<next>", "<next>")),
}
