"""Istio: VirtualServices with a corsPolicy."""

from corsage.layers.istio.target import TARGET

__all__ = ["TARGET"]
