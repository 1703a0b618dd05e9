"""What is predicted of JavaScript source is what the running app answers, header for header."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from corsage.browser.exchange import Response, WireRequest
from corsage.layers.javascript_apps import READER
from tests.layers.apps import express_apps, fastify_apps, koa_apps, plain_handlers
from tests.layers.apps.asked import only, read, requests, told
from tests.layers.apps.node_apps import Apps, running

pytestmark = pytest.mark.node

SOURCES = {
    **express_apps.SOURCES,
    **fastify_apps.SOURCES,
    **koa_apps.SOURCES,
    **plain_handlers.SOURCES,
}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with running(tmp_path_factory.mktemp("node"), SOURCES) as served:
        yield served


def _service(request: WireRequest) -> Response:
    """What the handlers of the apps answer where no CORS is."""
    if request.method == "OPTIONS":
        return Response(200)
    if request.url.endswith("/crash"):
        return Response(500)
    return Response(200, (("Vary", "Accept-Encoding"),))


def _compare(name: str, apps: Apps, paths: tuple[str, ...]) -> None:
    instance = only(read(READER, ("app.js", SOURCES[name])))
    for request in requests(paths):
        predicted = told(instance.hop(request, _service))
        assert predicted == told(apps.ask(name, request)), request


@pytest.mark.parametrize("name", express_apps.SOURCES)
def test_express(name: str, apps: Apps) -> None:
    _compare(name, apps, express_apps.PATHS)


@pytest.mark.parametrize("name", fastify_apps.SOURCES)
def test_fastify(name: str, apps: Apps) -> None:
    _compare(name, apps, fastify_apps.PATHS)


@pytest.mark.parametrize("name", plain_handlers.SOURCES)
def test_handlers(name: str, apps: Apps) -> None:
    _compare(name, apps, plain_handlers.PATHS)


@pytest.mark.parametrize("name", koa_apps.SOURCES)
def test_koa(name: str, apps: Apps) -> None:
    _compare(name, apps, koa_apps.PATHS)
