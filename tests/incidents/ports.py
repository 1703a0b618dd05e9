"""Ports of this machine, by the name of what listens there."""

from __future__ import annotations

import random
import re
import socket

# Below the ports that the system gives to outgoing connections, which could take one meanwhile.
_RANGE = range(20_000, 32_000)
_TOKEN = re.compile(r"@([a-z][\w-]*)@")


class Ports:
    """One port for each name, chosen when the name is first used."""

    def __init__(self) -> None:
        self._chosen: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        while name not in self._chosen:
            port = random.choice(_RANGE)
            if port not in self._chosen.values() and _is_free(port):
                self._chosen[name] = port
        return self._chosen[name]

    def url(self, name: str) -> str:
        """Where the server with this name answers."""
        return f"http://127.0.0.1:{self[name]}"

    def filled(self, text: str) -> str:
        """The text with ``@name@`` replaced by that server's port."""
        return _TOKEN.sub(lambda match: str(self[match[1]]), text)


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
