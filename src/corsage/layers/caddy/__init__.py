"""Caddy: a Caddyfile."""

from corsage.layers.caddy.target import TARGET

__all__ = ["TARGET"]
