"""Policies that tests run, as values."""

from __future__ import annotations

from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service
from corsage.policy.origins import OriginPattern, OriginSet

APP = "https://app.example.com"
PARTNER = "https://partner.example.com"
STRANGER = "https://evil.example"

SESSION = CorsPolicy(
    "session",
    OriginSet(
        (APP, "https://admin.example.com"),
        (
            OriginPattern("https", "preview.example.com", subdomains=True),
            OriginPattern("http", "localhost", port=OriginPattern.ANY_PORT),
        ),
    ),
    allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
    allow_headers=("Authorization", "Content-Type", "X-Request-Id"),
    expose_headers=("ETag", "X-Request-Id"),
    allow_credentials=True,
    max_age=600,
)
PUBLIC = CorsPolicy("public", OriginSet(any_origin=True), ("GET",), expose_headers=("ETag", "Link"))
PARTNERS = CorsPolicy(
    "partners", OriginSet((PARTNER,)), ("GET", "PUT"), ("X-Key",), allow_timing=True
)


def policy_of(routes: tuple[Route, ...], services: dict[str, str], *policies: CorsPolicy) -> Policy:
    return Policy(
        Gateway(listen="127.0.0.1:0"),
        {name: Service(name, url) for name, url in services.items()},
        {each.name: each for each in policies or (SESSION, PARTNERS, PUBLIC)},
        routes,
    )


def every_kind_of_route(service_url: str, dead_url: str) -> Policy:
    routes = (
        Route("/auth", "api", "session"),
        Route("/partners", "api", "partners"),
        Route("/search", "api", "public"),
        Route("/legacy", "api", "session", owner="service"),
        Route("/internal", "api", None),
        Route("/exact", "api", "session", match="exact"),
        Route("/folder/", "api", "partners", match="exact"),
        Route("/auth/small", "api", "session", max_body=1000),
        Route("/limited", "api", "session", rate_limit=2),
        Route("/slow", "api", "session", timeout=1),
        Route("/unlimited", "api", "session", max_body=0),
        Route("/down", "down", "session"),
        Route("/auth", "api", "public", host="public.example.com"),
    )
    return policy_of(routes, {"api": service_url, "down": dead_url})
