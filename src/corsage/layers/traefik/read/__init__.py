"""Traefik's file provider and labels of containers, as they are read (Traefik 3.7)."""

from corsage.layers.traefik.read.reader import READER

__all__ = ["READER"]
