"""Django."""

from corsage.layers.django.target import TARGET

__all__ = ["TARGET"]
