"""Where everything listens. The policy file says it; a busy machine may move the whole block."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

POLICY_FILE = Path(__file__).with_name("cors.yaml")
PORT_BASE = 8400
_PORT = re.compile(rf"(?<=:){PORT_BASE // 100}(\d\d)\b")


class PortsInUseError(Exception):
    """The block of ports is not free; the message says which, and what to do."""


def policy_text(base: int = PORT_BASE) -> str:
    """The policy file, with its ports moved to the block that begins at ``base``."""
    return _PORT.sub(lambda port: str(base + int(port[1])), POLICY_FILE.read_text())


def ports(base: int = PORT_BASE) -> tuple[int, ...]:
    """Every port that the shop listens on, the gateway's first."""
    found = (int(digits) for digits in _PORT.findall(POLICY_FILE.read_text()))
    return tuple(base + port for port in sorted(set(found)))


def taken(wanted: Iterable[int]) -> tuple[int, ...]:
    """Those ports of 127.0.0.1 on which something listens already."""
    return tuple(port for port in wanted if not _is_free(port))


def choose_base(asked: int | None = None) -> int:
    """The block asked for, or the first free one from the default on.

    Raises :class:`PortsInUseError` if the block asked for is not free, or none is.
    """
    if asked is not None:
        if busy := taken(ports(asked)):
            raise PortsInUseError(
                f"port {busy[0]} on 127.0.0.1 is in use; "
                f"free it or choose another block: --port-base {free_base(asked + 100)}"
            )
        return asked
    return free_base(PORT_BASE)


def free_base(first: int) -> int:
    """The first port of the first free block from ``first`` on."""
    for base in range(first, 32_000, 100):  # above begin the ports of outgoing connections
        if not taken(ports(base)):
            return base
    raise PortsInUseError(f"no block of ports from {first} on is free on 127.0.0.1")


def _is_free(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
