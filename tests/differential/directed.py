"""Cases by hand: what random ones never hit, and every disagreement ever found."""

from __future__ import annotations

from collections.abc import Iterator

from tests.differential.case import Case
from tests.differential.plan import Plan

_AUTH = ("Authorization", "Bearer x")
_CUSTOM = ("X-Custom", "1")
_JSON = ("Content-Type", "application/json")
_PAGE = "http://localhost:18101"
_REDIRECTED_PREFLIGHT = ("<here>",)

_AUTHORIZATION = {
    # whatwg/fetch#1919: browsers let * cover Authorization, the standard does not.
    "wildcard-covers-authorization": Plan(headers=(_AUTH,), acah=("*",)),
    "wildcard-covers-authorization-get-xhr": Plan(
        headers=(_AUTH,), acah=("*",), initiator="xmlhttprequest"
    ),
    "wildcard-and-authorization-named": Plan(headers=(_AUTH,), acah=("*, authorization",)),
    "wildcard-covers-authorization-and-custom": Plan(headers=(_AUTH, _CUSTOM), acah=("*",)),
    "authorization-named-custom-missing": Plan(headers=(_AUTH, _CUSTOM), acah=("Authorization",)),
    "authorization-missing-custom-named": Plan(headers=(_AUTH, _CUSTOM), acah=("X-Custom",)),
    "authorization-under-literal-wildcard": Plan(
        headers=(_AUTH,), acah=("*",), credentials="include"
    ),
    "authorization-lower-case": Plan(headers=(("authorization", "x"),), acah=("AUTHORIZATION",)),
    "authorization-empty": Plan(headers=(("Authorization", ""),)),
    "authorization-same-origin": Plan(headers=(_AUTH,), way="P", acah=()),
    "authorization-dropped-to-other-origin": Plan(headers=(_AUTH,), way="AB"),
    "authorization-dropped-to-other-port": Plan(headers=(_AUTH,), way="PA"),
    "authorization-kept-on-same-origin-redirect": Plan(headers=(_AUTH,), way="AA"),
    "authorization-dropped-back-home": Plan(headers=(_AUTH,), way="AP"),
    "authorization-dropped-and-not-regained": Plan(headers=(_AUTH,), way="PAP"),
    "authorization-dropped-with-custom": Plan(headers=(_AUTH, _CUSTOM), way="AB"),
    "authorization-dropped-custom-third-hop": Plan(headers=(_AUTH, _CUSTOM), way="ABA"),
    "authorization-dropped-third-hop": Plan(
        headers=(_AUTH,), way="ABA", tainted_preflight=_PAGE, acah=("*",), at_hop=2
    ),
    "authorization-dropped-third-hop-page-origin": Plan(
        headers=(_AUTH, _CUSTOM), way="ABA", tainted_preflight=_PAGE
    ),
    "authorization-xhr-include": Plan(
        headers=(_AUTH,), initiator="xmlhttprequest", credentials="include"
    ),
}

