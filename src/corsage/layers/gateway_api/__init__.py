"""Gateway API: HTTPRoutes with the CORS filter (v1, standard channel from 1.5)."""

from corsage.layers.gateway_api.target import TARGET

__all__ = ["TARGET"]
