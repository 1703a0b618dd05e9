r"""Shapes of allow-list patterns as people write them, with the worst kind of stranger that each
admits: None where nobody else can have an origin that it does.

The hosts are ours; the shapes are those of public configuration and documentation (2026-11).
"""

from __future__ import annotations

from typing import NamedTuple

from corsage.patterns import Dialect, Kind, Match


class Entry(NamedTuple):
    dialect: Dialect
    match: Match
    pattern: str
    kind: Kind | None
    ignore_case: bool = False


def nginx(pattern: str, kind: Kind | None) -> Entry:
    """``if ($http_origin ~* ...)``: PCRE, anywhere, in any case."""
    return Entry("pcre", "search", pattern, kind, True)


def apache(pattern: str, kind: Kind | None) -> Entry:
    return Entry("pcre", "search", pattern, kind)


def starlette(pattern: str, kind: Kind | None) -> Entry:
    return Entry("python", "full", pattern, kind)


def django(pattern: str, kind: Kind | None) -> Entry:
    return Entry("python", "prefix", pattern, kind)


def flask(pattern: str, kind: Kind | None) -> Entry:
    return Entry("python", "prefix", pattern, kind, True)


def express(pattern: str, kind: Kind | None) -> Entry:
    return Entry("javascript", "search", pattern, kind)


def envoy(pattern: str, kind: Kind | None) -> Entry:
    return Entry("re2", "full", pattern, kind)


def traefik(pattern: str, kind: Kind | None) -> Entry:
    return Entry("re2", "search", pattern, kind)


def spring(pattern: str, kind: Kind | None) -> Entry:
    """A pattern of ``allowedOriginPatterns``, as Spring writes it for Java."""
    return Entry("java", "full", pattern, kind)


