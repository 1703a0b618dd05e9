"""HAProxy: haproxy.cfg and the maps and lists that it looks things up in."""

from corsage.layers.haproxy.target import TARGET

__all__ = ["TARGET"]
