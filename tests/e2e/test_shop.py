"""What JavaScript gets in Chromium is what Corsage predicted, for every call of the shop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corsage.browser import Request
from examples.shop.calls import CALLS
from examples.shop.predict import bases, shop_client
from tests.e2e.chromium import FrontEnd, predict

pytestmark = [pytest.mark.chromium, pytest.mark.nginx]

ROWS = [(name, call) for name, calls in CALLS.items() for call in calls]


def assert_as_predicted(page: FrontEnd, request: Request, policy) -> None:
    # As the page's own browser: nginx pads its error pages for Chrome.
    client = shop_client(policy, page.cookie(request.url), user_agent=page.user_agent)
    predicted = predict(request, client)
    assert page.ask(request, predicted.console) == predicted


@pytest.mark.parametrize("initiator", ["fetch", "xmlhttprequest"])
@pytest.mark.parametrize("via", ["gateway", "direct"])
@pytest.mark.parametrize(("name", "call"), ROWS, ids=[f"{name}-{call.id}" for name, call in ROWS])
def test_every_call_of_a_front_end_is_as_predicted(shop, front_end, name, call, via, initiator):
    page = front_end(name)
    request = replace(call.request(bases(shop, call)[via], page.origin), initiator=initiator)
    if initiator == "fetch":  # only XMLHttpRequest has upload listeners
        request = replace(request, upload_listeners=False)
    assert_as_predicted(page, request, shop)


ODD = {
    "patch in lower case": Request("/billing/invoices/1", "", "patch", credentials="include"),
    "a header that is not listed": Request("/billing/invoices", "", headers=(("X-Debug", "1"),)),
    "cookies to a public route": Request("/search", "", credentials="include"),
    "a redirect, refused": Request("/billing/latest", "", credentials="include", redirect="error"),
    "a redirect, by hand": Request("/billing/latest", "", credentials="include", redirect="manual"),
    "a path that no route takes": Request("/nowhere", "", credentials="include"),
    "a HEAD": Request("/search?q=rose", "", "HEAD"),
    "a plain text POST": Request("/legacy/orders", "", "POST", body="12 tulips"),
    "upload progress on a plain POST": Request(
        "/legacy/orders", "", "POST", body="12", initiator="xmlhttprequest", upload_listeners=True
    ),
    "an OPTIONS of the page's own": Request("/billing/invoices", "", "OPTIONS"),
    "a body that is too large": Request(
        "/billing/invoices", "", "POST", body="x" * (1024 * 1024 + 1), credentials="include"
    ),
}


@pytest.mark.parametrize("name", ["app", "partner"])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_odd_requests_through_the_gateway_are_as_predicted(shop, front_end, name, odd):
    page = front_end(name)
    request = replace(odd, url=shop.gateway.public_origin + odd.url, origin=page.origin)
    assert_as_predicted(page, request, shop)
