"""Services that are dead or never finish, as a page sees them through the gateway."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from corsage.browser import Request
from corsage.gateway import running
from corsage.policy.model import Policy, Service
from examples.shop.addresses import free_base
from examples.shop.pages import origins
from examples.shop.predict import shop_client
from examples.shop.services import http
from examples.shop.services.http import Answer, Asked
from tests.e2e.chromium import FrontEnd, predict

pytestmark = [pytest.mark.chromium, pytest.mark.nginx]

# Reads an event stream piece by piece; `next` ends when the named event has come.
_STREAM = """(url) => {
  window.stream = (async () => {
    const response = await fetch(url, {credentials: "include"});
    window.reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    window.seen = "";
  })();
}"""
_NEXT = """async (wanted) => {
  await window.stream;
  while (!window.seen.includes(wanted)) {
    const {value, done} = await window.reader.read();
    if (done) break;
    window.seen += value;
  }
  return window.seen;
}"""


@contextmanager
def gateway_to(shop: Policy, name: str, url: str) -> Iterator[Policy]:
    """Another gateway, where the service ``name`` is elsewhere."""
    base = free_base(18_000)
    gateway = replace(shop.gateway, listen=f"127.0.0.1:{base}", public=f"http://localhost:{base}")
    services = {**shop.services, name: Service(name, url)}
    policy = replace(shop, gateway=gateway, services=services)
    with running(policy):
        yield policy


@pytest.fixture
def page(chromium, shop) -> Iterator[FrontEnd]:
    """The shop's page; its Content-Security-Policy would know the shop's own gateway alone."""
    with chromium.new_context(bypass_csp=True) as context:
        yield FrontEnd(context, origins(shop)["app"])


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_page_reads_the_502_of_a_service_that_is_down(shop, page, method):
    nobody = f"http://127.0.0.1:{free_base(19_000)}"
    with gateway_to(shop, "billing", nobody) as policy:
        url = f"{policy.gateway.public}/billing/invoices"
        request = Request(url, page.origin, method, credentials="include")
        seen = page.ask(request)
        assert seen == predict(request, shop_client(policy, user_agent=page.user_agent))
        assert seen.status == 502


def test_a_page_reads_an_event_before_the_next_one_exists(shop, page):
    may_go_on = threading.Event()

    def events() -> Iterator[bytes]:
        yield b"data: cut\n\n"
        may_go_on.wait(timeout=30)
        yield b"data: delivered\n\n"

    def stream(_: Asked) -> Answer:
        return Answer(200, (("Content-Type", "text/event-stream"),), events())

    with (
        http.running(stream) as service,
        gateway_to(shop, "notifications", f"http://127.0.0.1:{service.port}") as policy,
    ):
        page.page.evaluate(_STREAM, f"{policy.gateway.public}/notifications/stream")
        assert page.page.evaluate(_NEXT, "cut") == "data: cut\n\n"
        may_go_on.set()
        assert page.page.evaluate(_NEXT, "delivered") == "data: cut\n\ndata: delivered\n\n"
