"""What predictions are compared on: requests as browsers and others send them, and the headers of
answers that CORS is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from corsage.browser.exchange import Headers, Response, WireRequest
from corsage.layers.site import Instance
from corsage.layers.source import Reader, Reading, Source

HOST = "http://127.0.0.1"
ORIGINS = (
    None,
    "https://app.example.com",
    "https://admin.example.com",
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://xexample.com",
    "http://localhost:3000",
    "https://my-app.vercel.app",
    "null",
)
_ASKED: tuple[tuple[str, Headers], ...] = (
    ("GET", ()),
    ("POST", ()),
    ("DELETE", ()),
    ("OPTIONS", ()),
    ("OPTIONS", (("Access-Control-Request-Method", "GET"),)),
    (
        "OPTIONS",
        (
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "content-type,x-custom"),
        ),
    ),
    (
        "OPTIONS",
        (
            ("Access-Control-Request-Method", "DELETE"),
            ("Access-Control-Request-Headers", "authorization"),
        ),
    ),
)


def requests(paths: Iterable[str]) -> Iterator[WireRequest]:
    """Every origin, with every kind of request, for every path."""
    for path in paths:
        for origin in ORIGINS:
            for method, headers in _ASKED:
                own = (("Origin", origin), *headers) if origin is not None else headers
                kind = "preflight" if method == "OPTIONS" and headers else "actual"
                yield WireRequest(kind, method, HOST + path, own)  # type: ignore[arg-type]


def told(response: Response | None) -> tuple[int, Counter[tuple[str, str]]]:
    """The status, and the headers that CORS and caches read."""
    assert response is not None
    kept: Counter[tuple[str, str]] = Counter()
    for name, value in response.headers:
        lower = name.lower()
        if lower.startswith("access-control-"):
            kept[lower, value] += 1
        elif lower == "vary":
            for part in value.split(","):
                kept[lower, part.strip().lower()] += 1
    return response.status, kept


def read(reader: Reader, *files: tuple[str, str]) -> Reading:
    """What a reader makes of some files."""
    sources = [Source(path, text) for path, text in files]
    assert all(reader.detect(source.path, source.text) for source in sources)
    return reader.link({source.path: reader.parse(source) for source in sources})


def only(reading: Reading) -> Instance:
    """The one app that was read."""
    [instance] = reading.instances
    return instance
