"""Reading nginx: what its servers do with a request, and whom they let read."""

from corsage.layers.nginx.read.reader import READER

__all__ = ["READER"]
