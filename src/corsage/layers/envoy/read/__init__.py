"""Envoy's configuration, static or in the files that it watches, as it is read (Envoy 1.40)."""

from corsage.layers.envoy.read.reader import READER

__all__ = ["READER"]
