"""What becomes of the app's own answers: edited at their start, and in nothing else."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage import Cors
from corsage.browser import Response
from corsage.middleware.wire import ASGI, WSGI, editor, encode
from corsage.policy.decide import Decision, Edit
from tests.middleware.conftest import Interface
from tests.middleware.exchange import ALLOWED, OPTIONS, REFUSED, Answer, App, ask_asgi, ask_wsgi

FROM_ALLOWED = (("Origin", ALLOWED),)


@pytest.mark.parametrize("status", [200, 201, 301, 304, 401, 404, 422, 500, 503])
def test_every_status_carries_the_headers(interface: Interface, status: int) -> None:
    cors = interface.around(App(status=status), **OPTIONS, expose_headers=["ETag"])

    answer = interface.ask(cors, headers=FROM_ALLOWED)

    assert answer.status == status
    assert answer.cors() == {
        "access-control-allow-origin": ALLOWED,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "ETag",
    }
    assert answer.vary() == ["origin"]


@pytest.mark.parametrize("headers", [(), (("Origin", REFUSED),), (("Origin", "null"),)])
def test_whoever_may_not_read_gets_vary_and_nothing_else(
    interface: Interface, headers: tuple
) -> None:
    """An actual request is never refused: the app answers it."""
    answer = interface.ask(interface.around(App(), **OPTIONS), headers=headers)

    assert (answer.status, answer.body, answer.cors()) == (200, b"from the app", {})
    assert answer.vary() == ["origin"]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ((), ["Origin"]),
        (("Accept-Encoding",), ["Accept-Encoding, Origin"]),
        (("Accept-Encoding", "Cookie"), ["Accept-Encoding", "Cookie, Origin"]),
        (("accept, ORIGIN",), ["accept, ORIGIN"]),
        (("Origin", "Cookie"), ["Origin", "Cookie"]),
        (("*",), ["*"]),
        (("",), ["Origin"]),
    ],
)
def test_the_apps_vary_survives_and_names_the_origin_once(
    interface: Interface, own: tuple[str, ...], expected: list[str]
) -> None:
    app = App(headers=tuple(("Vary", value) for value in own))

    assert interface.ask(interface.around(app, **OPTIONS)).all("vary") == expected


STRAY = (
    ("Access-Control-Allow-Origin", "*"),
    ("access-control-allow-credentials", "true"),
    ("Access-Control-Expose-Headers", "X-Secret"),
    ("Timing-Allow-Origin", "*"),
    ("Access-Control-Allow-Private-Network", "true"),
)


def test_own_removes_what_the_app_sets(interface: Interface) -> None:
    cors = interface.around(App(headers=STRAY), **OPTIONS)

    assert interface.ask(cors, headers=(("Origin", REFUSED),)).cors() == {}
    assert interface.ask(cors, headers=FROM_ALLOWED).cors() == {
        "access-control-allow-origin": ALLOWED,
        "access-control-allow-credentials": "true",
    }


def test_respect_leaves_an_answer_to_the_app_that_allows_an_origin_itself(
    interface: Interface,
) -> None:
    cors = interface.around(App(headers=STRAY), **OPTIONS, stray="respect")

    answer = interface.ask(cors, headers=FROM_ALLOWED)

    assert answer.cors() == {name.lower(): value for name, value in STRAY}
    assert answer.vary() == ["origin"]


def test_respect_mixes_no_header_of_the_app_with_ours(interface: Interface) -> None:
    """A credentials header that was harmless alone would be a grant beside our origin."""
    stray = (("Access-Control-Allow-Credentials", "true"),)
    cors = interface.around(App(headers=stray), allow_origins=[ALLOWED], stray="respect")

    answer = interface.ask(cors, headers=FROM_ALLOWED)

    assert answer.cors() == {"access-control-allow-origin": ALLOWED}


def test_conflict_removes_and_reports_once_for_each_header_and_path(
    interface: Interface, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(headers=STRAY[:2])
    cors = interface.around(app, **OPTIONS, stray="conflict")

    for path in ("/a", "/a", "/b%0Ainjected"):
        answer = interface.ask(cors, path=path, headers=(("Origin", REFUSED),))
        assert answer.cors() == {}

    reports = [record.getMessage() for record in caplog.records]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 4
    assert len(set(reports)) == 4
    assert any("access-control-allow-origin on '/a'" in report for report in reports)
    assert not any("\n" in report for report in reports)


_LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["Vary", "vary", "VARY", "Content-Type", "ETag", "Set-Cookie"]
            + [name for name, _ in STRAY]
            + ["ACCESS-CONTROL-ALLOW-ORIGIN", "Access-Control", "Timing-Allow-Origins"]
        ),
        st.sampled_from(["", "*", "Origin", "origin, Accept", "Accept", " ,", "x"]),
    ),
    max_size=6,
)
_EDITS = st.builds(
    Edit,
    own=st.just(True),
    headers=st.sampled_from([(), (("Access-Control-Allow-Origin", ALLOWED),)]),
    vary=st.booleans(),
)


@given(_LINES, _EDITS)
def test_the_edit_of_both_interfaces_is_the_decisions(
    lines: list[tuple[str, str]], edit: Edit
) -> None:
    """Twice on each, for the second time goes by what the first one learnt."""
    expected = _meaning(edit.apply(Response(200, tuple(lines))))
    decision = Decision(None, None, edit)

    for wire in (ASGI, WSGI):
        edited = editor(wire, set())
        encoded = [(wire.write(name), wire.write(value)) for name, value in lines]
        for _ in range(2):
            got = edited(iter(encoded), encode(decision, wire), None)
            text = tuple((wire.read(name), wire.read(value)) for name, value in got)
            assert _meaning(Response(200, text)) == expected


def _meaning(response: Response) -> tuple[Any, ...]:
    """Vary as the set that it is; everything else in order."""
    answer = Answer(response)
    others = [(n.lower(), v) for n, v in response.headers if n.lower() != "vary"]
    return set(answer.vary()) - {""}, others


def test_a_message_that_the_app_uses_again_is_not_touched() -> None:
    """Nor is its list of headers: the next request may come from somebody else."""
    lines = [(b"content-type", b"text/plain")]
    start = {"type": "http.response.start", "status": 200, "headers": lines, "trailers": True}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start)
        await send({"type": "http.response.body"})

    cors = Cors(app, **OPTIONS)

    assert ask_asgi(cors, headers=FROM_ALLOWED).cors()
    assert ask_asgi(cors, headers=(("Origin", REFUSED),)).cors() == {}
    assert (start["headers"], len(lines), start["trailers"]) == (lines, 1, True)


def test_headers_may_be_left_out_of_the_message() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    assert ask_asgi(Cors(app, **OPTIONS), headers=FROM_ALLOWED).cors()


@pytest.mark.parametrize("kind", ["websocket", "lifespan", "something new"])
def test_other_connections_get_the_servers_own_callables(kind: str) -> None:
    seen: list[Any] = []

    async def app(*given: Any) -> None:
        seen.extend(given)

    async def nothing(*_: Any) -> None: ...

    scope, receive, send = {"type": kind}, nothing, nothing
    asyncio.run(Cors(app, **OPTIONS)(scope, receive, send))

    assert [id(item) for item in seen] == [id(scope), id(receive), id(send)]


def test_messages_pass_one_by_one_as_they_come() -> None:
    """So streams, server-sent events, trailers, pushes and early hints need no support."""
    messages = [
        {"type": "http.response.debug", "info": {}},
        {"type": "http.response.early_hint", "links": []},
        {"type": "http.response.start", "status": 200, "headers": []},
        *({"type": "http.response.body", "body": b"x", "more_body": True} for _ in range(3)),
        {"type": "http.response.trailers", "headers": []},
    ]
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for number, message in enumerate(messages):
            await send(message)
            assert len(sent) == number + 1

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(Cors(app, **OPTIONS)(scope, None, send))

    assert [id(m) for n, m in enumerate(sent) if n != 2] == [
        id(m) for n, m in enumerate(messages) if n != 2
    ]


class BoomError(Exception):
    pass


def test_an_asgi_app_that_raises_before_it_answers_gets_a_500_with_the_headers() -> None:
    """And the server still sees the error, to log it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise BoomError

    answer = ask_asgi(Cors(app, **OPTIONS), headers=FROM_ALLOWED)

    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert answer.cors()["access-control-allow-origin"] == ALLOWED
    assert isinstance(answer.error, BoomError)


