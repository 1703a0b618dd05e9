"""Caddyfiles as they are read (Caddy 2.11)."""

from corsage.layers.caddy.read.reader import READER

__all__ = ["READER"]
