"""FastAPI, and anything else on Starlette."""

from corsage.layers.fastapi.target import TARGET

__all__ = ["TARGET"]
