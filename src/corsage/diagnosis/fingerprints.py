"""What an answer reveals of the hop that made it: header names, header values, bodies.

One row a trace, the most telling first. ``maker`` says that this hop wrote the very answer (its
error page, its error header); otherwise it only passed the answer on, as ``Via`` tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corsage.diagnosis.observation import Answer
from corsage.diagnosis.products import Hop

LONGEST_SIGN = 400
"""Characters of one header value that are looked at; products say who they are in a few words."""

LONGEST_BODY = 4_000
"""Characters of a body that are looked at; error pages say who they are at the top."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One sign of one product in one answer."""

    product: str
    hop: Hop
    maker: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class _Sign:
    product: str
    hop: Hop
    maker: bool
    header: str
    value: re.Pattern[str] | None = None


def _sign(product: str, hop: Hop, header: str, value: str = "", *, maker: bool = False) -> _Sign:
    return _Sign(product, hop, maker, header, re.compile(value, re.IGNORECASE) if value else None)


_HEADERS: tuple[_Sign, ...] = (
    _sign("AWS API Gateway", "API Gateway", "x-amzn-errortype", maker=True),
    _sign("Cloudflare", "edge", "cf-mitigated", maker=True),
    _sign("Linkerd", "mesh", "l5d-proxy-error", maker=True),
    _sign("Amazon S3", "storage", "server", r"^AmazonS3", maker=True),
    _sign("Amazon S3", "storage", "x-amz-request-id", maker=True),
    _sign("Google Cloud Storage", "storage", "x-guploader-uploadid", maker=True),
    _sign("Azure Blob Storage", "storage", "server", r"^Windows-Azure-Blob", maker=True),
    _sign("CloudFront", "CDN", "x-cache", r"^Error from cloudfront", maker=True),
    _sign("CloudFront", "CDN", "server", r"^CloudFront", maker=True),
    _sign("CloudFront", "CDN", "x-amz-cf-id"),
    _sign("CloudFront", "CDN", "x-cache", r"cloudfront"),
    _sign("CloudFront", "CDN", "via", r"cloudfront"),
    _sign("Fastly", "CDN", "x-served-by", r"cache-"),
    _sign("Fastly", "CDN", "x-fastly-request-id"),
    _sign("Varnish", "CDN", "x-varnish"),
    _sign("Varnish", "CDN", "via", r"varnish"),
    _sign("Akamai", "CDN", "server", r"AkamaiGHost", maker=True),
    _sign("Akamai", "CDN", "x-akamai-transformed"),
    _sign("Azure Front Door", "CDN", "x-azure-ref"),
    _sign("Cloudflare", "edge", "cf-ray"),
    _sign("Cloudflare", "edge", "server", r"^cloudflare"),
    _sign("Vercel", "platform", "x-vercel-error", maker=True),
    _sign("Vercel", "platform", "x-vercel-id"),
    _sign("Netlify", "platform", "x-nf-request-id"),
    _sign("Google Front End", "platform", "server", r"^Google Frontend", maker=True),
    _sign("a Google load balancer", "load balancer", "via", r"\bgoogle\b"),
    _sign("AWS load balancer", "load balancer", "server", r"^awselb", maker=True),
    _sign("AWS API Gateway", "API Gateway", "x-amz-apigw-id"),
    _sign("AWS API Gateway", "API Gateway", "apigw-requestid"),
    _sign("Kong", "gateway", "server", r"^kong", maker=True),
    _sign("Kong", "gateway", "x-kong-response-latency"),
    _sign("Kong", "gateway", "x-kong-upstream-latency"),
    _sign("Kong", "gateway", "via", r"kong"),
    _sign("APISIX", "gateway", "server", r"^APISIX"),
    _sign("KrakenD", "gateway", "x-krakend"),
    _sign("Tyk", "gateway", "x-generator", r"tyk", maker=True),
    _sign("Envoy", "gateway", "x-envoy-ratelimited", maker=True),
    _sign("Istio", "mesh gateway", "server", r"^istio-envoy"),
    _sign("Envoy", "gateway", "server", r"^envoy"),
    _sign("Envoy", "gateway", "x-envoy-upstream-service-time"),
    _sign("Traefik", "gateway", "server", r"traefik"),
    _sign("Caddy", "proxy", "server", r"^caddy"),
    _sign("Caddy", "proxy", "via", r"caddy"),
    _sign("HAProxy", "proxy", "server", r"haproxy"),
    _sign("nginx", "nginx", "server", r"nginx|openresty|tengine"),
    _sign("Apache httpd", "proxy", "server", r"^apache(?!-coyote)"),
    _sign("ASP.NET Core", "service", "server", r"kestrel|microsoft-iis"),
    _sign("ASP.NET Core", "service", "x-powered-by", r"asp\.net"),
    _sign("Starlette", "service", "server", r"uvicorn|hypercorn"),
    _sign("Flask", "service", "server", r"werkzeug|gunicorn|waitress"),
    _sign("Express", "service", "x-powered-by", r"express|next\.js|nest"),
    _sign("PHP", "service", "x-powered-by", r"php"),
    _sign("Rails", "service", "x-runtime"),
    _sign("Spring", "service", "server", r"apache-coyote|jetty|tomcat|undertow"),
    _sign("a gRPC server", "service", "grpc-status"),
)

