"""Request headers: what costs a preflight, and what is asked for."""

from __future__ import annotations

from tests.differential.directed.shared import AUTHORIZATION, CUSTOM, JSON
from tests.differential.plan import Plan

PLANS = {
    "sorted-and-unique": Plan(
        headers=(("X-B", "1"), ("x-a", "1"), ("X-b", "2"), ("X-C", "1"), ("Content-Type", "a/b"))
    ),
    "three-missing": Plan(headers=(("X-Aa", "1"), ("X-Bb", "1"), ("X-Cc", "1")), acah=()),
    "two-of-three-missing": Plan(
        headers=(("X-Aa", "1"), ("X-Bb", "1"), ("X-Cc", "1")), acah=("x-bb",)
    ),
    "content-type-missing-with-authorization": Plan(
        headers=(JSON, AUTHORIZATION), acah=("authorization",)
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
    "repeated-custom-xhr": Plan(headers=(CUSTOM, CUSTOM), initiator="xmlhttprequest"),
    "accept-non-ascii": Plan(headers=(("Accept", "ä"),)),
    "content-type-non-ascii": Plan(headers=(("Content-Type", "text/plain;a=é"),)),
    "content-type-two-semicolons": Plan(headers=(("Content-Type", "text/plain;;"),)),
    "content-type-comma-in-parameter": Plan(headers=(("Content-Type", "text/plain;a=b, x/y"),)),
    "own-content-type-with-body": Plan(
        method="POST", headers=(("Content-Type", "text/plain"),), body="x"
    ),
    "range-beyond-int64": Plan(headers=(("Range", "bytes=9223372036854775808-"),)),
    "range-beyond-uint64": Plan(headers=(("Range", "bytes=18446744073709551616-"),)),
    "range-far-beyond": Plan(headers=(("Range", "bytes=0-99999999999999999999999"),)),
    "hint-intervention": Plan(headers=(("Intervention", "x"),)),
    "hint-dropped-to-other-origin": Plan(way="AB", headers=(("DPR", "2"),)),
    "hint-on-same-origin-redirect": Plan(way="AA", headers=(("DPR", "2"),)),
    "hint-with-custom-redirected": Plan(way="AB", headers=(("DPR", "2"), CUSTOM)),
    "hint-invalid-redirected": Plan(way="AB", headers=(("DPR", "x"),)),
    "hint-home-and-away": Plan(way="PA", headers=(("Save-Data", "on"),)),
    "sec-ch-is-forbidden": Plan(headers=(("Sec-CH-DPR", "2"),)),
    "user-agent": Plan(headers=(("User-Agent", "x"),)),
    "user-agent-with-custom": Plan(headers=(("User-Agent", "x"), CUSTOM)),
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
        headers=(CUSTOM,), initiator="xmlhttprequest", upload_listeners=True
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
