"""What a Spring Boot service answers with the written filter, header for header."""

from __future__ import annotations

import re
from urllib.parse import unquote

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers import application
from corsage.layers.target import Hop
from corsage.policy.model import Policy

_PARAMETERS = re.compile(";[^/]*")


def behave(policy: Policy) -> Hop:
    """The filter as a hop in front of Spring MVC."""
    filtered = application.behave(policy, path_of=_path)

    def hop(request: WireRequest, service: Server) -> Response | None:
        def handlers(forwarded: WireRequest) -> Response | None:
            # A preflight that the filter leaves to the gateway reaches no handler either: Spring
            # MVC answers it.
            return Response(200) if _is_preflight(forwarded) else service(forwarded)

        return filtered(request, handlers)

    return hop


def _path(raw: str) -> str:
    # Path patterns compare decoded segments, without what follows a semicolon in them.
    return unquote(_PARAMETERS.sub("", raw))


def _is_preflight(request: WireRequest) -> bool:
    named = {name.lower() for name, value in request.headers if value}
    return request.method == "OPTIONS" and named >= {"origin", "access-control-request-method"}