_BODIES: tuple[_Sign, ...] = (
    _sign("Kong", "gateway", "body", r"no route matched with those values", maker=True),
    _sign(
        "Istio", "mesh", "body", r"RBAC: access denied|^Jwt (is missing|verification)", maker=True
    ),
    _sign("Envoy", "gateway", "body", r"^(no healthy upstream|upstream connect error)", maker=True),
    _sign("Spring", "service", "body", r"Invalid CORS request|Whitelabel Error Page", maker=True),
    _sign("Starlette", "service", "body", r"^Disallowed CORS (origin|method|headers)", maker=True),
    _sign(
        "Amazon S3", "storage", "body", r"CORSResponse: |<Code>(AccessDenied|NoSuch)", maker=True
    ),
    _sign("AWS API Gateway", "API Gateway", "body", r"Missing Authentication Token", maker=True),
    _sign(
        "Express", "service", "body", r"Cannot (OPTIONS|GET|POST|PUT|PATCH|DELETE) /", maker=True
    ),
    _sign("CloudFront", "CDN", "body", r"Generated by cloudfront", maker=True),
    _sign(
        "Cloudflare", "edge", "body", r"cloudflare.{0,200}Ray ID|Just a moment\.\.\.", maker=True
    ),
    _sign("nginx", "nginx", "body", r"<center>(nginx|openresty)", maker=True),
    _sign("nginx", "nginx", "body", r"No required SSL certificate was sent", maker=True),
    _sign("Django", "service", "body", r"CSRF verification failed", maker=True),
    _sign("Traefik", "gateway", "body", r"^404 page not found\s*$", maker=False),
    _sign("Caddy", "proxy", "body", r"^client sent an http request to an https server", maker=True),
)


def traces(answer: Answer) -> tuple[Trace, ...]:
    """Every sign in this answer; those of its maker first, then in the table's order."""
    found: list[Trace] = []
    for sign in _HEADERS:
        for value in answer.lines(sign.header):
            if sign.value is None or sign.value.search(value[:LONGEST_SIGN]):
                shown = f"{sign.header}: {value[:80]}"
                found.append(Trace(sign.product, sign.hop, sign.maker, shown))
                break
    body = answer.body[:LONGEST_BODY]
    for sign in _BODIES:
        match = sign.value.search(body) if sign.value and body else None
        if match:
            shown = f"body: {match.group(0)[:80]}"
            found.append(Trace(sign.product, sign.hop, sign.maker, shown))
    return tuple(sorted(found, key=lambda trace: not trace.maker))
