"""Answers to preflights."""

from __future__ import annotations

from tests.differential.directed.shared import CUSTOM, TO_ITSELF
from tests.differential.plan import Plan

PLANS = {
    "redirected": Plan(method="PUT", preflight_status=302, preflight_location=TO_ITSELF),
    "redirected-xhr": Plan(
        method="PUT",
        preflight_status=302,
        preflight_location=TO_ITSELF,
        initiator="xmlhttprequest",
    ),
    "redirected-without-location": Plan(method="PUT", preflight_status=302),
    "redirected-empty-location": Plan(method="PUT", preflight_status=302, preflight_location=("",)),
    "redirected-without-allow-origin": Plan(
        method="PUT", preflight_status=302, preflight_location=TO_ITSELF, acao=()
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
        preflight_location=TO_ITSELF,
        redirect="error",
    ),
    "redirected-while-redirect-is-manual": Plan(
        method="PUT",
        preflight_status=301,
        preflight_location=TO_ITSELF,
        redirect="manual",
    ),
    "300-with-location": Plan(method="PUT", preflight_status=300, preflight_location=TO_ITSELF),
    "304": Plan(method="PUT", preflight_status=304),
    "404-without-allow-origin": Plan(method="PUT", preflight_status=404, acao=()),
    "404-with-junk-lists": Plan(method="PUT", preflight_status=404, acam=("@",)),
    "407": Plan(method="PUT", preflight_status=407),
    "401": Plan(method="PUT", preflight_status=401),
    "missing-acao-and-lists": Plan(method="PUT", acao=(), acam=(), headers=(CUSTOM,), acah=()),
    "method-and-header-missing": Plan(method="PUT", acam=(), headers=(CUSTOM,), acah=()),
    "method-missing-headers-broken": Plan(
        method="PUT", acam=("GET",), headers=(CUSTOM,), acah=("@ x",)
    ),
    "methods-broken-headers-broken": Plan(
        method="PUT", acam=("@ x",), headers=(CUSTOM,), acah=("( y",)
    ),
    "methods-broken-but-safelisted": Plan(headers=(CUSTOM,), acam=("(",)),
    "headers-broken-but-none-needed": Plan(method="PUT", acah=("a b",)),
    "broken-max-age-is-harmless": Plan(method="PUT", acma=("never",)),
    "junk-before-good-line": Plan(method="PUT", acam=("@", "PUT")),
    "max-age-zero-redirected": Plan(method="PUT", way="AA", acma=("0",), redirect_status=307),
    "network-failure": Plan(method="PUT", url="http://localhost:18104/c/<id>/0"),
    "network-failure-simple": Plan(url="http://localhost:18104/c/<id>/0"),
    "network-failure-xhr": Plan(url="http://localhost:18104/c/<id>/0", initiator="xmlhttprequest"),
    "network-failure-no-cors": Plan(url="http://localhost:18104/c/<id>/0", mode="no-cors"),
}
