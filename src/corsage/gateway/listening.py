"""The address that the gateway listens on: ``host:port``, port 0 for any that is free."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import replace

from corsage.gateway.errors import GatewayError
from corsage.gateway.source import Source

_LISTEN = re.compile(r"(?P<host>[^\s:\[\]]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")


def split(listen: str) -> tuple[str, int]:
    """Host and port; GatewayError if they are none."""
    parts = _LISTEN.fullmatch(listen)
    if parts is None or int(parts["port"]) > 65535:
        raise GatewayError(f"{listen!r} is not host:port, as in 127.0.0.1:8080")
    return parts["host"], int(parts["port"])


def is_any_port(listen: str) -> bool:
    """Whether the port is for the system to choose."""
    return split(listen)[1] == 0


def at(source: Source, listen: str) -> Source:
    """The same policy on another address."""
    gateway = replace(source.policy.gateway, listen=listen)
    return replace(source, policy=replace(source.policy, gateway=gateway))


def at_free_port(source: Source) -> Source:
    """The same policy on a port that was free a moment ago."""
    host, _ = split(source.policy.gateway.listen)
    with _bound(host, 0) as taken:
        return at(source, f"{host}:{taken.getsockname()[1]}")


def check_port(source: Source) -> None:
    """Ask for the port first: nginx would try for seconds, and say less."""
    listen = source.policy.gateway.listen
    try:
        with _bound(*split(listen)):
            return
    except PermissionError as error:
        remedy = "use a port above 1023, or run with CAP_NET_BIND_SERVICE"
        raise GatewayError(f"{source.where(listen)}may not listen on {listen}: {remedy}") from error
    except OSError as error:
        remedy = "stop what listens there, or change `listen`"
        what = f"cannot listen on {listen} ({error.strerror}): {remedy}"
        raise GatewayError(f"{source.where(listen)}{what}") from error


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host.strip("[]"), port))
        yield taken
