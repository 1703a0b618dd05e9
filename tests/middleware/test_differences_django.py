"""What django-cors-headers does otherwise, each fact shown on the library itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from corsheaders.middleware import CorsMiddleware as TheirMiddleware
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from corsage.browser import Response
from corsage.middleware.django import CorsMiddleware
from tests.middleware.exchange import ALLOWED, REFUSED, Answer, preflight

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="only for tests", USE_TZ=True)

THEIRS: dict[str, Any] = {"CORS_ALLOWED_ORIGINS": [ALLOWED], "CORS_ALLOW_CREDENTIALS": True}
OURS: dict[str, Any] = {"allow_origins": [ALLOWED], "allow_credentials": True}


def ask(
    kind: type,
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = (),
    own: dict[str, str] | None = None,
    **changed: Any,
) -> Answer:
    """One request through one of the two middleware classes, around a view."""

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("from the app", headers=own or {})

    factory = RequestFactory(headers=dict(headers))
    with override_settings(**{**THEIRS, "CORSAGE": OURS, **changed}):
        response = kind(view)(factory.generic(method, "/"))
    return Answer(Response(response.status_code, tuple(response.items())), response.content)


def both(**asking: Any) -> tuple[Answer, Answer]:
    return ask(TheirMiddleware, **asking), ask(CorsMiddleware, **asking)


def test_it_allows_every_origin_with_credentials_for_allow_all() -> None:
    """Cors refuses the pair when Django starts."""
    theirs = ask(TheirMiddleware, headers=(("Origin", REFUSED),), CORS_ALLOW_ALL_ORIGINS=True)

    assert theirs.cors()["access-control-allow-origin"] == REFUSED
    assert theirs.cors()["access-control-allow-credentials"] == "true"


def test_its_expressions_have_no_end() -> None:
    """A pattern without $ lets in whoever registers the rest of the name."""
    regexes = [r"https://.*\.example\.com"]
    theirs = ask(
        TheirMiddleware,
        headers=(("Origin", "https://a.example.com.evil.example"),),
        CORS_ALLOWED_ORIGIN_REGEXES=regexes,
    )

    assert "access-control-allow-origin" in theirs.cors()


def test_it_allows_origins_that_no_browser_sends() -> None:
    """It compares scheme and host, and echoes the rest."""
    theirs, ours = both(headers=(("Origin", ALLOWED + "/a?b"),))

    assert theirs.cors()["access-control-allow-origin"] == ALLOWED + "/a?b"
    assert ours.cors() == {}


def test_it_answers_options_without_an_origin() -> None:
    theirs, ours = both(method="OPTIONS", headers=(("Access-Control-Request-Method", "PUT"),))

    assert (theirs.body, ours.body) == (b"", b"from the app")


def test_its_other_options_get_the_headers_of_a_preflight() -> None:
    theirs, ours = both(method="OPTIONS", headers=(("Origin", ALLOWED),))

    assert "access-control-allow-methods" in theirs.cors()
    assert "access-control-allow-methods" not in ours.cors()


def test_it_answers_a_strangers_preflight_with_200() -> None:
    theirs, ours = both(**preflight(REFUSED))

    assert (theirs.status, theirs.cors()) == (200, {})
    assert (ours.status, ours.cors()) == (403, {})


def test_it_lets_the_apps_own_headers_reach_a_stranger() -> None:
    own = {"Access-Control-Allow-Origin": REFUSED}
    theirs, ours = both(headers=(("Origin", REFUSED),), own=own)

    assert theirs.cors() == {"access-control-allow-origin": REFUSED}
    assert ours.cors() == {}


def test_it_varies_by_origin_where_every_origin_gets_the_same() -> None:
    changed = {"CORS_ALLOW_ALL_ORIGINS": True, "CORS_ALLOW_CREDENTIALS": False}
    theirs, ours = both(**changed, CORSAGE={"allow_origins": "*"})

    assert (theirs.vary(), ours.vary()) == (["origin"], [])


def test_its_preflight_names_only_the_origin_in_vary() -> None:
    theirs, ours = both(**preflight(ALLOWED))

    assert theirs.vary() == ["origin"]
    assert "access-control-request-headers" in ours.vary()


def test_both_put_their_headers_on_the_same_answer() -> None:
    theirs, ours = both(headers=(("Origin", ALLOWED),), own={"Vary": "Cookie"})

    assert theirs.cors() == ours.cors()
    assert theirs.vary() == ours.vary() == ["cookie", "origin"]


def test_the_middleware_class_serves_async_views() -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("from the app")

    async def ask_tenants(origin: str) -> bool:
        return origin == ALLOWED

    factory = RequestFactory(headers={"Origin": ALLOWED})
    with override_settings(CORSAGE={"allow_origins": ask_tenants}):
        middleware = CorsMiddleware(view)

    assert asyncio.iscoroutinefunction(middleware)
    response = asyncio.run(middleware(factory.get("/")))
    refused = asyncio.run(
        middleware(RequestFactory(headers=dict(preflight(REFUSED)["headers"])).options("/"))
    )
    assert response["Access-Control-Allow-Origin"] == ALLOWED
    assert (refused.status_code, "Content-Type" in refused) == (403, False)


def test_the_middleware_class_wants_its_settings() -> None:
    with pytest.raises(ImproperlyConfigured, match="CORSAGE is missing"):
        CorsMiddleware(lambda request: HttpResponse())
