"""nginx: the configuration that the gateway runs, and files to include in one's own."""

from dataclasses import replace

from corsage.layers.nginx import include, target
from corsage.layers.nginx.features import NginxFeatures
from corsage.layers.nginx.words import NginxWriteError
from corsage.layers.nginx.write import write

TARGET = replace(target.TARGET, forms={"include": include.TARGET})

__all__ = ["TARGET", "NginxFeatures", "NginxWriteError", "write"]
