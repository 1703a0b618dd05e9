"""Ask an ASGI or WSGI app in this process, and see all that came back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit
from wsgiref import validate

from corsage.browser import Headers, Response, Server, WireRequest

# PEP 3333 does not ask for a Content-Type on an empty 403, as its validator does.
validate.check_content_type = lambda status, headers: None  # type: ignore[attr-defined]

ALLOWED = "https://app.example.com"
REFUSED = "https://app.example.com.evil.example"
OPTIONS = {"allow_origins": [ALLOWED], "allow_credentials": True, "allow_methods": ["PUT"]}


@dataclass(frozen=True)
class Answer:
    """A response, its body, and the error that the app raised on the way."""

    response: Response
    body: bytes = b""
    error: Exception | None = None

    @property
    def status(self) -> int:
        return self.response.status

    def all(self, name: str) -> list[str]:
        """The values of a header, one for each line."""
        return [value for n, value in self.response.headers if n.lower() == name.lower()]

    def cors(self) -> dict[str, str]:
        """The CORS headers, by lower-case name."""
        names = ("access-control-", "timing-allow-origin")
        lines = [(n.lower(), v) for n, v in self.response.headers if n.lower().startswith(names)]
        assert len(lines) == len(dict(lines)), f"a header stands twice: {lines}"
        return dict(lines)

    def vary(self) -> list[str]:
        """What Vary names, in lower case."""
        return [token.strip().lower() for v in self.all("vary") for token in v.split(",")]


@dataclass
class App:
    """An app for both interfaces that answers ``headers`` and notes who reached it."""

    headers: Headers = ()
    status: int = 200
    reached: list[str] = field(default_factory=list)

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(scope["method"])
        lines = [(n.lower().encode(), v.encode("latin-1")) for n, v in self.headers]
        await send({"type": "http.response.start", "status": self.status, "headers": lines})
        await send({"type": "http.response.body", "body": b"from the app"})

    def wsgi(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.reached.append(environ["REQUEST_METHOD"])
        lines = [("Content-Type", "text/plain"), *self.headers]
        start_response(f"{self.status} Status", lines)
        return [b"from the app"]


Ask = Callable[..., Answer]


def ask_asgi(app: Any, method: str = "GET", path: str = "/", headers: Headers = ()) -> Answer:
    """One request through the ASGI interface."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(n.lower().encode(), v.encode("latin-1")) for n, v in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    error = None
    try:
        asyncio.run(app(scope, receive, send))
    except Exception as raised:
        error = raised
        if not sent:
            raise
    start, *bodies = sent
    lines = tuple((n.decode(), v.decode("latin-1")) for n, v in start["headers"])
    body = b"".join(message.get("body", b"") for message in bodies)
    return Answer(Response(start["status"], lines), body, error)


def ask_wsgi(app: Any, method: str = "GET", path: str = "/", headers: Headers = ()) -> Answer:
    """One request through the WSGI interface, which :mod:`wsgiref.validate` watches."""
    started: list[Any] = []
    written: list[bytes] = []

    def start_response(status: str, lines: Any, exc_info: Any = None) -> Any:
        started[:] = [Response(int(status[:3]), tuple(lines))]
        return written.append

    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": _Errors(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = "HTTP_" + name.upper().replace("-", "_")
        key = "CONTENT_TYPE" if key == "HTTP_CONTENT_TYPE" else key
        # As servers do with lines that repeat.
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    body = validate.validator(app)(environ, start_response)
    error = None
    try:
        written.extend(body)
    except Exception as raised:  # noqa: BLE001 -- the test says what it wants to see
        error = raised
    finally:
        body.close()
    return Answer(started[0], b"".join(written), error)


class _Errors:
    def write(self, text: str) -> None: ...
    def writelines(self, lines: Any) -> None: ...
    def flush(self) -> None: ...


def server_of(ask: Ask, app: Any) -> Server:
    """The app as what a browser asks."""

    def answer(request: WireRequest) -> Response:
        url = urlsplit(request.url)
        headers = (("Host", url.netloc), *request.headers)
        return ask(app, request.method, url.path or "/", headers).response

    return answer


def preflight(origin: str, method: str = "PUT", *more: tuple[str, str]) -> dict[str, Any]:
    """The arguments of a preflight."""
    asking = (("Origin", origin), ("Access-Control-Request-Method", method), *more)
    return {"method": "OPTIONS", "headers": asking}
