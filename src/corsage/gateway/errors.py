"""What the gateway raises on purpose."""

from __future__ import annotations

from collections.abc import Iterable


class GatewayError(Exception):
    """The gateway cannot start, or not with this policy. The message says what, where and what
    to do, in words for the person who runs it.

    ``files`` are the paths that were read before the error was found.
    """

    def __init__(self, message: str, files: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.files = tuple(files)


class EngineRefusal(Exception):  # noqa: N818 -- turned into a GatewayError by who knows the policy
    """The engine does not take a configuration; the text is its own words."""
