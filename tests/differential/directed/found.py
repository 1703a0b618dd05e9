"""Disagreements that random cases have found, once each, as small as they could be made."""

from __future__ import annotations

from tests.differential.directed.shared import PAGE
from tests.differential.plan import Plan

PLANS = {
    "no-cors-post-redirected-away": Plan(
        way="PA", mode="no-cors", method="POST", redirect_status=307
    ),
    "fragment-of-a-blocked-redirect": Plan(way="AB", location=("<next>#part",), acao=(), at_hop=1),
    "fragment-of-a-blocked-preflight": Plan(
        way="AB",
        method="DELETE",
        redirect_status=307,
        location=("<next>#part",),
        acao=(),
        at_hop=1,
        initiator="xmlhttprequest",
    ),
    "fragment-in-same-origin-mode": Plan(way="PA", mode="same-origin", location=("<next>#part",)),
    **{
        f"userinfo-at-home-by-xmlhttprequest-{method.lower()}": Plan(
            way="PP",
            method=method,
            redirect_status=308,
            initiator="xmlhttprequest",
            location=("http://u:p@localhost:18101/c/<id>/1",),
        )
        for method in ("GET", "POST", "QUERY")
    },
    "tainted-loop-of-preflights": Plan(
        way="ABA", method="DELETE", redirect_status=301, location=("<here>",), at_hop=2
    ),
    "tainted-loop-of-preflights-page-origin": Plan(
        way="ABA",
        method="DELETE",
        redirect_status=301,
        location=("<here>",),
        at_hop=2,
        tainted_preflight=PAGE,
    ),
    "loop-to-a-fragment": Plan(
        way="BA", method="DELETE", redirect_status=308, location=("#top",), credentials="include"
    ),
    "preflight-408": Plan(method="PUT", preflight_status=408),
    "actual-408": Plan(actual_status=408),
    "blob-without-origin": Plan(way="PP", location=("blob:x",)),
    "blob-without-origin-no-cors": Plan(way="PP", mode="no-cors", location=("blob:x",)),
    "blob-from-a-sandboxed-page": Plan(
        way="PP", page="sandboxed", location=("blob:http://localhost:18101/x",)
    ),
    "blob-of-the-page-no-cors": Plan(
        way="AA", mode="no-cors", location=("blob:http://localhost:18101/x",)
    ),
    "blob-at-home-by-xmlhttprequest": Plan(
        way="PP", initiator="xmlhttprequest", location=("blob:http://localhost:18101/x",)
    ),
    "blank-in-a-host": Plan(
        way="AA", initiator="xmlhttprequest", location=("http://a b/",), acao=("null",)
    ),
    "blob-by-xmlhttprequest": Plan(
        way="AA", initiator="xmlhttprequest", location=("blob:http://localhost:18101/x",)
    ),
}
