"""Apache httpd: a site, with a virtual host for each host."""

from corsage.layers.httpd.target import TARGET

__all__ = ["TARGET"]
