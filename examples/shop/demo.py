"""The whole shop as one context: services, front ends and the gateway, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from corsage.gateway import running as running_gateway
from corsage.policy.load import load_policy
from corsage.policy.model import Policy
from examples.shop.addresses import PORT_BASE, PortsInUseError, policy_text
from examples.shop.calls import CALLS
from examples.shop.pages import origins, page
from examples.shop.services import http, services
from examples.shop.services.http import Service


def _start(stack: ExitStack, service: Service, url: str) -> None:
    port = int(url.rpartition(":")[2])
    try:
        stack.enter_context(http.running(service, port))
    except OSError as error:
        raise PortsInUseError(f"port {port} on 127.0.0.1: {error.strerror}") from error


def shop_policy(base: int = PORT_BASE) -> Policy:
    """What ``cors.yaml`` means, at the block of ports that begins at ``base``."""
    return load_policy(policy_text(base), "examples/shop/cors.yaml")


@contextmanager
def open_shop(policy: Policy) -> Iterator[None]:
    """The shop runs while the block does.

    Raises PortsInUseError if a port is taken and GatewayError if the gateway cannot start.
    """
    pages = origins(policy)
    with ExitStack() as stack:
        for name, service in services(app=pages["app"], admin=pages["admin"]).items():
            _start(stack, service, policy.services[name].url)
        for name in CALLS:
            _start(stack, page(policy, name), pages[name])
        stack.enter_context(running_gateway(policy))
        yield
