"""The one error that the gateway raises on purpose."""


class GatewayError(Exception):
    """The gateway cannot start, or not with this policy. The message says what, where and what
    to do, in words for the person who runs it."""
