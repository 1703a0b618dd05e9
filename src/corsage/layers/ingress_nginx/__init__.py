"""ingress-nginx: Ingress objects with the annotations of the community controller."""

from corsage.layers.ingress_nginx.target import TARGET

__all__ = ["TARGET"]
