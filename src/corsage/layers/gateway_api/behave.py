"""What a gateway on Envoy (Envoy Gateway) does with the HTTPRoutes, header for header."""

from __future__ import annotations

import re

from corsage.layers import envoy_cors
from corsage.layers.gateway_api.write import NO_MAX_AGE
from corsage.layers.target import Hop
from corsage.policy.model import CorsPolicy, Policy


def behave(policy: Policy) -> Hop:
    """The HTTPRoutes as a hop."""
    dialect = envoy_cors.Dialect(separator=", ", max_age=NO_MAX_AGE, admits=admits)
    return envoy_cors.behave(policy, dialect)


def admits(rules: CorsPolicy, origin: str) -> bool:
    """Whether the translated origins match one."""
    # A wildcard is any text, dots and all.
    origins = rules.allow_origins
    wildcards = (re.escape(str(p)).replace(r"\*", ".*") for p in origins.patterns)
    return (
        origins.any_origin
        or origin in origins.exact
        or any(re.fullmatch(wildcard, origin) for wildcard in wildcards)
    )