_CREDENTIALS = {
    "wildcard-origin-with-credentials": Plan(credentials="include", acao=("*",)),
    "wildcard-origin-with-credentials-xhr": Plan(
        credentials="include", acao=("*",), initiator="xmlhttprequest"
    ),
    "wildcard-origin-same-origin-credentials": Plan(credentials="same-origin", acao=("*",)),
    "wildcard-origin-preflight-only": Plan(
        credentials="include", headers=(_CUSTOM,), acao=("*",), side="preflight"
    ),
    "wildcard-origin-actual-only": Plan(
        credentials="include", headers=(_CUSTOM,), acao=("*",), side="actual"
    ),
    "credentials-missing-on-preflight-only": Plan(
        credentials="include", headers=(_CUSTOM,), acac=(), side="preflight"
    ),
    "credentials-missing-on-actual-only": Plan(
        credentials="include", headers=(_CUSTOM,), acac=(), side="actual"
    ),
    "credentials-missing-xhr": Plan(credentials="include", acac=(), initiator="xmlhttprequest"),
    "credentials-granted-unasked": Plan(acac=("true",)),
    "credentials-junk-unasked": Plan(acac=("yes",)),
    "null-origin-with-credentials": Plan(page="sandboxed", credentials="include"),
    "null-origin-with-wildcard": Plan(page="sandboxed", acao=("*",)),
    "null-origin-echoed-page": Plan(page="sandboxed", acao=(_PAGE,)),
    "null-origin-at-home": Plan(page="sandboxed", way="P"),
    "null-allowed-for-page": Plan(acao=("null",)),
    "literal-wildcard-method": Plan(method="*", credentials="include", acam=("*",)),
    "literal-wildcard-header": Plan(headers=(("*", "1"),), credentials="include", acah=("*",)),
    "wildcard-method-with-credentials": Plan(method="PUT", credentials="include", acam=("*",)),
    "wildcard-header-with-credentials": Plan(
        headers=(_CUSTOM,), credentials="include", acah=("*",)
    ),
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
}  # fmt: skip

_METHODS = {
    "patch-is-not-normalised": Plan(method="patch", acam=("PATCH",)),
    "patch-asked-in-lower-case": Plan(method="patch", acam=("patch",)),
    "patch-upper-listed-lower": Plan(method="PATCH", acam=("patch",)),
    "put-is-normalised": Plan(method="put", acam=("PUT",)),
    "put-listed-in-lower-case": Plan(method="PUT", acam=("put",)),
    "get-listed-nowhere": Plan(headers=(_CUSTOM,), acam=("PUT",)),
    "get-with-broken-list": Plan(headers=(_CUSTOM,), acam=("P UT",)),
    "post-listed-in-lower-case": Plan(method="POST", headers=(_JSON,), acam=("post",)),
    "head-needs-no-listing": Plan(method="HEAD", headers=(_CUSTOM,), acam=()),
    "delete-without-list": Plan(method="DELETE", acam=()),
    "options-is-preflighted": Plan(method="OPTIONS"),
    "query-is-preflighted": Plan(method="QUERY"),
    "trace-is-forbidden": Plan(method="TRACE"),
    "track-is-forbidden": Plan(method="track"),
    "connect-is-forbidden": Plan(method="Connect"),
    "trace-is-forbidden-xhr": Plan(method="trace", initiator="xmlhttprequest"),
    "method-is-no-token": Plan(method="P UT"),
    "method-is-empty": Plan(method=""),
    "method-is-no-token-xhr": Plan(method="P@UT", initiator="xmlhttprequest"),
    "get-with-body": Plan(body="x"),
    "head-with-body": Plan(method="HEAD", body="x"),
    "get-with-body-xhr": Plan(body="x", initiator="xmlhttprequest"),
    "post-with-body-is-simple": Plan(method="POST", body="x"),
    "post-empty-body": Plan(method="POST", body=""),
    "post-without-body": Plan(method="POST"),
    "put-with-body-xhr": Plan(method="PUT", body="x", initiator="xmlhttprequest"),
    "post-with-body-xhr": Plan(method="POST", body="x", initiator="xmlhttprequest"),
    "no-cors-put": Plan(method="PUT", mode="no-cors"),
    "no-cors-post": Plan(method="POST", mode="no-cors", body="x"),
    "no-cors-custom-header-dropped": Plan(mode="no-cors", headers=(_CUSTOM,)),
    "no-cors-json-dropped": Plan(mode="no-cors", method="POST", headers=(_JSON,)),
    "no-cors-repeated-safelisted": Plan(
        mode="no-cors", headers=(("Accept", "x" * 70), ("Accept", "y" * 70))
    ),
    "no-cors-range-dropped": Plan(mode="no-cors", headers=(("Range", "bytes=0-1"),)),
    "no-cors-404": Plan(mode="no-cors", actual_status=404),
    "no-cors-redirected": Plan(mode="no-cors", way="AB"),
    "no-cors-redirected-home": Plan(mode="no-cors", way="AP"),
    "no-cors-manual": Plan(mode="no-cors", redirect="manual"),
    "no-cors-error": Plan(mode="no-cors", redirect="error"),
    "no-cors-at-home": Plan(mode="no-cors", way="P"),
    "no-cors-manual-at-home": Plan(mode="no-cors", way="P", redirect="manual"),
    "no-cors-from-home": Plan(mode="no-cors", way="PA"),
    "same-origin-mode-cross": Plan(mode="same-origin"),
    "same-origin-mode-redirected-away": Plan(mode="same-origin", way="PA"),
    "same-origin-mode-at-home": Plan(mode="same-origin", way="P"),
    "same-origin-mode-sandboxed": Plan(mode="same-origin", way="P", page="sandboxed"),
    "same-origin-mode-put-at-home": Plan(mode="same-origin", way="P", method="PUT"),
}

