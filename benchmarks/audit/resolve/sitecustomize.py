"""Put on PYTHONPATH of a scanner: the zoo's names lead to the zoo, and all others nowhere.

The scanners have no option for that. What they do is not touched otherwise.
"""

import _socket
import json
import os

_HOSTS = json.loads(os.environ["ZOO"])


def _getaddrinfo(host, port, *_, **__):
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _HOSTS["names"]:
        raise _socket.gaierror(-2, "Name or service not known")
    at = _HOSTS["https"] if port in (443, "443", "https") else _HOSTS["http"]
    return [(_socket.AF_INET, _socket.SOCK_STREAM, 6, "", ("127.0.0.1", at))]


_socket.getaddrinfo = _getaddrinfo
