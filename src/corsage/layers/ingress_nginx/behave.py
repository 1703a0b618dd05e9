"""What the controller's nginx does with the written objects, header for header."""

from __future__ import annotations

import re

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.ingress_nginx.limits import expression
from corsage.layers.ingress_nginx.write import (
    BLANK,
    allowed_headers,
    allowed_methods,
    answering,
    custom_headers,
    max_age,
)
from corsage.layers.target import Hop
from corsage.layers.urls import split_url
from corsage.policy.decide import Decisions
from corsage.policy.model import CorsPolicy, Policy
from corsage.policy.paths import requested_path


def behave(policy: Policy) -> Hop:
    """The Ingresses as a hop; a path of none of them is the default backend's bare 404."""
    decisions = Decisions(policy)

    def hop(request: WireRequest, service: Server) -> Response | None:
        url = split_url(request.url)
        route = decisions.route(url.netloc, requested_path(url.path))
        if route is None:
            return Response(404)
        rules = answering(policy, route)
        origin = next((value for name, value in request.headers if name == "Origin"), "")
        granted = () if rules is None else _granted(rules, origin)
        if granted and request.method == "OPTIONS":
            return _set(Response(204), {**custom_headers(rules), **dict(granted)})
        response = service(request) or Response(502)
        if route.owner == "service":
            return response
        return _set(response, {**custom_headers(rules), **dict(granted)})

    return hop


def _granted(rules: CorsPolicy, origin: str) -> Headers:
    """All CORS headers, which the controller sends on every response to an admitted origin."""
    admitted = rules.allow_origins.any_origin or re.search(
        f"(?:{expression(rules)})$", origin, re.IGNORECASE
    )
    if not admitted:
        return ()
    credentials = (("Access-Control-Allow-Credentials", "true"),)
    exposed = (("Access-Control-Expose-Headers", ", ".join(rules.expose_headers)),)
    return (
        ("Access-Control-Allow-Origin", "*" if rules.allow_origins.any_origin else origin),
        *(credentials if rules.allow_credentials else ()),
        ("Access-Control-Allow-Methods", allowed_methods(rules)),
        ("Access-Control-Allow-Headers", allowed_headers(rules)),
        *(exposed if rules.expose_headers else ()),
        ("Access-Control-Max-Age", str(max_age(rules))),
    )


def _set(response: Response, headers: dict[str, str]) -> Response:
    replaced = {name.lower() for name in headers}
    kept = [line for line in response.headers if line[0].lower() not in replaced]
    added = [(name, value) for name, value in headers.items() if value != BLANK]
    return Response(response.status, (*kept, *added))
