"""Authorization, which browsers let ``*`` cover and the standard does not."""

from __future__ import annotations

from tests.differential.directed.shared import AUTHORIZATION, CUSTOM, PAGE
from tests.differential.plan import Plan

PLANS = {
    # whatwg/fetch#1919: browsers let * cover Authorization, the standard does not.
    "wildcard-covers-authorization": Plan(headers=(AUTHORIZATION,), acah=("*",)),
    "wildcard-covers-authorization-get-xhr": Plan(
        headers=(AUTHORIZATION,), acah=("*",), initiator="xmlhttprequest"
    ),
    "wildcard-and-authorization-named": Plan(headers=(AUTHORIZATION,), acah=("*, authorization",)),
    "wildcard-covers-authorization-and-custom": Plan(headers=(AUTHORIZATION, CUSTOM), acah=("*",)),
    "named-custom-missing": Plan(headers=(AUTHORIZATION, CUSTOM), acah=("Authorization",)),
    "missing-custom-named": Plan(headers=(AUTHORIZATION, CUSTOM), acah=("X-Custom",)),
    "under-literal-wildcard": Plan(headers=(AUTHORIZATION,), acah=("*",), credentials="include"),
    "lower-case": Plan(headers=(("authorization", "x"),), acah=("AUTHORIZATION",)),
    "empty": Plan(headers=(("Authorization", ""),)),
    "same-origin": Plan(headers=(AUTHORIZATION,), way="P", acah=()),
    "dropped-to-other-origin": Plan(headers=(AUTHORIZATION,), way="AB"),
    "dropped-to-other-port": Plan(headers=(AUTHORIZATION,), way="PA"),
    "kept-on-same-origin-redirect": Plan(headers=(AUTHORIZATION,), way="AA"),
    "dropped-back-home": Plan(headers=(AUTHORIZATION,), way="AP"),
    "dropped-and-not-regained": Plan(headers=(AUTHORIZATION,), way="PAP"),
    "dropped-with-custom": Plan(headers=(AUTHORIZATION, CUSTOM), way="AB"),
    "dropped-custom-third-hop": Plan(headers=(AUTHORIZATION, CUSTOM), way="ABA"),
    "dropped-third-hop": Plan(
        headers=(AUTHORIZATION,), way="ABA", tainted_preflight=PAGE, acah=("*",), at_hop=2
    ),
    "dropped-third-hop-page-origin": Plan(
        headers=(AUTHORIZATION, CUSTOM), way="ABA", tainted_preflight=PAGE
    ),
    "xhr-include": Plan(
        headers=(AUTHORIZATION,), initiator="xmlhttprequest", credentials="include"
    ),
}
