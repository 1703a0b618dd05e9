"""What Envoy's configuration cannot say."""

from __future__ import annotations


class EnvoyWriteError(ValueError):
    """A value that Envoy's configuration cannot hold; the message names it and why."""
