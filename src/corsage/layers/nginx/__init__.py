"""nginx: the configuration that the gateway runs."""

from corsage.layers.nginx.features import NginxFeatures
from corsage.layers.nginx.target import TARGET
from corsage.layers.nginx.words import NginxWriteError
from corsage.layers.nginx.write import write

__all__ = ["TARGET", "NginxFeatures", "NginxWriteError", "write"]
