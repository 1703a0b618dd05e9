"""Who answers for CORS in a location, as nginx says it.

An :class:`Owner` is the few lines that stand in every location of a policy: the answers to
preflights, then the headers of everything else. An ``if`` is safe here because it holds nothing
but ``add_header`` and ``return``. The variables are maps, which nginx computes at most once a
request and only when asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from corsage.layers.nginx.origin_maps import origin_map
from corsage.layers.nginx.words import Constants, NginxWriteError, indented
from corsage.policy.decide import PREFLIGHT_VARY
from corsage.policy.model import ANY, CorsPolicy

_METHOD = re.compile("[A-Z_-]+")

SHARED_MAPS = [
    "# A preflight is OPTIONS with an Origin and an Access-Control-Request-Method; for anything",
    "# else these are empty. An allowed origin is not empty, so that is asked for refusals only.",
    "map $http_access_control_request_method $gateway_allowed {",
    '    ""      "";',
    "    default allowed;",
    "}",
    "map $http_origin $gateway_refused {",
    '    ""      "";',
    "    default $gateway_refused_method;",
    "}",
    "map $http_access_control_request_method $gateway_refused_method {",
    '    ""      "";',
    "    default refused;",
    "}",
    "map $request_method $gateway_preflight {",
    "    OPTIONS $gateway_refused;",
    "}",
    "",
    "# `Vary: Origin` beside what the service sent, unless that names Origin or `*` already.",
    "map $upstream_http_vary $gateway_vary {",
    '    ""              Origin;',
    "    Accept-Encoding Origin;  # needs no regex",
    r"    '~*(?:^|,)\s*(?:origin|\*)\s*(?:,|$)' '';",
    "    default         Origin;",
    "}",
]

_VARY = f'add_header Vary "{PREFLIGHT_VARY}" always;'
_REFUSE = (_VARY, "return 403;")

# A location without an add_header of its own would inherit the server's.
_NO_HEADERS = ('add_header Access-Control-Allow-Origin "";  # none, and not the server\'s either',)


@dataclass(frozen=True, slots=True)
class Owner:
    """What stands in a location: ``preflight`` (answers in the owner's name) and ``headers`` of
    every other response; ``restores`` says that the service's own CORS headers pass."""

    preflight: tuple[str, ...]
    headers: tuple[str, ...]
    restores: bool = False


NEVER = Owner(
    preflight=("if ($gateway_preflight) {", *indented(_REFUSE), "}"),
    headers=_NO_HEADERS,
)
"""``cors: none``: never for browsers."""

SERVICE = Owner(preflight=(), headers=_NO_HEADERS, restores=True)
"""``owner: service``: the service answers for itself."""


class Ruleset:
    """One named policy: the values of its headers, its maps, and the owner that uses them.

    ``label`` names it among others. ``origin`` is the word for the origin to name, empty at run
    time for one that is not allowed. ``preflight`` and ``actual`` are the headers
    for an allowed origin (name to word).
    """

    def __init__(self, policy: CorsPolicy, identifier: str, constants: Constants) -> None:
        _check_methods(policy)
        self.policy = policy
        self.echoes = not policy.allow_origins.any_origin
        self.label = f"policy_{identifier}"
        self._variable = f"cors_{identifier}"
        self.origin = f"${self._variable}_origin" if self.echoes else '"*"'
        shared = {"Access-Control-Allow-Origin": self.origin}
        if policy.allow_timing:
            shared["Timing-Allow-Origin"] = self.origin
        if policy.allow_credentials:
            shared["Access-Control-Allow-Credentials"] = "true"
        self.preflight = dict(shared)
        for name, values in (
            ("Access-Control-Allow-Methods", policy.allow_methods),
            ("Access-Control-Allow-Headers", policy.allow_headers),
        ):
            if values:
                self.preflight[name] = constants.text(", ".join(values))
        if policy.max_age is not None:
            self.preflight["Access-Control-Max-Age"] = str(policy.max_age)
        self.actual = dict(shared)
        if policy.expose_headers:
            self.actual["Access-Control-Expose-Headers"] = constants.text(
                ", ".join(policy.expose_headers)
            )

    def maps(self) -> list[str]:
        """The maps of this policy; none for an any-origin policy, whose headers are literal."""
        if not self.echoes:
            return []
        lines = origin_map(f"{self._variable}_origin", self.policy.allow_origins)
        lines += preflight_maps(self._variable, self.origin)
        for name, value in self.actual.items():
            if value != self.origin:
                lines += _if_set(self.origin, self._gated(name), '""', value)
        return lines

    def owner(self) -> Owner:
        """What stands in the policy's locations."""
        if not self.echoes:
            return Owner(
                preflight=("if ($gateway_preflight) {", *indented(grant(self.preflight)), "}"),
                headers=tuple(add_headers(self.actual)),
            )
        gated = {
            name: value if value == self.origin else self._gated(name)
            for name, value in self.actual.items()
        }
        return echoing_owner(self._variable, self.preflight, gated)

    def _gated(self, header: str) -> str:
        # Access-Control-Allow-Credentials becomes $cors_session_allow_credentials.
        suffix = header.lower().removeprefix("access-control-").replace("-", "_")
        return f"${self._variable}_{suffix}"


def _check_methods(policy: CorsPolicy) -> None:
    for method in policy.allow_methods:
        if method != ANY and not _METHOD.fullmatch(method):
            raise NginxWriteError(
                f"policy {policy.name!r} allows the method {method!r}, to which nginx answers 400: "
                f"it takes upper case only; write {method.upper()}"
            )


def echoing_owner(variable: str, preflight: Mapping[str, str], actual: Mapping[str, str]) -> Owner:
    """An owner whose answers depend on the origin, by the maps of :func:`preflight_maps`."""
    return Owner(
        preflight=(
            f"if (${variable}_preflight = allowed) {{",
            *indented(grant(preflight)),
            "}",
            f"if (${variable}_preflight = refused) {{",
            *indented(_REFUSE),
            "}",
        ),
        headers=(*add_headers(actual), "add_header Vary $gateway_vary always;"),
    )


def preflight_maps(variable: str, origin: str, allowed: str = "$gateway_allowed") -> list[str]:
    """``$<variable>_preflight``: allowed, refused, or empty for what is no preflight.

    ``origin`` must be empty for a request without an Origin, or ``allowed`` must.
    """
    return [
        f"map $request_method ${variable}_preflight {{",
        f"    OPTIONS ${variable}_answer;",
        "}",
        *_if_set(origin, f"${variable}_answer", "$gateway_refused", allowed),
    ]


def grant(headers: Mapping[str, str]) -> list[str]:
    """The answer to a preflight that is allowed."""
    return [*add_headers(headers), _VARY, "return 204;"]


def add_headers(headers: Mapping[str, str]) -> list[str]:
    """The headers on every status; nginx leaves out one whose value is empty."""
    return [f"add_header {name} {value} always;" for name, value in headers.items()]


def _if_set(source: str, variable: str, empty: str, otherwise: str) -> list[str]:
    return [
        f"map {source} {variable} {{",
        f'    ""      {empty};',
        f"    default {otherwise};",
        "}",
    ]
