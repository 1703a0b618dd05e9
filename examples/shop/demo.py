"""The whole shop as one context: services, front ends and the gateway, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from corsage.gateway import running as running_gateway
from corsage.policy.load import load_policy
from corsage.policy.model import Policy
from examples.shop.addresses import PORT_BASE, policy_text
from examples.shop.calls import CALLS
from examples.shop.pages import origins, page
from examples.shop.services import http, services


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


@contextmanager
def open_shop(base: int = PORT_BASE) -> Iterator[Policy]:
    """The running shop's policy. Raises OSError if a port is taken."""
    with ExitStack() as stack:
        policy = load_policy(policy_text(base))
        pages = origins(policy)
        for name, service in services(app=pages["app"], admin=pages["admin"]).items():
            stack.enter_context(http.running(service, _port(policy.services[name].url)))
        for name in CALLS:
            stack.enter_context(http.running(page(policy, name), _port(pages[name])))
        stack.enter_context(running_gateway(policy))
        yield policy
