"""Every kind of source that Corsage reads, and how a file of it is recognised at a glance.

A module is imported only when a file's name fits and its text holds one of the words; the
reader's own ``detect`` then decides.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass

from corsage.layers.source import Reader


@dataclass(frozen=True, slots=True)
class Candidate:
    """``module`` holds a ``READER``. ``names`` must match the whole path, lower case; ``words``
    are what one of which must stand in the text, as written (none: any text)."""

    module: str
    names: re.Pattern[str]
    words: tuple[str, ...] = ()


def _named(names: str) -> re.Pattern[str]:
    return re.compile(f"(?:.*/)?(?:{names})")


CANDIDATES: dict[str, Candidate] = {
    "nginx": Candidate(
        "corsage.layers.nginx.read",
        _named(
            r"[^/]*\.conf(?:\.[^/]+)?|[^/]*\.nginx|[^/]*nginx[^/]*|"
            r"sites-(?:available|enabled)/[^/]+|(?:.*/)?nginx/(?:.*/)?[^/]+"
        ),
        ("server", "location", "add_header", "more_set_headers", "map "),
    ),
    "httpd": Candidate(
        "corsage.layers.httpd.read",
        _named(
            r"\.htaccess|[^/]*\.conf(?:\.[^/]+)?|[^/]*\.vhost|"
            r"sites-(?:available|enabled)/[^/]+|[^/]*(?:httpd|apache)[^/]*"
        ),
        ("<VirtualHost", "Header ", "SetEnvIf", "RewriteRule", "ProxyPass", "<Location"),
    ),
    "haproxy": Candidate(
        "corsage.layers.haproxy.read",
        _named(r"[^/]*\.cfg(?:\.[^/]+)?|[^/]*haproxy[^/]*|[^/]*\.(?:map|lst|acl|origins|patterns)"),
    ),
    "caddy": Candidate("corsage.layers.caddy.read", _named(r"caddyfile[^/]*|[^/]*\.caddyfile")),
    "envoy": Candidate(
        "corsage.layers.envoy.read",
        _named(r"[^/]*\.(?:ya?ml|json)"),
        ("route_config", "virtual_hosts", "static_resources"),
    ),
    "traefik": Candidate(
        "corsage.layers.traefik.read",
        _named(r"[^/]*\.(?:ya?ml|toml)"),
        ("middlewares", "routers", "traefik.http."),
    ),
    "kubernetes": Candidate(
        "corsage.layers.manifests", _named(r"[^/]*\.(?:ya?ml|json)"), ("apiVersion",)
    ),
    "compose": Candidate(
        "corsage.layers.compose",
        _named(r"(?:docker-)?(?:compose|stack)[^/]*\.ya?ml"),
        ("services",),
    ),
    "stated": Candidate("corsage.layers.stated", _named(r"\.?corsage\.ya?ml"), ("chains",)),
    "openapi": Candidate(
        "corsage.layers.openapi", _named(r"[^/]*\.(?:ya?ml|json)"), ("openapi", "swagger")
    ),
    "python": Candidate(
        "corsage.layers.python_apps",
        _named(r"[^/]*\.py"),
        # Lists of origins stand in files of their own.
        ("CORS", "cors", "Access-Control-", "SAMESITE", "samesite", "ORIGINS", "origins"),
    ),
    "javascript": Candidate(
        "corsage.layers.javascript_apps",
        _named(r"[^/]*\.(?:js|mjs|cjs|jsx|ts|mts|cts|tsx)"),
        (
            *("cors", "Cors", "CORS", "Access-Control-", "access-control-", "sameSite"),
            *("ORIGINS", "origins", "Origins"),
        ),
    ),
    "spring": Candidate(
        "corsage.layers.spring.read",
        _named(r"[^/]*\.(?:java|kt)|(?:application|bootstrap)[^/]*\.(?:ya?ml|properties)"),
        ("cors", "Cors", "CrossOrigin", "Access-Control-", "same-site", "FilterChain"),
    ),
}
"""Reader name -> how it is found."""


def load_reader(name: str) -> Reader:
    """The reader called ``name``; KeyError if there is none."""
    reader: Reader = importlib.import_module(CANDIDATES[name].module).READER
    return reader


def detect(path: str, text: str) -> tuple[str, ...]:
    """The names of the readers that have something to read in a file."""
    lower = path.lower()
    return tuple(
        name
        for name, candidate in CANDIDATES.items()
        if candidate.names.fullmatch(lower)
        and (not candidate.words or any(word in text for word in candidate.words))
        and load_reader(name).detect(path, text)
    )
