"""The policy as the files of Traefik's file provider."""

from __future__ import annotations

from corsage.layers.gateways import address_of, listen_of
from corsage.layers.target import File
from corsage.layers.traefik.routers import Backend, Routing
from corsage.layers.yaml_text import Noted, Value, yaml_of
from corsage.policy.model import Gateway, Policy

INTERNAL = "noop@internal"
"""The service of a router whose middlewares answer."""


def write(policy: Policy) -> tuple[File, ...]:
    """``traefik.yaml`` and ``dynamic.yaml``, the same texts for the same policy.

    Raises GatewayWriteError where a value cannot be said in Traefik's language.
    """
    dynamic = _dynamic(policy)
    return (
        File("traefik.yaml", yaml_of(_static(policy.gateway))),
        File("dynamic.yaml", yaml_of(dynamic)),
    )


def _static(gateway: Gateway) -> dict[str, Value]:
    host, port = listen_of(gateway)
    address = f"{'' if host == '*' else host}:{port}"
    found: dict[str, Value] = {
        "entryPoints": {
            "gateway": {
                "address": address,
                "http": {
                    "encodedCharacters": Noted(
                        "A slash that is hidden as %2F would get round the rules of a path.",
                        {"allowEncodedSlash": False, "allowEncodedNullCharacter": False},
                    ),
                    **({"tls": {}} if gateway.tls is not None else {}),
                },
            }
        },
        "providers": {"file": {"filename": "dynamic.yaml"}},
    }
    if gateway.error_log is not None:
        found["log"] = {"filePath": gateway.error_log}
    if gateway.access_log is not None:
        found["accessLog"] = {"filePath": gateway.access_log}
    return found


def _dynamic(policy: Policy) -> dict[str, Value]:
    routing = Routing(policy)
    routers: dict[str, Value] = {}
    backends: dict[str, Value] = {}
    transports: dict[str, Value] = {}
    for router in routing.routers:
        backend = router.backend
        if backend is not None:
            backends[backend.name] = _balancer(backend)
            if backend.timeout is not None:
                transports[backend.name] = {"forwardingTimeouts": timeouts(backend.timeout)}
        routers[router.name] = {
            "rule": router.rule,
            "priority": router.priority,
            **({"middlewares": list(router.middlewares)} if router.middlewares else {}),
            "service": INTERNAL if backend is None else backend.name,
        }
    http: dict[str, Value] = {"routers": routers, "middlewares": routing.middlewares}
    if backends:
        http["services"] = backends
    if transports:
        http["serversTransports"] = transports
    found: dict[str, Value] = {"http": http}
    if (tls := policy.gateway.tls) is not None:
        pair: Value = {"certFile": tls.certificate, "keyFile": tls.key}
        found["tls"] = {"stores": {"default": {"defaultCertificate": pair}}}
    return found


def timeouts(seconds: int) -> dict[str, str]:
    """The times of a route's transport."""
    return {"dialTimeout": f"{seconds}s", "responseHeaderTimeout": f"{seconds}s"}


def _balancer(backend: Backend) -> Value:
    address = address_of(backend.service)
    balancer: dict[str, Value] = {
        "servers": [{"url": f"{address.scheme}://{address.host}:{address.port}"}]
    }
    if backend.timeout is not None:
        balancer["serversTransport"] = backend.name
    return {"loadBalancer": balancer}