_HEADERS = {
    "sorted-and-unique": Plan(
        headers=(("X-B", "1"), ("x-a", "1"), ("X-b", "2"), ("X-C", "1"), ("Content-Type", "a/b"))
    ),
    "three-missing": Plan(headers=(("X-Aa", "1"), ("X-Bb", "1"), ("X-Cc", "1")), acah=()),
    "two-of-three-missing": Plan(
        headers=(("X-Aa", "1"), ("X-Bb", "1"), ("X-Cc", "1")), acah=("x-bb",)
    ),
    "content-type-missing-with-authorization": Plan(
        headers=(_JSON, _AUTH), acah=("authorization",)
    ),
    "content-type-need-not-be-listed": Plan(headers=(("Content-Type", "text/plain"),), acah=()),
    "safelisted-not-listed-but-preflighted": Plan(
        method="PUT", headers=(("Accept", "a/b"), ("Accept-Language", "en")), acah=()
    ),
    "safelisted-too-long-listed": Plan(headers=(("Accept", "x" * 129),)),
    "safelisted-too-long-not-listed": Plan(headers=(("Accept", "x" * 129),), acah=()),
    "sum-1024": Plan(headers=(("Accept", "x" * 128),) * 8),
    "sum-1025": Plan(headers=(*((("Accept", "x" * 128),) * 8), ("Accept-Language", "e"))),
    "sum-with-four-names": Plan(
        headers=tuple(
            (name, "a" * 128) for name in ("Accept", "Accept-Language", "Content-Language")
        )
    ),
    "repeated-accept-70": Plan(headers=(("Accept", "x" * 70), ("Accept", "y" * 70))),
    "repeated-accept-63": Plan(headers=(("Accept", "x" * 63), ("Accept", "y" * 63))),
    "repeated-accept-63-xhr": Plan(
        headers=(("Accept", "x" * 63), ("Accept", "y" * 64)), initiator="xmlhttprequest"
    ),
    "repeated-accept-70-xhr": Plan(
        headers=(("Accept", "x" * 70), ("Accept", "y" * 70)), initiator="xmlhttprequest"
    ),
    "repeated-content-type": Plan(
        headers=(("Content-Type", "text/plain"), ("Content-Type", "text/plain"))
    ),
    "repeated-content-type-xhr": Plan(
        headers=(("Content-Type", "text/plain"), ("Content-Type", "text/plain")),
        initiator="xmlhttprequest",
    ),
    "repeated-content-type-mixed": Plan(
        method="POST",
        headers=(("Content-Type", "text/plain"), ("Content-Type", "application/json")),
    ),
    "repeated-range": Plan(headers=(("Range", "bytes=0-1"), ("Range", "bytes=0-1"))),
    "repeated-custom-xhr": Plan(headers=(_CUSTOM, _CUSTOM), initiator="xmlhttprequest"),
    "own-content-type-with-body": Plan(
        method="POST", headers=(("Content-Type", "text/plain"),), body="x"
    ),
    "range-beyond-int64": Plan(headers=(("Range", "bytes=9223372036854775808-"),)),
    "range-beyond-uint64": Plan(headers=(("Range", "bytes=18446744073709551616-"),)),
    "range-far-beyond": Plan(headers=(("Range", "bytes=0-99999999999999999999999"),)),
    "hint-intervention": Plan(headers=(("Intervention", "x"),)),
    "hint-dropped-to-other-origin": Plan(way="AB", headers=(("DPR", "2"),)),
    "hint-on-same-origin-redirect": Plan(way="AA", headers=(("DPR", "2"),)),
    "hint-with-custom-redirected": Plan(way="AB", headers=(("DPR", "2"), _CUSTOM)),
    "hint-invalid-redirected": Plan(way="AB", headers=(("DPR", "x"),)),
    "hint-home-and-away": Plan(way="PA", headers=(("Save-Data", "on"),)),
    "sec-ch-is-forbidden": Plan(headers=(("Sec-CH-DPR", "2"),)),
    "user-agent": Plan(headers=(("User-Agent", "x"),)),
    "user-agent-with-custom": Plan(headers=(("User-Agent", "x"), _CUSTOM)),
    "user-agent-not-listed": Plan(headers=(("User-Agent", "x"),), acah=()),
    "user-agent-xhr": Plan(headers=(("User-Agent", "x"),), initiator="xmlhttprequest"),
    "name-is-no-token": Plan(headers=(("X Foo", "1"),)),
    "name-is-empty": Plan(headers=(("", "1"),)),
    "name-is-no-token-xhr": Plan(headers=(("X Foo", "1"),), initiator="xmlhttprequest"),
    "value-has-newline": Plan(headers=(("X-Foo", "a\nb"),)),
    "value-has-nul": Plan(headers=(("X-Foo", "a\x00b"),)),
    "value-is-trimmed": Plan(headers=(("X-Foo", " \t a \t "),)),
    "value-has-newlines-around": Plan(headers=(("X-Foo", "\r\n a \r\n"),)),
    "value-is-trimmed-xhr": Plan(headers=(("X-Foo", " \t a \t "),), initiator="xmlhttprequest"),
    "accept-trimmed-before-counting": Plan(headers=(("Accept", " " + "x" * 128 + " "),)),
    "upload-listeners-with-body": Plan(
        method="POST", body="x", initiator="xmlhttprequest", upload_listeners=True
    ),
    "upload-listeners-without-body": Plan(
        method="POST", initiator="xmlhttprequest", upload_listeners=True
    ),
    "upload-listeners-empty-body": Plan(
        method="POST", body="", initiator="xmlhttprequest", upload_listeners=True
    ),
    "upload-listeners-get": Plan(initiator="xmlhttprequest", upload_listeners=True),
    "upload-listeners-get-with-body": Plan(
        body="x", initiator="xmlhttprequest", upload_listeners=True
    ),
    "upload-listeners-get-custom": Plan(
        headers=(_CUSTOM,), initiator="xmlhttprequest", upload_listeners=True
    ),
    "upload-listeners-redirected": Plan(
        method="POST", body="x", way="AB", initiator="xmlhttprequest", upload_listeners=True
    ),
    "upload-listeners-redirected-307": Plan(
        method="POST",
        body="x",
        way="AB",
        redirect_status=307,
        initiator="xmlhttprequest",
        upload_listeners=True,
    ),
    "upload-listeners-home-and-away": Plan(
        method="POST",
        body="x",
        way="PA",
        redirect_status=307,
        initiator="xmlhttprequest",
        upload_listeners=True,
    ),
    "upload-listeners-refused": Plan(
        method="POST",
        body="x",
        initiator="xmlhttprequest",
        upload_listeners=True,
        acao=(),
        side="preflight",
    ),
}

