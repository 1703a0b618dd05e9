"""HAProxy's configuration as it is read (HAProxy 2.6)."""

from corsage.layers.haproxy.read.reader import READER

__all__ = ["READER"]
