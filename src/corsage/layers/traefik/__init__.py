"""Traefik: a static configuration and the file that its file provider watches."""

from corsage.layers.traefik.target import TARGET

__all__ = ["TARGET"]
