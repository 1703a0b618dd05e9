"""Run the gateway: an engine, made of the policy and kept in step with its file."""

from corsage.gateway.engine import Engine, find_engine
from corsage.gateway.envoy_engine import EnvoyEngine, find_envoy
from corsage.gateway.errors import GatewayError
from corsage.gateway.events import Event
from corsage.gateway.run import run
from corsage.gateway.supervisor import Gateway, running, validate

__all__ = [
    "Engine",
    "EnvoyEngine",
    "Event",
    "Gateway",
    "GatewayError",
    "find_engine",
    "find_envoy",
    "run",
    "running",
    "validate",
]
