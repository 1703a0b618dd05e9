"""Envoy Gateway: its SecurityPolicy (read only; what it does with HTTPRoutes is Gateway API's)."""
