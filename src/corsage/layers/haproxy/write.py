"""The policy as HAProxy reads it: one frontend, a backend for each service, maps and lists.

Which route a path takes and which origins a policy admits stand in files of their own, which
HAProxy keeps as trees: 10,000 origins cost as much as one, and 2,000 routes too. Responses are
changed by ``http-after-response``, which unlike ``http-response`` sees HAProxy's own errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from corsage.layers.gateways import (
    NOTE,
    TRUSTED_CA,
    Address,
    GatewayWriteError,
    actual_headers,
    address_of,
    checked,
    identifiers,
    listen_of,
    owning,
    preflight_headers,
    public_scheme,
    unrouted,
)
from corsage.layers.origin_regex import origin_regex
from corsage.layers.target import File
from corsage.policy.decide import PREFLIGHT_VARY
from corsage.policy.model import CorsPolicy, Policy, Route
from corsage.policy.origins import OriginPattern

_SERVICE, _NONE, _UNROUTED = "service", "none", "unrouted"
_ORIGIN = "%[var(txn.origin)]"
_LONGEST_ORIGIN = 512
_ASKS = " ".join(
    f"{{ req.fhdr({name}) -m len gt 0 }}" for name in ("origin", "access-control-request-method")
)


def write(policy: Policy) -> tuple[File, ...]:
    """``haproxy.cfg`` and the files that it names, the same texts for the same policy.

    Raises GatewayWriteError where a value cannot be said in HAProxy's language.
    """
    return _Writer(checked(policy)).files()


class _Writer:
    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._owning = owning(policy)
        self._names = identifiers(policy.policies, (_SERVICE, _NONE, _UNROUTED))
        self._services = identifiers(policy.services)
        self._addresses = {name: address_of(s) for name, s in policy.services.items()}
        self._backends = self._by_limits()
        self._hosts = any(route.host for route in policy.routes)
        self._exact = any(route.match == "exact" for route in policy.routes)

    def files(self) -> tuple[File, ...]:
        config = "\n".join(self._lines()) + "\n"
        return (File("haproxy.cfg", config), *self._maps(), *self._lists())

    def _maps(self) -> Iterator[File]:
        for match, path in (("exact", "exact.map"), ("prefix", "prefix.map")):
            rows = [
                f"{_key(route)} {self._backends[route]}:{self._rules_of(route)}"
                for route in self._policy.routes
                if route.match == match
            ]
            if rows or match == "prefix":
                yield File(path, "\n".join([f"# {NOTE}", *rows, ""]))

    def _lists(self) -> Iterator[File]:
        for rules in self._owning:
            name, origins = self._names[rules.name], rules.allow_origins
            if origins.any_origin:
                continue
            yield File(f"{name}.origins", "\n".join([f"# {NOTE}", *origins.exact, ""]))
            if origins.patterns:
                yield File(f"{name}.patterns", "\n".join(_regexes(origins.patterns)))

    def _lines(self) -> Iterator[str]:
        yield from (
            f"# {NOTE}",
            "global",
            "    default-path config  # files are beside this one",
            "    # What normalize-uri needs: no spelling of a path gets another route's policy.",
            "    expose-experimental-directives",
            "",
            "defaults",
            "    mode http",
            "    timeout connect 5s",
            "    timeout client 60s",
            "    timeout server 60s",
            "    timeout http-request 10s",
            "    timeout tunnel 1h",
        )
        if self._policy.gateway.access_log is not None:
            yield from (
                "    # HAProxy writes no files; syslog and whoever runs it do.",
                "    log stdout format raw daemon",
                "    option httplog",
            )
        if any(_is_name(address) for address in self._addresses.values()):
            yield from ("", "resolvers system", "    parse-resolv-conf")
        yield ""
        yield from self._frontend()
        for route, backend in self._distinct():
            yield ""
            yield from self._backend(route, backend)

    def _frontend(self) -> Iterator[str]:
        yield "frontend gateway"
        yield from _indented(
            [
                self._bind(),
                "option forwardfor",
                f"http-request set-header X-Forwarded-Proto {public_scheme(self._policy.gateway)}",
                "http-request set-header X-Forwarded-Host %[req.hdr(host)]",
                "# WebSockets pass; no other upgrade does (h2c would tunnel past these rules).",
                "http-request del-header Upgrade unless { req.hdr(upgrade) -m str -i websocket }",
                "",
                *self._routing(),
                "",
                *self._admission(),
                "",
                *self._preflights(),
                "",
                *self._responses(),
                "",
                "use_backend %[var(txn.route),field(1,:)]",
            ]
        )

    def _bind(self) -> str:
        host, port = listen_of(self._policy.gateway)
        tls = self._policy.gateway.tls
        if tls is None:
            return f"bind {host}:{port}"
        if tls.key not in (tls.certificate, f"{tls.certificate}.key"):
            raise GatewayWriteError(
                f"tls: HAProxy reads the key from {tls.certificate} or {tls.certificate}.key, "
                f"not from {tls.key}"
            )
        secure = f"ssl crt {tls.certificate} alpn h2,http/1.1 ssl-min-ver TLSv1.2"
        return f"bind {host}:{port} {secure}"

    def _routing(self) -> Iterator[str]:
        yield from (
            "http-request normalize-uri percent-decode-unreserved",
            "http-request normalize-uri path-strip-dot",
            "http-request normalize-uri path-strip-dotdot full",
            "http-request normalize-uri path-merge-slashes",
            "http-request set-var(txn.path) path,url_dec",
            "# Slashes that are hidden as %2F may not make up another path.",
            "http-request deny deny_status 400 if { var(txn.path) -m reg '//|/\\.\\.?(/|$)' }",
            "http-request deny deny_status 400 if { path -m sub %00 }",
            "",
            "# The route is backend:policy. An exact path comes first, then the longest prefix.",
        )
        unless = " unless { var(txn.route) -m found }"
        lookups = []
        if self._hosts:
            yield "http-request deny deny_status 400 if { req.hdr(host) -m sub / }"
            yield "http-request set-var(txn.host) req.hdr(host),host_only,lower,regsub(\\.$,)"
            lookups += [
                "var(txn.host),concat(,txn.path),map_str(exact.map)",
                "var(txn.host),concat(,txn.path,/),map_beg(prefix.map)",
            ]
        lookups += [
            "var(txn.path),map_str(exact.map)",
            "var(txn.path),concat(,,/),map_beg(prefix.map)",
        ]
        lookups = [each for each in lookups if self._exact or "exact.map" not in each]
        for number, lookup in enumerate(lookups):
            yield f"http-request set-var(txn.route) {lookup}{unless if number else ''}"
        yield "http-request set-var(txn.policy) var(txn.route),field(2,:)"
        yield f"http-request set-var(txn.policy) str({_UNROUTED}){unless}"

    def _admission(self) -> Iterator[str]:
        yield from (
            "# txn.cors is the policy that admits the origin. A request has one Origin or none",
            "# (req.hdr would take a list apart and find its members).",
            "http-request set-var(txn.origin) req.fhdr(origin) if { req.fhdr_cnt(origin) eq 1 }",
        )
        for rules in self._owning:
            name = self._names[rules.name]
            for admits in self._admitting(rules):
                yield (
                    f"http-request set-var(txn.cors) str({name}) "
                    f"if {_is('policy', name)}{admits and ' ' + admits}"
                )
        candidates = unrouted(self._policy)
        if candidates:
            yield "# Where no route is, the first policy that admits the origin."
        for number, rules in enumerate(candidates):
            first = " !{ var(txn.cors) -m found }" if number else ""
            for admits in self._admitting(rules):
                yield (
                    f"http-request set-var(txn.cors) str({self._names[rules.name]}) "
                    f"if {_is('policy', _UNROUTED)}{first}{admits and ' ' + admits}"
                )

    def _admitting(self, rules: CorsPolicy) -> Iterator[str]:
        if rules.allow_origins.any_origin:
            yield ""
            return
        name = self._names[rules.name]
        yield f"{{ var(txn.origin) -m str -f {name}.origins }}"
        if rules.allow_origins.patterns:
            short = f"{{ var(txn.origin) -m len 1:{_LONGEST_ORIGIN} }}"
            yield f"{short} {{ var(txn.origin) -m reg -f {name}.patterns }}"

    def _preflights(self) -> Iterator[str]:
        yield from (
            "# Preflights are answered before anything else could refuse them.",
            "acl preflight var(txn.preflight) -m bool",
            f"acl passes var(txn.policy) -m str {_SERVICE}",
            f"http-request set-var(txn.preflight) bool(true) if METH_OPTIONS !passes {_ASKS}",
        )
        for rules in self._owning:
            headers = _formats(preflight_headers(rules, _ORIGIN)).items()
            granted = " ".join(f"hdr {name} {value}" for name, value in headers)
            yield (
                f"http-request return status 204 {granted} "
                f"if preflight {_is('cors', self._names[rules.name])}"
            )
        yield f"http-request return status 403 hdr Vary {_quoted(PREFLIGHT_VARY)} if preflight"
        yield from (
            "http-request set-var(txn.own) bool(true) unless passes",
            f"http-request return status 404 if {_is('policy', _UNROUTED)}",
        )

    def _responses(self) -> Iterator[str]:
        yield from (
            "# Every other answer, HAProxy's own errors included: what the service says of CORS",
            "# goes, and the policy's headers are set once.",
            "acl own var(txn.own) -m bool",
            "http-after-response del-header access-control- -m beg if own",
            "http-after-response del-header timing-allow-origin if own",
        )
        for rules in self._owning:
            admitted = f"if own {_is('cors', self._names[rules.name])}"
            for name, value in _formats(actual_headers(rules, _ORIGIN)).items():
                yield f"http-after-response set-header {name} {value} {admitted}"
        echoing = [r for r in self._owning if not r.allow_origins.any_origin]
        names = [self._names[rules.name] for rules in echoing]
        if any(not rules.allow_origins.any_origin for rules in unrouted(self._policy)):
            names.append(_UNROUTED)
        if names:
            yield (
                "http-after-response add-header Vary Origin "
                f"if own {_is('policy', *names)} !{{ res.hdr(vary) -m str -i origin * }}"
            )

    def _rules_of(self, route: Route) -> str:
        if route.owner == "service":
            return _SERVICE
        return _NONE if route.cors is None else self._names[route.cors]

    def _by_limits(self) -> dict[Route, str]:
        """A backend for each service and each set of limits: a limit by rate is a route's own."""
        names: dict[tuple[object, ...], str] = {}
        found: dict[Route, str] = {}
        for route in self._policy.routes:
            own = route if route.rate_limit is not None else None
            key = (route.service, route.max_body, route.timeout, own)
            count = sum(each[0] == route.service for each in names)
            suffix = f"__{count + 1}" if count else ""
            found[route] = names.setdefault(key, f"{self._services[route.service]}{suffix}")
        return found

    def _distinct(self) -> Iterable[tuple[Route, str]]:
        first: dict[str, Route] = {}
        for route, backend in self._backends.items():
            first.setdefault(backend, route)
        return [(route, backend) for backend, route in first.items()]

    def _backend(self, route: Route, backend: str) -> Iterator[str]:
        yield f"backend {backend}"
        body = []
        deny = "http-request deny deny_status"
        if (rate := route.rate_limit) is not None:
            body += [
                "stick-table type ipv6 size 100k expire 10s store http_req_rate(1s)",
                "http-request track-sc0 src",
                f"{deny} 429 if {{ sc_http_req_rate(0) gt {rate} }}",
            ]
        limit = self._policy.gateway.max_body if route.max_body is None else route.max_body
        if limit:
            body.append(f"{deny} 413 if {{ req.hdr_val(content-length) gt {limit} }}")
        if route.timeout is not None:
            body += [f"timeout {which} {route.timeout}s" for which in ("connect", "server")]
        address = self._addresses[route.service]
        words = [f"server {self._services[route.service]} {address.host}:{address.port}"]
        if address.scheme == "https":
            bare = address.host.strip("[]")
            words.append(f"ssl verify required ca-file {TRUSTED_CA} verifyhost {bare}")
            if _is_name(address):
                words.append(f"sni str({bare})")
        if _is_name(address):
            words.append("resolvers system init-addr last,libc,none")
        yield from _indented([*body, " ".join(words)])


def _key(route: Route) -> str:
    path = route.path if route.match == "exact" else f"{route.path.rstrip('/')}/"
    return f"{route.host or ''}{path}"


def _is(variable: str, *values: str) -> str:
    return f"{{ var(txn.{variable}) -m str {' '.join(values)} }}"


def _is_name(address: Address) -> bool:
    return not address.host.startswith("[") and not address.host.replace(".", "").isdigit()


def _regexes(patterns: Iterable[OriginPattern]) -> list[str]:
    # PCRE2; \z, because $ would let a line feed follow. A comment cannot begin with the caret.
    return [f"# {NOTE}", *(rf"^{origin_regex(pattern)}\z" for pattern in patterns), ""]


def _formats(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value if value == _ORIGIN else _quoted(value.replace("%", "%%"))
        for name, value in headers.items()
    }


def _quoted(text: str) -> str:
    """The text as one word: nothing is special between single quotes but their end."""
    return "'" + text.replace("'", "'\\''") + "'"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
