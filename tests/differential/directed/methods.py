"""Methods, bodies and modes."""

from __future__ import annotations

from tests.differential.directed.shared import CUSTOM, JSON
from tests.differential.plan import Plan

PLANS = {
    "patch-is-not-normalised": Plan(method="patch", acam=("PATCH",)),
    "patch-asked-in-lower-case": Plan(method="patch", acam=("patch",)),
    "patch-upper-listed-lower": Plan(method="PATCH", acam=("patch",)),
    "put-is-normalised": Plan(method="put", acam=("PUT",)),
    "put-listed-in-lower-case": Plan(method="PUT", acam=("put",)),
    "get-listed-nowhere": Plan(headers=(CUSTOM,), acam=("PUT",)),
    "get-with-broken-list": Plan(headers=(CUSTOM,), acam=("P UT",)),
    "post-listed-in-lower-case": Plan(method="POST", headers=(JSON,), acam=("post",)),
    "head-needs-no-listing": Plan(method="HEAD", headers=(CUSTOM,), acam=()),
    "delete-without-list": Plan(method="DELETE", acam=()),
    "options-is-preflighted": Plan(method="OPTIONS"),
    "query-is-preflighted": Plan(method="QUERY"),
    "trace-is-forbidden": Plan(method="TRACE"),
    "track-is-forbidden": Plan(method="track"),
    "connect-is-forbidden": Plan(method="Connect"),
    "trace-is-forbidden-xhr": Plan(method="trace", initiator="xmlhttprequest"),
    "is-no-token": Plan(method="P UT"),
    "is-empty": Plan(method=""),
    "is-no-token-xhr": Plan(method="P@UT", initiator="xmlhttprequest"),
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
    "no-cors-custom-header-dropped": Plan(mode="no-cors", headers=(CUSTOM,)),
    "no-cors-json-dropped": Plan(mode="no-cors", method="POST", headers=(JSON,)),
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
