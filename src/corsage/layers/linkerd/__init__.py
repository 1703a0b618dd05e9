"""Linkerd: what the mesh must let through. It has no CORS, and none is written."""

from corsage.layers.linkerd.target import TARGET

__all__ = ["TARGET"]
