"""Run the gateway: an engine, made of the policy and kept in step with its file."""

from corsage.gateway.engine import Engine, find_engine
from corsage.gateway.errors import GatewayError
from corsage.gateway.run import Event, Gateway, run, running, validate

__all__ = [
    "Engine",
    "Event",
    "Gateway",
    "GatewayError",
    "find_engine",
    "run",
    "running",
    "validate",
]
