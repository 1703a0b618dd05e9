"""Flask."""

from corsage.layers.flask.target import TARGET

__all__ = ["TARGET"]
