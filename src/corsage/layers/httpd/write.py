"""The policy as a site of Apache httpd.

mod_rewrite finds the route and answers preflights, mod_headers does what is left; they talk in
variables. ``Header always`` is what httpd's own errors carry as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from corsage.layers.gateways import (
    NOTE,
    TRUSTED_CA,
    actual_headers,
    address_of,
    by_precedence,
    checked,
    identifiers,
    listen_of,
    owning,
    preflight_headers,
    public_scheme,
    unrouted,
)
from corsage.layers.httpd.origins import origin_lines
from corsage.policy.decide import PREFLIGHT_VARY, UPSTREAM_CORS_HEADERS
from corsage.policy.model import Policy, Route

_SERVICE, _NONE, _UNROUTED = "service", "none", "unrouted"

# What browsers have called a permission of this kind; none of them is granted by accident.
_ALSO_REMOVED = ("Access-Control", "Access-Control-Allow-External", "Access-Control-Policy-Path")


def write(policy: Policy) -> str:
    """The site, the same text for the same policy.

    Raises GatewayWriteError where a value cannot be said in httpd's language.
    """
    return "\n".join(_Writer(checked(policy)).lines()) + "\n"


class _Writer:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._owning = owning(policy)
        self._names = identifiers(policy.policies, (_SERVICE, _NONE, _UNROUTED))
        self._addresses = {name: address_of(s) for name, s in policy.services.items()}

    def lines(self) -> Iterator[str]:
        yield from (
            f"# {NOTE}",
            "# a2enmod headers rewrite setenvif proxy proxy_http proxy_wstunnel ssl",
            f"Listen {self._listen()}",
            "",
            "SetEnvIf Origin . cors_asks_origin=1",
            "SetEnvIf Access-Control-Request-Method . cors_asks_method=1",
        )
        for rules in self._owning:
            if not rules.allow_origins.any_origin:
                name = self._names[rules.name]
                yield f"# The origin, if the policy {name} admits it."
                yield from origin_lines(f"cors_origin_{name}", rules.allow_origins)
        yield ""
        yield from self._headers()
        hosts = dict.fromkeys(r.host for r in self._policy.routes if r.host is not None)
        for host in (None, *hosts):
            yield ""
            yield from self._site(host)

    def _listen(self) -> str:
        host, port = listen_of(self._policy.gateway)
        return f"{host}:{port}" if host != "*" else f"{port}"

    def _headers(self) -> Iterator[str]:
        yield "# What the service says of CORS goes, and the policy's headers are set once."
        for name in (*UPSTREAM_CORS_HEADERS, *_ALSO_REMOVED):
            yield f"Header unset {name} env=cors_own"
        for rules in self._owning:
            name = self._names[rules.name]
            origin = f"%{{cors_origin_{name}}}e"
            for kind, headers in (
                ("preflight", preflight_headers(rules, origin)),
                ("actual", actual_headers(rules, origin)),
            ):
                for header, value in headers.items():
                    text = value if value == origin else value.replace("%", "%%")
                    yield f'Header always set {header} "{text}" env=cors_{kind}_{name}'
        yield f'Header always set Vary "{PREFLIGHT_VARY}" env=cors_refused'
        yield "# `merge` would not see that `origin` and * are there already."
        yield (
            "Header always set Vary Origin "
            r""""expr=reqenv('cors_varies') == '1' && """
            r'''%{resp:Vary} !~ m#(?:^|,)\s*(?:origin|\*)\s*(?:,|$)#i"'''
        )

    def _site(self, host: str | None) -> Iterator[str]:
        gateway = self._policy.gateway
        address, port = listen_of(gateway)
        yield f"<VirtualHost {address}:{port}>"
        body = [] if host is None else [f"ServerName {host}"]
        if gateway.tls is not None:
            body += [
                "SSLEngine on",
                f'SSLCertificateFile "{gateway.tls.certificate}"',
                f'SSLCertificateKeyFile "{gateway.tls.key}"',
            ]
        if gateway.access_log is not None:
            body.append(f'CustomLog "{gateway.access_log}" combined')
        if gateway.error_log is not None:
            body.append(f'ErrorLog "{gateway.error_log}"')
        routes = [
            route for route in by_precedence(self._policy.routes) if route.host in (None, host)
        ]
        body += [*self._rewriting(routes), "", *self._proxying(routes)]
        yield from (*_indented(body), "</VirtualHost>")

    def _rewriting(self, routes: list[Route]) -> Iterator[str]:
        too_large = self._too_large()
        yield "RewriteEngine On"
        if too_large:
            yield f"RewriteRule ^ - [E=cors_limit:{self._policy.gateway.max_body}]"
        yield "# The first route that takes the path; the path is decoded and normalised here."
        for route in routes:
            limit = "" if route.max_body is None else f",E=cors_limit:{route.max_body}"
            yield 'RewriteCond %{ENV:cors_route} =""'
            yield f'RewriteRule "{_regex(route)}" - [E=cors_route:{self._rules_of(route)}{limit}]'
        yield 'RewriteCond %{ENV:cors_route} =""'
        yield f"RewriteRule ^ - [E=cors_route:{_UNROUTED}]"
        if any(route.owner == "service" for route in routes):
            if too_large:
                yield from (f"RewriteCond %{{ENV:cors_route}} ={_SERVICE}", *too_large)
            yield f"RewriteCond %{{ENV:cors_route}} ={_SERVICE}"
            yield "RewriteRule ^ - [L]"
        yield "# The policy that admits the origin."
        for rules in self._owning:
            name = self._names[rules.name]
            if rules.allow_origins.any_origin:
                yield f"RewriteCond %{{ENV:cors_route}} ={name}"
            else:
                yield f"RewriteCond %{{ENV:cors_route}}/%{{ENV:cors_origin_{name}}} ^{name}/."
            yield f"RewriteRule ^ - [E=cors_granted:{name}]"
        for rules in unrouted(self._policy):
            name = self._names[rules.name]
            yield f"RewriteCond %{{ENV:cors_route}}/%{{ENV:cors_granted}} ={_UNROUTED}/"
            if not rules.allow_origins.any_origin:
                yield f"RewriteCond %{{ENV:cors_origin_{name}}} ."
            yield f"RewriteRule ^ - [E=cors_granted:{name}]"
        yield from self._answers()

    def _answers(self) -> Iterator[str]:
        asks = "%{REQUEST_METHOD}/%{ENV:cors_asks_origin}/%{ENV:cors_asks_method}"
        yield from (
            "# Preflights are answered before anything else could refuse them.",
            f"RewriteCond {asks} =OPTIONS/1/1",
            "RewriteCond %{ENV:cors_granted} .",
            "RewriteRule ^ - [E=cors_preflight_%{ENV:cors_granted}:1,R=204,L]",
            f"RewriteCond {asks} =OPTIONS/1/1",
            "RewriteRule ^ - [E=cors_refused:1,F]",
            "RewriteRule ^ - [E=cors_own:1,E=cors_actual_%{ENV:cors_granted}:1]",
        )
        varying = [self._names[r.name] for r in self._owning if not r.allow_origins.any_origin]
        if any(not rules.allow_origins.any_origin for rules in unrouted(self._policy)):
            varying.append(_UNROUTED)
        if varying:
            yield f"RewriteCond %{{ENV:cors_route}} ^(?:{'|'.join(varying)})$"
            yield "RewriteRule ^ - [E=cors_varies:1]"
        yield f"RewriteCond %{{ENV:cors_route}} ={_UNROUTED}"
        yield "RewriteRule ^ - [R=404,L]"
        yield from self._too_large()

    def _proxying(self, routes: list[Route]) -> Iterator[str]:
        yield from (
            "ProxyPreserveHost On",
            f"RequestHeader set X-Forwarded-Proto {public_scheme(self._policy.gateway)}",
        )
        if any(address.scheme == "https" for address in self._addresses.values()):
            yield from (
                "SSLProxyEngine On",
                "SSLProxyVerify require",
                "SSLProxyVerifyDepth 4",
                f"SSLProxyCACertificateFile {TRUSTED_CA}",
                "SSLProxyCheckPeerName On",
            )
        for route in routes:
            address = self._addresses[route.service]
            base = f"{address.scheme}://{address.host}:{address.port}"
            # One failure does not make httpd give up a service that there is one of.
            options = "retry=0 upgrade=websocket"
            if route.timeout is not None:
                options += f" connectiontimeout={route.timeout} timeout={route.timeout}"
            if route.match == "exact":
                yield f'ProxyPassMatch "^({_literal(route.path)})$" "{base}$1" {options}'
            else:
                path = route.path.rstrip("/")
                yield f'ProxyPass "{path or "/"}" "{base}{path or "/"}" {options}'

    def _too_large(self) -> list[str]:
        if not any((self._policy.gateway.max_body, *(r.max_body for r in self._policy.routes))):
            return []
        # LimitRequestBody is not for what is proxied. Without `novary` Vary would name the header.
        limit = "reqenv('cors_limit')"
        exceeds = f"{limit} -gt 0 && req_novary('Content-Length') -gt {limit}"
        return [f'RewriteCond expr "{exceeds}"', "RewriteRule ^ - [R=413,L]"]

    def _rules_of(self, route: Route) -> str:
        if route.owner == "service":
            return _SERVICE
        return _NONE if route.cors is None else self._names[route.cors]


def _regex(route: Route) -> str:
    if route.match == "exact":
        return f"^{_literal(route.path)}$"
    return f"^{_literal(route.path.rstrip('/'))}(?:/|$)"


def _literal(text: str) -> str:
    return re.sub(r"[.+*?()|^$]", r"\\\g<0>", text)


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