CORPUS = [
    # nginx
    nginx(r"^https?://([a-z0-9-]+\.)*localhost(:[0-9]+)?$", None),
    nginx(r"^https?://(127\.0\.0\.1|\[::1\])(:[0-9]+)?$", None),
    nginx(r"^(https?://(.*shop\.example\.com))$", None),  # evilshop.example.com is of the owner
    nginx(r"^(https?://(.*\.shop\.example\.com))$", None),
    nginx(r"^https://(admin\.example\.org|example\.org)$", None),
    nginx(r"(www.example.com)$", "anyone"),
    nginx(r"^https?://(localhost|127\.0\.0\.1|api\.example\.com)(:[0-9]+)?$", None),
    nginx(r"^https://(one|two|three-four)\.example$", None),
    nginx(r"^https?://(example.com|www.example.com|example.net|www.example.net)$", "anyone"),
    nginx(r"^https?://example01\.com$", None),
    nginx(r"(example\.com|example\.net)", "anyone"),
    nginx(r"https?://[^/]*\.example\.com(:[0-9]+)?", "anyone"),
    nginx(r"^https?://[^/]*\.?example\.com(:[0-9]+)?$", "anyone"),
    nginx(r"\.example\.com$|^https://example\.net$", None),
    nginx(r"^https://app\.example\.com|https://admin\.example\.com$", "anyone"),
    nginx(r"^https://www\.example\.edu$", None),
    nginx(r"^(https?://)?(www\.)?example\.com(:[0-9]+)?$", None),
    nginx(r"^(?!https://evil)https://[a-z]+\.example\.com$", None),
    nginx(r".*", "anyone"),
    nginx(r"^null$|^https://app\.example\.com$", "null"),
    nginx(r"^https://app\.example\.com/$", None),
    # Apache
    apache(r"^https://(www\.)?(example\.com|staging\.example\.org)$", None),
    apache(r"^(.*\.example\.com)$", None),
    apache(r":", "anyone"),
    apache(r"https://(boards\.example\.com)$", None),
    apache(r"^https?://(?:[[:alnum:]-]+\.)?example\.(?:com|co\.uk)$", None),
    apache(r"http(s)?://(www\.)?(example.com|example.net)$", None),  # no such TLD as example-com
    # Starlette, FastAPI
    starlette(
        r"https://.*\.ngrok-free\.app|https://.*\.cloudworkstations\.dev|https://.*\.loca\.lt",
        "neighbour",
    ),
    starlette(r"^http://(localhost|127\.0\.0\.1):\d+$", None),
    starlette(r"https://.*\.up\.railway\.app", "neighbour"),
    starlette(r"https://.*\.vercel\.app|http://localhost:3000", "neighbour"),
    starlette(r"^https://.*\\.vercel\\.app$", None),  # escaped twice: it matches nothing
    starlette(
        r"https?://(localhost|127\.0\.0\.1|192\.168\.\d{1,3}\.\d{1,3}|10\.\d{1,3}\.\d{1,3}\.\d{1,3}"
        r"|172\.(1[6-9]|2\d|3[0-1])\.\d{1,3}\.\d{1,3}):5173",
        None,
    ),
    starlette(r"https://(.+\.)?vercel\.app", "neighbour"),
    starlette(r"https://.*\.example\.com", None),
    starlette(r"https://.*example\.com", "anyone"),
    starlette(r"https?://.*", "anyone"),
    starlette(r"https://([a-z0-9-]+\.)*example\.com(:\d+)?", None),
    starlette(r"(?i)https://[a-z]+\.example\.com", None),
    # django-cors-headers
    django(r"^https:\/\/.*\.vercel\.app$", "neighbour"),
    django(r"^https://shop-platform.*\.vercel\.app$", "neighbour"),
    django(r"^https:\/\/shop-dql2-.*\.vercel\.app$", "neighbour"),
    django(r"^https://.*\.onrender\.com$", "neighbour"),
    django(r"^https://.*\.github\.io$", "neighbour"),
    django(r"^http://localhost:\d+$", None),
    django(r"^https?://example.com", "anyone"),
    django(r"^localhost:\d+$", None),
    django(r".*\.example\.com.*", "anyone"),
    django(r"^https://.*\.shop-app\.example$", None),
    django(r"^http://10\.\d+\.\d+\.\d+$", None),
    django(r"https://\w+.blob.core.windows.net$", "anyone"),
    django(r"^http:\/\/localhost:*([0-9]+)?$", None),
    django(r"^http:\/\/127.0.0.1:*([0-9]+)?$", None),
    django(r"^https://(\w+\.)?example\.com\Z", None),
    django(r"^https://example\.com(?::\d+)?\b", "anyone"),
    # Flask-CORS
    flask(r"https://.*\.example\.com", "anyone"),
    flask(r"^https?://(?:.+\.)?example\.com(?::\d{1,5})?$", None),
    # Express, Nest, Fastify
    express(r"localhost:3000$", None),
    express(r"127\.0\.0\.1:3000$", None),
    express(r"https?:\/\/localhost:[\d]{4}", None),
    express(r"example\.com(\:\d{1,4})?$", "anyone"),
    express(r"example\.com$", "anyone"),
    express(r"^http:\/\/8\.8\.8\.46(:\d+)?$", None),
    express(r"\.example\.(org|com)$", None),
    express(r"\.vercel\.app$", "neighbour"),
    express(r"http:\/\/localhost:*", "anyone"),
    express(r"localhost*", "anyone"),
    express(r"127.0.0.1*", "anyone"),
    express(r"^chrome-extension:\/\/", None),
    express(r"^https:\/\/shop-buddy-[a-zA-Z0-9_-]+\.vercel\.app$", "neighbour"),
    express(r"^https?:\/\/[\w\-]+\.replit\.dev(:\d+)?$", None),  # names are had below *.replit.dev
    express(r"(.+\.)*example\.com$", "anyone"),
    express(r"^https:\/\/[^.]+\.example\.com$", None),
    express(r"^https?:\/\/(.+\.)?globalping.io$", None),
    express(r"^https?:\/\/[^\/]+example\.com", "anyone"),
    # Envoy, Istio
    envoy(r"https://.*\.example\.com", None),
    envoy(r".*", "anyone"),
    envoy(r"https?://(localhost|.*\.example\.com)(:[0-9]+)?", None),
    # Traefik
    traefik(r"^https://([a-z0-9-]+\.)?example\.(me|app)$", None),
    traefik(r"^(https?://localhost(:\d+)?|https://example\.com)$", None),
    traefik(r".*\.home\.example\.fr", "anyone"),
    traefik(r"https://example.com", "anyone"),
    # ingress-nginx
    nginx(r"((https://mydomain\.com))$", None),
    nginx(r"(https?://[^/]+\.example\.com)$", None),
    # Spring
    spring(r"\Qhttps://10.100.164.\E.*", "anyone"),
    spring(r"\Qhttp://localhost\E(:\d+)?", None),
    spring(r"\Qhttp://192.168.\E.*\Q.\E.*\Q:8081\E", "anyone"),
    spring(r"\Qhttps://\E.*\Q.example.com\E", None),
    spring(r"\Qhttps://\E.*\Qexample.com\E", "anyone"),
    spring(r"\Qhttps://shop-\E.*\Q.netlify.app\E", "neighbour"),
]