def test_an_asgi_app_that_raises_while_it_answers_is_not_answered_twice() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise BoomError

    answer = ask_asgi(Cors(app, **OPTIONS), headers=FROM_ALLOWED)

    assert (answer.status, answer.body) == (200, b"")
    assert isinstance(answer.error, BoomError)


def _raises_at_once(environ: Any, start_response: Any) -> Any:
    raise BoomError


def _raises_after_its_start(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    raise BoomError


def _raises_when_iterated(environ: Any, start_response: Any) -> Any:
    raise BoomError
    yield b""


@pytest.mark.parametrize("app", [_raises_at_once, _raises_after_its_start, _raises_when_iterated])
def test_a_wsgi_app_that_raises_gets_a_500_with_the_headers(app: Any) -> None:
    answer = ask_wsgi(Cors(app, **OPTIONS), headers=FROM_ALLOWED)

    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert answer.cors()["access-control-allow-origin"] == ALLOWED
    assert isinstance(answer.error, BoomError)


@pytest.mark.parametrize("app", [_raises_at_once, _raises_when_iterated])
def test_a_debugger_outside_gets_the_error_alone(app: Any) -> None:
    """As werkzeug's and Flask's test client, which show the error themselves."""
    environ = {"REQUEST_METHOD": "GET", "werkzeug.debug.preserve_context": list.append}

    with pytest.raises(BoomError):
        list(Cors(app, **OPTIONS)(environ, pytest.fail))


def test_a_wsgi_body_is_the_apps_own_object() -> None:
    """Servers send wsgi.file_wrapper faster than anything that was wrapped around it."""
    body = [b"x"]

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return body

    cors = Cors(app, **OPTIONS)

    assert cors({"REQUEST_METHOD": "GET"}, lambda *_: None) is body


def test_a_lazy_wsgi_body_is_streamed_and_closed() -> None:
    steps: list[str] = []

    class Body:
        def __init__(self, environ: Any, start_response: Any) -> None:
            self.start = start_response

        def __iter__(self) -> Any:
            self.start("200 OK", [("Content-Type", "text/plain")])
            steps.append("first")
            yield b"1"
            steps.append("second")
            yield b"2"

        def close(self) -> None:
            steps.append("closed")

    def app(environ: Any, start_response: Any) -> Any:
        return Body(environ, start_response)

    started: list[Any] = []
    body = Cors(app, **OPTIONS)({"REQUEST_METHOD": "GET", "HTTP_ORIGIN": ALLOWED}, _note(started))
    parts = iter(body)

    assert next(parts) == b"1"
    assert steps == ["first"]
    assert ("Access-Control-Allow-Origin", ALLOWED) in started[0][1]
    assert list(parts) == [b"2"]
    body.close()
    assert steps == ["first", "second", "closed"]


def test_write_and_exc_info_are_the_servers_own() -> None:
    error = (BoomError, BoomError(), None)

    def app(environ: Any, start_response: Any) -> Any:
        assert start_response("200 OK", []) == "write"
        start_response("500 Oops", [], error)
        return []

    started: list[Any] = []
    Cors(app, **OPTIONS)({"REQUEST_METHOD": "GET"}, _note(started, "write"))

    assert started[0][0] == "200 OK"
    assert started[1][2] is error


def _note(started: list[Any], returned: Any = None) -> Any:
    def start_response(*given: Any) -> Any:
        started.append(given)
        return returned

    return start_response