_PREFLIGHTS = {
    "redirected": Plan(
        method="PUT", preflight_status=302, preflight_location=_REDIRECTED_PREFLIGHT
    ),
    "redirected-xhr": Plan(
        method="PUT",
        preflight_status=302,
        preflight_location=_REDIRECTED_PREFLIGHT,
        initiator="xmlhttprequest",
    ),
    "redirected-without-location": Plan(method="PUT", preflight_status=302),
    "redirected-empty-location": Plan(method="PUT", preflight_status=302, preflight_location=("",)),
    "redirected-without-allow-origin": Plan(
        method="PUT", preflight_status=302, preflight_location=_REDIRECTED_PREFLIGHT, acao=()
    ),
    "redirected-to-userinfo": Plan(
        method="PUT",
        preflight_status=302,
        preflight_location=("http://u:p@localhost:18102/c/<id>/0",),
    ),
    "redirected-elsewhere": Plan(
        method="PUT",
        preflight_status=307,
        preflight_location=("http://127.0.0.1:18103/c/<id>/0",),
    ),
    "redirected-to-ftp": Plan(
        method="PUT", preflight_status=301, preflight_location=("ftp://localhost/",)
    ),
    "redirected-to-nonsense": Plan(
        method="PUT", preflight_status=301, preflight_location=("http://[",)
    ),
    "redirected-while-redirect-is-error": Plan(
        method="PUT",
        preflight_status=301,
        preflight_location=_REDIRECTED_PREFLIGHT,
        redirect="error",
    ),
    "redirected-while-redirect-is-manual": Plan(
        method="PUT",
        preflight_status=301,
        preflight_location=_REDIRECTED_PREFLIGHT,
        redirect="manual",
    ),
    "300-with-location": Plan(
        method="PUT", preflight_status=300, preflight_location=_REDIRECTED_PREFLIGHT
    ),
    "304": Plan(method="PUT", preflight_status=304),
    "404-without-allow-origin": Plan(method="PUT", preflight_status=404, acao=()),
    "404-with-junk-lists": Plan(method="PUT", preflight_status=404, acam=("@",)),
    "407": Plan(method="PUT", preflight_status=407),
    "401": Plan(method="PUT", preflight_status=401),
    "missing-acao-and-lists": Plan(method="PUT", acao=(), acam=(), headers=(_CUSTOM,), acah=()),
    "method-and-header-missing": Plan(method="PUT", acam=(), headers=(_CUSTOM,), acah=()),
    "method-missing-headers-broken": Plan(
        method="PUT", acam=("GET",), headers=(_CUSTOM,), acah=("@ x",)
    ),
    "methods-broken-headers-broken": Plan(
        method="PUT", acam=("@ x",), headers=(_CUSTOM,), acah=("( y",)
    ),
    "methods-broken-but-safelisted": Plan(headers=(_CUSTOM,), acam=("(",)),
    "headers-broken-but-none-needed": Plan(method="PUT", acah=("a b",)),
    "broken-max-age-is-harmless": Plan(method="PUT", acma=("never",)),
    "junk-before-good-line": Plan(method="PUT", acam=("@", "PUT")),
    "max-age-zero-redirected": Plan(method="PUT", way="AA", acma=("0",), redirect_status=307),
    "network-failure": Plan(method="PUT", url="http://localhost:18104/c/<id>/0"),
    "network-failure-simple": Plan(url="http://localhost:18104/c/<id>/0"),
    "network-failure-xhr": Plan(url="http://localhost:18104/c/<id>/0", initiator="xmlhttprequest"),
    "network-failure-no-cors": Plan(url="http://localhost:18104/c/<id>/0", mode="no-cors"),
}

