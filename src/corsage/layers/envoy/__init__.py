"""Envoy: the files that the gateway runs with ``--engine envoy``."""

from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.envoy.features import EnvoyFeatures
from corsage.layers.envoy.target import TARGET
from corsage.layers.envoy.write import write

__all__ = ["TARGET", "EnvoyFeatures", "EnvoyWriteError", "write"]
