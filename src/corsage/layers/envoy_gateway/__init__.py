"""Envoy Gateway: HTTPRoutes, and SecurityPolicies with a ``cors`` that target them."""

from corsage.layers.envoy_gateway.target import TARGET

__all__ = ["TARGET"]
