"""What Express answers with the written middleware, header for header."""

from __future__ import annotations

from corsage.browser.exchange import Headers
from corsage.layers import application
from corsage.layers.javascript import decode_uri
from corsage.layers.target import Hop
from corsage.policy.model import Policy

_LISTS = frozenset(
    {
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-expose-headers",
    }
)


def behave(policy: Policy) -> Hop:
    """The middleware as a hop, in an app where case and slashes of paths count."""
    return application.behave(
        policy, path_of=decode_uri, preflight=_joined_by_cors, actual=_joined_by_cors
    )


def _joined_by_cors(headers: Headers) -> Headers:
    # `cors` joins its lists without a space.
    return tuple(
        (name, value.replace(", ", ",") if name.lower() in _LISTS else value)
        for name, value in headers
    )
