"""A dead service looks like a dead service: the page can read the gateway's 502."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corsage.browser import Request
from corsage.gateway import running
from corsage.policy.model import Service
from examples.shop.addresses import free_base
from examples.shop.predict import shop_client
from tests.e2e.chromium import predict

pytestmark = [pytest.mark.chromium, pytest.mark.nginx]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_page_reads_the_502_of_a_service_that_is_down(shop, front_end, method):
    page = front_end("app")
    base = free_base(18_000)
    down = Service("billing", f"http://127.0.0.1:{base + 1}")
    gateway = replace(shop.gateway, listen=f"127.0.0.1:{base}", public=f"http://localhost:{base}")
    broken = replace(shop, gateway=gateway, services={**shop.services, "billing": down})
    request = Request(
        f"{gateway.public}/billing/invoices", page.origin, method, credentials="include"
    )
    # The page's Content-Security-Policy knows the shop's own gateway alone.
    with running(broken), page.context.browser.new_context(bypass_csp=True) as context:
        other = type(page)(context, page.origin)
        client = shop_client(broken, user_agent=other.user_agent)
        seen = other.ask(request)
        assert seen == predict(request, client)
        assert seen.status == 502
