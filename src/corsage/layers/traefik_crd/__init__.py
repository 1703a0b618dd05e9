"""Traefik in Kubernetes: IngressRoutes and Middlewares."""

from corsage.layers.traefik_crd.target import TARGET

__all__ = ["TARGET"]
