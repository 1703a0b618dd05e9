"""Fastify."""

from corsage.layers.fastify.target import TARGET

__all__ = ["TARGET"]
