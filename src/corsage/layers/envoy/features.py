"""The machine's part of an Envoy configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OLDEST = (1, 37)
"""The oldest Envoy that the written configuration is tested on."""

HTTP_1_METHODS = frozenset(
    {
        "ACL", "BIND", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LINK", "LOCK",
        "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "MSEARCH", "NOTIFY", "OPTIONS",
        "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT", "REBIND", "REPORT", "SEARCH",
        "SOURCE", "SUBSCRIBE", "TRACE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE",
    }
)  # fmt: skip
"""What Envoy's parser of HTTP/1.1 takes. Any other gets a bare 400 (not so over HTTP/2)."""


@dataclass(frozen=True, slots=True)
class Control:
    """A Unix socket on which Envoy says what is in force, to who knows the ``key``.

    The generation of its ``routes`` is the body, that of its ``listeners`` the Server header.
    """

    socket: str
    key: str
    routes: str
    listeners: str


@dataclass(frozen=True, slots=True)
class EnvoyFeatures:
    """Where things are on the machine that a configuration is for.

    Paths are relative to the folder in which Envoy is started. ``admin`` is the Unix socket of
    its admin interface. ``trusted_ca`` is the bundle that certificates of https services are
    verified with. ``form`` is how the files are written: YAML for people; JSON for Envoy, which
    reads it in a third of the time.
    """

    admin: str = "./admin.sock"
    trusted_ca: str = "/etc/ssl/certs/ca-certificates.crt"
    control: Control | None = None
    form: Literal["yaml", "json"] = "yaml"