_NAMED_WAYS = {"same": "AA", "third": "AB", "home": "AP", "away": "PA", "back": "ABA"}

_REDIRECTS = {
    f"{name}-{method.lower()}-{status}": Plan(
        way=way,
        method=method,
        headers=headers,
        body=body,
        redirect_status=status,
        tainted_preflight=_PAGE if tainted else "<origin>",
    )
    for name, way in _NAMED_WAYS.items()
    for status in (301, 302, 303, 307, 308)
    for method, headers, body, tainted in (
        ("GET", (_CUSTOM,), None, True),
        ("POST", (_JSON,), "{}", True),
        ("PUT", (), "x", False),
        ("HEAD", (), None, False),
        ("DELETE", (_AUTH, _CUSTOM), None, True),
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
    "page-origin-echoed-after-taint": Plan(way="AB", acao=(_PAGE,), at_hop=1),
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
        tainted_preflight=_PAGE,
    ),
    "custom-not-allowed-on-second-hop": Plan(
        way="AB", headers=(_CUSTOM,), acah=(), at_hop=1, tainted_preflight="*"
    ),
    "second-preflight-404": Plan(
        way="AB", headers=(_CUSTOM,), preflight_status=404, at_hop=1, tainted_preflight="*"
    ),
    "second-preflight-redirected": Plan(
        way="AB",
        headers=(_CUSTOM,),
        preflight_status=302,
        preflight_location=_REDIRECTED_PREFLIGHT,
        at_hop=1,
        tainted_preflight="*",
    ),
    "second-preflight-on-303": Plan(
        way="AB", method="PUT", redirect_status=303, tainted_preflight="*", preflight_status=404,
        at_hop=1,
    ),
    "home-preflight-404": Plan(
        way="AP", headers=(_CUSTOM,), preflight_status=404, at_hop=1, tainted_preflight="*"
    ),
    "home-preflight-without-allow-origin": Plan(
        way="AP", headers=(_CUSTOM,), acao=(), side="preflight", at_hop=1
    ),
    "home-preflight-without-lists": Plan(
        way="AP", headers=(_CUSTOM,), acah=(), acam=(), at_hop=1
    ),
    "loop": Plan(way="AA", location=("<here>",)),
    "loop-at-home": Plan(way="PA", location=("<here>",)),
    "loop-empty-location": Plan(way="AA", location=("",)),
    "loop-empty-location-put": Plan(way="AA", location=("",), method="PUT", redirect_status=308),
    "userinfo-same-origin": Plan(
        way="AA", location=("http://u:p@localhost:18102/c/<id>/1",)
    ),
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
    "opaque-page-third": Plan(way="AB", page="sandboxed", headers=(_CUSTOM,)),
    "no-cors-to-ftp": Plan(way="AA", mode="no-cors", location=("ftp://localhost/x",)),
    "no-cors-loop": Plan(way="AA", mode="no-cors", location=("<here>",)),
    "304-with-location": Plan(actual_status=304, extra=(("Location", "/x"),)),
    "300-with-location": Plan(actual_status=300, extra=(("Location", "/x"),)),
    "201-with-location": Plan(actual_status=201, extra=(("Location", "/x"),)),
    "two-different-locations": Plan(way="AA", location=("<next>", "/elsewhere")),
    "two-equal-locations": Plan(way="AA", location=("<next>", "<next>")),
}  # fmt: skip

_RESPONSES = {
    "safelisted-headers": Plan(
        extra=tuple(
            (name, "x")
            for name in (
                "Cache-Control", "Content-Language", "Content-Type", "Expires", "Last-Modified",
                "Pragma", "X-Foo", "ETag", "Server", "Location", "Vary", "Link",
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
}  # fmt: skip

PLANS: dict[str, Plan] = {
    f"{theme}-{name}": plan
    for theme, plans in {
        "authorization": _AUTHORIZATION,
        "credentials": _CREDENTIALS,
        "method": _METHODS,
        "header": _HEADERS,
        "preflight": _PREFLIGHTS,
        "redirect": _REDIRECTS,
        "response": _RESPONSES,
    }.items()
    for name, plan in plans.items()
}


def directed_cases() -> Iterator[Case]:
    """Every plan as a case, its name as the id."""
    for name, plan in PLANS.items():
        yield plan.case(f"d-{name}")
