"""The policy as values: what the file means once it has been read and found valid.

Nothing here reads files or checks rules (:mod:`corsage.policy.load` does); every value can be
built by hand, compared and hashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from corsage.policy.origins import OriginSet

Owner: TypeAlias = Literal["gateway", "service"]

ANY = "*"
"""The wildcard, as it stands in the policy file and in the headers."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Paths of the listener's PEM files."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Gateway:
    """The one browser-facing gateway.

    ``listen`` is ``host:port``. ``public`` is the origin that browsers see
    (``https://api.example.com``); None means ``http(s)://`` + ``listen``. ``max_body`` is the
    largest request body in bytes (0: no limit). Logs are paths, None for none.
    """

    listen: str = "127.0.0.1:8080"
    public: str | None = None
    tls: Tls | None = None
    max_body: int = 1024 * 1024
    access_log: str | None = None
    error_log: str | None = None

    @property
    def public_origin(self) -> str:
        """The serialised origin under which browsers reach the gateway."""
        if self.public is not None:
            return self.public
        scheme, port = ("https", ":443") if self.tls else ("http", ":80")
        return f"{scheme}://{self.listen.removesuffix(port)}"


@dataclass(frozen=True, slots=True)
class Service:
    """An upstream: ``url`` is ``http(s)://host[:port]``."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class CorsPolicy:
    """One named policy: who may read what.

    Lists hold names as written; ``"*"`` may be an element of ``allow_methods``,
    ``allow_headers`` and ``expose_headers`` only where ``allow_credentials`` is false
    (with credentials a browser takes it for a literal name). ``max_age`` is in seconds, None
    leaves the header out. ``allow_timing`` sends ``Timing-Allow-Origin`` as well.
    """

    name: str
    allow_origins: OriginSet
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age: int | None = None
    allow_timing: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Requests under ``path`` go to ``service``, with the policy named ``cors``.

    ``match`` is ``prefix`` (whole segments, as Gateway API's PathPrefix) or ``exact``.
    ``cors`` None is the file's ``none``: never for browsers. ``host`` None matches every host.
    ``max_body`` (bytes), ``rate_limit`` (requests a second and client address) and ``timeout``
    (seconds) are the gateway's own limits; None inherits the gateway's.
    """

    path: str
    service: str
    cors: str | None
    match: Literal["prefix", "exact"] = "prefix"
    host: str | None = None
    owner: Owner = "gateway"
    max_body: int | None = None
    rate_limit: int | None = None
    timeout: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of ``expect:``: ``METHOD PATH [with ...] from ORIGIN: allowed|blocked``.

    ``origins`` are the concrete serialised origins that the name or the text stands for.
    ``line`` is where it stands in the file (1-based), ``text`` as written.
    """

    text: str
    method: str
    path: str
    origins: tuple[str, ...]
    allowed: bool
    headers: tuple[str, ...] = ()
    credentials: bool = False
    host: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy file. Mappings keep the file's order."""

    gateway: Gateway
    services: Mapping[str, Service]
    policies: Mapping[str, CorsPolicy]
    routes: tuple[Route, ...]
    origins: Mapping[str, OriginSet] = field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
