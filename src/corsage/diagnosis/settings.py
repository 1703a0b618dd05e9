"""What each product calls its lists: one row a product, as of 2026."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """Where the policy stands, and the names of its lists there."""

    where: str
    origins: str
    methods: str
    headers: str
    exposed: str
    credentials: str


SETTINGS: dict[str, Settings] = {
    "ASP.NET Core": Settings(
        "the policy of AddCors",
        "WithOrigins",
        "WithMethods",
        "WithHeaders",
        "WithExposedHeaders",
        "AllowCredentials",
    ),
    "APISIX": Settings(
        "the cors plugin",
        "allow_origins",
        "allow_methods",
        "allow_headers",
        "expose_headers",
        "allow_credential",
    ),
    "CloudFront": Settings(
        "the response headers policy",
        "AccessControlAllowOrigins",
        "AccessControlAllowMethods",
        "AccessControlAllowHeaders",
        "AccessControlExposeHeaders",
        "AccessControlAllowCredentials",
    ),
    "Django": Settings(
        "settings.py (django-cors-headers)",
        "CORS_ALLOWED_ORIGINS",
        "CORS_ALLOW_METHODS",
        "CORS_ALLOW_HEADERS",
        "CORS_EXPOSE_HEADERS",
        "CORS_ALLOW_CREDENTIALS",
    ),
    "Envoy": Settings(
        "the route's CorsPolicy",
        "allow_origin_string_match",
        "allow_methods",
        "allow_headers",
        "expose_headers",
        "allow_credentials",
    ),
    "Express": Settings(
        "the options of cors()",
        "origin",
        "methods",
        "allowedHeaders",
        "exposedHeaders",
        "credentials",
    ),
    "Flask": Settings(
        "the arguments of flask_cors.CORS",
        "origins",
        "methods",
        "allow_headers",
        "expose_headers",
        "supports_credentials",
    ),
    "Istio": Settings(
        "the VirtualService's corsPolicy",
        "allowOrigins",
        "allowMethods",
        "allowHeaders",
        "exposeHeaders",
        "allowCredentials",
    ),
    "Kong": Settings(
        "the cors plugin",
        "config.origins",
        "config.methods",
        "config.headers",
        "config.exposed_headers",
        "config.credentials",
    ),
    "Rails": Settings(
        "config/initializers/cors.rb", "origins", "methods", "headers", "expose", "credentials"
    ),
    "Spring": Settings(
        "the CorsConfiguration",
        "allowedOrigins",
        "allowedMethods",
        "allowedHeaders",
        "exposedHeaders",
        "allowCredentials",
    ),
    "Spring Cloud Gateway": Settings(
        "globalcors",
        "allowedOrigins",
        "allowedMethods",
        "allowedHeaders",
        "exposedHeaders",
        "allowCredentials",
    ),
    "Starlette": Settings(
        "the arguments of CORSMiddleware",
        "allow_origins",
        "allow_methods",
        "allow_headers",
        "expose_headers",
        "allow_credentials",
    ),
    "Traefik": Settings(
        "the headers middleware",
        "accessControlAllowOriginList",
        "accessControlAllowMethods",
        "accessControlAllowHeaders",
        "accessControlExposeHeaders",
        "accessControlAllowCredentials",
    ),
    "ingress-nginx": Settings(
        "the annotations nginx.ingress.kubernetes.io/...",
        "cors-allow-origin",
        "cors-allow-methods",
        "cors-allow-headers",
        "cors-expose-headers",
        "cors-allow-credentials",
    ),
}

_LIST = {
    "origin-mismatch": "origins",
    "method-not-allowed": "methods",
    "header-not-allowed": "headers",
    "expose-missing": "exposed",
    "wildcard-credentials": "credentials",
}


def where_to_write(cause: str, product: str) -> str:
    """Which setting of the product is meant, as a sentence; empty where we do not know."""
    settings, name = SETTINGS.get(product), _LIST.get(cause)
    if settings is None or name is None:
        return ""
    return f"In {product}: `{getattr(settings, name)}` in {settings.where}."
