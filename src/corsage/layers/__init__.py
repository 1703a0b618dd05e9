"""What you configured: one room per product, with all that Corsage knows of it.

A product that can be written is a :class:`~corsage.layers.target.Target`; ``TARGETS`` names them
all. Adding a product is adding a module with a ``TARGET`` and a line here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from corsage.layers.target import Target

TARGETS = {
    "nginx": "corsage.layers.nginx",
    "envoy": "corsage.layers.envoy",
    "haproxy": "corsage.layers.haproxy",
    "caddy": "corsage.layers.caddy",
    "httpd": "corsage.layers.httpd",
    "traefik": "corsage.layers.traefik",
    "express": "corsage.layers.express",
    "fastify": "corsage.layers.fastify",
    "spring": "corsage.layers.spring",
    "spring-cloud-gateway": "corsage.layers.spring_cloud_gateway",
    "fastapi": "corsage.layers.fastapi",
    "django": "corsage.layers.django",
    "flask": "corsage.layers.flask",
    "ingress-nginx": "corsage.layers.ingress_nginx",
    "gateway-api": "corsage.layers.gateway_api",
    "istio": "corsage.layers.istio",
    "envoy-gateway": "corsage.layers.envoy_gateway",
    "traefik-crd": "corsage.layers.traefik_crd",
    "linkerd": "corsage.layers.linkerd",
}
"""Target name -> module. Modules are imported when asked for."""


def load_target(name: str) -> Target:
    """The target called ``name``; KeyError if there is none."""
    target: Target = importlib.import_module(TARGETS[name]).TARGET
    return target


def every_target() -> Iterator[Target]:
    """All targets, each followed by its other forms."""
    for name in TARGETS:
        target = load_target(name)
        yield target
        yield from target.forms.values()
