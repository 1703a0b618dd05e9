"""Traefik: a static configuration and the file that its file provider watches; labels as well."""

from dataclasses import replace

from corsage.layers.traefik import labels, target

TARGET = replace(target.TARGET, forms={"labels": labels.TARGET})

__all__ = ["TARGET"]
