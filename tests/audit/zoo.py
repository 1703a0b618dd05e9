"""A zoo of servers in one process: each path behaves in one way, dangerous, broken or safe.

``python -m tests.audit.zoo CERTIFICATE KEY LATENCY`` prints its ports as JSON and serves until it
is killed. It also answers as a forward proxy for http, for clients that cannot be told an address.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

HOST = "api.example.com"
APP = "https://app.example.com"
PARTNER = "https://app.partner.io"
PREVIEW = "https://shop-main.vercel.app"

Lines = list[tuple[str, str]]
Trusts = Callable[[str], object]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    origin: str | None
    headers: dict[str, str]
    own: str

    @property
    def is_preflight(self) -> bool:
        return self.method == "OPTIONS" and "access-control-request-method" in self.headers


@dataclass
class Cage:
    """One behaviour: ``rules`` are all that an audit must find, and nothing else."""

    rules: frozenset[str]
    answer: Callable[[Asked], tuple[int, Lines]]
    trust: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    scheme: str = "https"
    severity: str | None = None
    cache: dict[str, tuple[int, Lines]] | None = None


ZOO: dict[str, Cage] = {}


def cage(name: str, *rules: str, **more: object) -> Callable[[Callable], None]:
    def keep(answer: Callable[[Asked], tuple[int, Lines]]) -> None:
        ZOO[name] = Cage(frozenset(rules), answer, **more)  # type: ignore[arg-type]

    return keep


def owner(
    trusts: Trusts,
    *,
    credentials: str | None = "true",
    vary: str | None = "Origin",
    status: int = 200,
    allow: str | None = None,
    methods: str = "GET, POST, PUT",
    headers: str = "Content-Type",
    max_age: str | None = "600",
    more: Lines | None = None,
) -> Callable[[Asked], tuple[int, Lines]]:
    """What a correct owner answers, but for whom it trusts and what is said otherwise."""

    def answer(asked: Asked) -> tuple[int, Lines]:
        lines: Lines = [("Vary", vary)] if vary else []
        if asked.origin is None or not trusts(asked.origin):
            return (403 if asked.is_preflight else status), [*lines, *(more or [])]
        lines.append(("Access-Control-Allow-Origin", allow or asked.origin))
        if credentials:
            lines.append(("Access-Control-Allow-Credentials", credentials))
        if not asked.is_preflight:
            return status, [*lines, *(more or [])]
        wanted = asked.headers
        lines += [
            (
                "Access-Control-Allow-Methods",
                wanted["access-control-request-method"] if methods == "reflect" else methods,
            ),
            (
                "Access-Control-Allow-Headers",
                wanted.get("access-control-request-headers", "")
                if headers == "reflect"
                else headers,
            ),
        ]
        if max_age is not None:
            lines.append(("Access-Control-Max-Age", max_age))
        return 204, lines

    return answer


def add(
    name: str, *rules: str, trusts: Trusts, zoo: dict[str, object] | None = None, **more
) -> None:
    cage(name, *rules, **(zoo or {}))(owner(trusts, **more))


def pattern(text: str) -> Trusts:
    return re.compile(text).search


def exactly(*origins: str) -> Trusts:
    return frozenset(origins).__contains__


def host_of(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def is_https(origin: str) -> bool:
    return origin.startswith("https://")


# Dangerous: who is trusted.
add("reflect", "CORS200", trusts=lambda origin: True)
add("reflect-but-null", "CORS200", trusts=lambda origin: origin != "null")
add("reflect-401", "CORS200", trusts=lambda origin: True, status=401, zoo={"severity": "warning"})
add("reflect-404", "CORS200", trusts=lambda origin: True, status=404, zoo={"severity": "warning"})
add("reflect-500", "CORS200", trusts=lambda origin: True, status=500, zoo={"severity": "warning"})
add(
    "reflect-without-credentials", "CORS200",
    trusts=lambda origin: True, credentials=None, zoo={"severity": "note"},
)  # fmt: skip
add(
    "reflect-credentials-misspelt", "CORS200",
    trusts=lambda origin: True, credentials="True", zoo={"severity": "note"},
)  # fmt: skip
add("reflect-http", "CORS200", trusts=lambda origin: True, zoo={"scheme": "http"})
SIXTY = tuple(f"https://app{number}.example.org" for number in range(60))
add(
    "last-of-sixty", "CORS202",
    trusts=lambda origin: origin in SIXTY or origin.startswith(SIXTY[-1]), zoo={"trust": SIXTY},
)  # fmt: skip
add("null", "CORS201", trusts=exactly("null", APP))
add("null-only", "CORS201", trusts=exactly("null"))
add("prefix-startswith", "CORS202", trusts=lambda origin: origin.startswith(APP))
add("prefix-no-end", "CORS202", trusts=pattern(r"^https://app\.example\.com"))
add("prefix-optional-port", "CORS202", trusts=pattern(r"^https://app\.example\.com(:\d+)?"))
add("prefix-word-boundary", "CORS202", trusts=pattern(r"^https://app\.example\.com\b"))
add("prefix-hyphen", "CORS202", trusts=pattern(r"^https://app\.example\.com(-[a-z.-]+)?$"))
add("prefix-any-ending", "CORS202", trusts=pattern(r"^https://app\.example\.[a-z.]+$"))
add(
    "prefix-alternation", "CORS202",
    trusts=pattern(r"^https://app\.example\.com|https://admin\.example\.com$"),
)  # fmt: skip
add("me", "CORS202", trusts=pattern(r"^https://app\.example\.com"))  # the one of docs/audit.md
add("prefix-apex", "CORS202", trusts=lambda origin: origin.startswith("https://example.com"))
add(
    "prefix-partner", "CORS202",
    trusts=lambda origin: origin.startswith(PARTNER), zoo={"trust": (PARTNER,)},
)  # fmt: skip
add("suffix-endswith", "CORS203", trusts=lambda origin: origin.endswith("example.com"))
add(
    "suffix-host", "CORS203", "CORS212",
    trusts=lambda origin: is_https(origin) and host_of(origin).endswith("example.com"),
)  # fmt: skip
add("suffix-no-dot", "CORS203", trusts=pattern(r"^https://[a-z.]*example\.com$"))
add("suffix-hyphen", "CORS203", trusts=pattern(r"^https://([a-z]+-)?example\.com$"))
add("suffix-unescaped-dot", "CORS203", trusts=pattern(r"^https://(.+.)?example\.com$"))
add("suffix-tld", "CORS203", trusts=pattern(r"^https://[a-z.]+\.com$"))
add(
    "suffix-partner", "CORS203",
    trusts=lambda origin: is_https(origin) and origin.endswith("partner.io"),
    zoo={"trust": (PARTNER,)},
)  # fmt: skip
add("substring-in", "CORS204", trusts=lambda origin: "example.com" in origin)
add("substring-search", "CORS204", trusts=pattern(r"app\.example\.com"))
add("substring-word", "CORS204", trusts=lambda origin: "example" in host_of(origin).split(".")[0:3])
add(
    "similar-reversed", "CORS205",
    trusts=lambda origin: len(origin) > 12 and origin in f"{APP}, https://example.com",
)  # fmt: skip
add("similar-any-tld", "CORS205", trusts=pattern(r"^https://app\.example\.[a-z]{2,3}$"))
add("dot-first", "CORS206", trusts=pattern(r"^https://app.example\.com$"))
add("dot-all", "CORS206", trusts=pattern(r"^https://app.example.com$"))
add(
    "dot-registry", "CORS206",
    trusts=pattern(r"^https://shop.example.co.uk$"),
    zoo={"trust": ("https://shop.example.co.uk",)},
)  # fmt: skip
add("shared-vercel", "CORS207", trusts=pattern(r"^https://[a-z0-9-]+\.vercel\.app$"))
add("shared-github", "CORS207", trusts=lambda origin: host_of(origin).endswith(".github.io"))
add("shared-tunnel", "CORS207", trusts=pattern(r"^https://[a-z0-9-]+\.ngrok-free\.app$"))
add("shared-playground", "CORS207", trusts=exactly(APP, "https://codepen.io"))
add(
    "shared-with-a-name", "CORS207",
    trusts=pattern(r"^https://shop-[a-z0-9-]+\.vercel\.app$"), zoo={"trust": (PREVIEW,)},
)  # fmt: skip
add("scheme", "CORS208", trusts=pattern(r"^https?://app\.example\.com$"))
add("scheme-neighbour", "CORS208", trusts=exactly("http://example.com"))
add(
    "special-underscore",
    "CORS209",
    trusts=pattern(r"^https://app\.example\.com([^.\-a-z0-9:].*)?$"),
)
add(
    "special-browser-behind-proxy", "CORS209",
    trusts=pattern(r"^https://app\.example\.com([!\"$&'()+,;=`{}~].*)?$"), zoo={"severity": "note"},
)  # fmt: skip
add("subdomain", "CORS210", trusts=pattern(r"^https://([a-z0-9-]+\.)*example\.com$"))
add("subdomain-one", "CORS210", trusts=pattern(r"^https://[a-z0-9-]+\.example\.com$"))
add("parent", "CORS211", trusts=exactly(APP, "https://example.com"), zoo={"trust": (APP,)})
add("port", "CORS212", trusts=pattern(r"^https://app\.example\.com(:\d+)?$"))
add("localhost", "CORS213", trusts=lambda o: o == APP or host_of(o) in {"localhost", "127.0.0.1"})
add(
    "first-of-the-list", "CORS202",
    trusts=lambda origin: origin.startswith(PARTNER), zoo={"trust": (PARTNER,)},
)  # fmt: skip


@cage("volunteers-a-name", "CORS202")
def _(asked: Asked) -> tuple[int, Lines]:
    origin = asked.origin or ""
    lines = [("Vary", "Origin"), ("Access-Control-Allow-Credentials", "true")]
    trusted = origin if origin.startswith(PARTNER) else PARTNER
    return 200, [("Access-Control-Allow-Origin", trusted), *lines]


@cage("redirect-to-reflect", "CORS200")
def _(asked: Asked) -> tuple[int, Lines]:
    return 302, [*ZOO["reflect"].answer(asked)[1], ("Location", "/reflect")]


# Dangerous: caches, networks, lists.
FRESH = [("Cache-Control", "public, max-age=600")]
add("vary-missing", "CORS220", trusts=exactly(APP), vary=None, more=FRESH)
add(
    "vary-missing-unasked-cache", "CORS220",
    trusts=exactly(APP), vary=None, zoo={"severity": "note"},
)  # fmt: skip
add(
    "vary-missing-http", "CORS220",
    trusts=exactly("http://app.example.com"), vary=None, more=FRESH, zoo={"scheme": "http"},
)  # fmt: skip
add(
    "prefix-kept", "CORS202", "CORS220",
    trusts=lambda origin: origin.startswith(APP), vary=None, more=FRESH,
)  # fmt: skip
add("vary-other", "CORS220", trusts=exactly(APP), vary="Accept-Encoding", more=FRESH)


@cage("vary-wildcard-only-when-asked", "CORS220")
def _(asked: Asked) -> tuple[int, Lines]:
    if asked.origin is None:
        return 200, FRESH
    return 200, [("Access-Control-Allow-Origin", "*"), *FRESH]


add(
    "poisonable-cache", "CORS220", "CORS221",
    trusts=exactly(APP), vary=None, more=FRESH, zoo={"options": ("--prove-cache",), "cache": {}},
)  # fmt: skip
add(
    "any-method", "CORS230",
    trusts=exactly(APP), methods="reflect", zoo={"severity": "note"},
)  # fmt: skip
add(
    "any-header", "CORS231",
    trusts=exactly(APP), headers="reflect", zoo={"severity": "note"},
)  # fmt: skip
add(
    "reflect-everything", "CORS200", "CORS230", "CORS231",
    trusts=lambda origin: True, methods="reflect", headers="reflect",
)  # fmt: skip
SECRETS = [("X-Api-Key", "hunter2hunter2"), ("Access-Control-Expose-Headers", "*")]


@cage("exposes-everything", "CORS232")
def _(asked: Asked) -> tuple[int, Lines]:
    return 200, [("Access-Control-Allow-Origin", "*"), *SECRETS]


STAR = [("Access-Control-Expose-Headers", "*"), ("X-Request-Id", "1")]
add("exposes-nothing-by-a-star", "CORS233", trusts=exactly(APP), more=STAR)
add("exposes-nothing-useful", "CORS233", trusts=exactly(APP), more=[("X-RateLimit-Limit", "9")])
BAD = [("Access-Control-Expose-Headers", "X-Request-Id, a b"), ("X-Request-Id", "1")]
add("exposes-nothing-by-a-slip", "CORS233", trusts=exactly(APP), more=BAD)
add("max-age-long", "CORS234", trusts=exactly(APP), max_age="31536000")
add("max-age-missing", "CORS235", trusts=exactly(APP), max_age=None)
add("max-age-unreadable", "CORS235", trusts=exactly(APP), max_age="10m")


# Broken, and no danger.
@cage("wildcard-with-credentials", "CORS240")
def _(asked: Asked) -> tuple[int, Lines]:
    return 200, [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Credentials", "true"),
    ]


@cage("two-lines", "CORS241")
def _(asked: Asked) -> tuple[int, Lines]:
    status, lines = owner(lambda origin: True)(asked)
    doubled = [line for line in lines if line[0] == "Access-Control-Allow-Origin"]
    return status, [*lines, *doubled]


@cage("two-lines-reflect-and-star", "CORS241")
def _(asked: Asked) -> tuple[int, Lines]:
    status, lines = owner(lambda origin: True)(asked)
    return status, [*lines, ("Access-Control-Allow-Origin", "*")]


def broken(name: str, value: Callable[[str], str]) -> None:
    @cage(name, "CORS242")
    def _(asked: Asked) -> tuple[int, Lines]:
        lines = [("Vary", "Origin"), ("Access-Control-Allow-Credentials", "true")]
        return 200, [("Access-Control-Allow-Origin", value(asked.origin or "")), *lines]


@cage("two-thousand-lines", "CORS241")
def _(asked: Asked) -> tuple[int, Lines]:
    return 200, [("Access-Control-Allow-Origin", f"https://{'a' * 60}.example")] * 2000


broken("comma-list", lambda origin: f"{APP}, https://admin.example.com")
broken("space-list", lambda origin: f"{APP} https://admin.example.com")
broken("wildcard-in-a-name", lambda origin: "https://*.example.com")
broken("slash-at-the-end", lambda origin: f"{origin}/")

# Safe.
add("safe-exact", trusts=exactly(APP))
add("safe-exact-without-credentials", trusts=exactly(APP), credentials=None)
add("safe-list", trusts=exactly(APP, "https://admin.example.com"))
add("safe-regex", trusts=pattern(r"^https://(app|admin)\.example\.com$"))
add("safe-regex-ignoring-case", trusts=pattern(r"(?i)^https://app\.example\.com$"))
add("safe-no-beginning", trusts=pattern(r"(https://app\.example\.com)$"))
add("safe-dot-before-the-tld", trusts=pattern(r"^https://app\.example.com$"))
add(
    "safe-web-view",
    trusts=exactly("capacitor://localhost"), zoo={"trust": ("capacitor://localhost",)},
)  # fmt: skip
add("safe-partner", trusts=exactly(PARTNER), zoo={"trust": (PARTNER,)})
add("safe-preview", trusts=exactly(PREVIEW), zoo={"trust": (PREVIEW,)})
add("safe-expose", trusts=exactly(APP), more=[
    ("Access-Control-Expose-Headers", "X-Request-Id, ETag"), ("X-Request-Id", "1"), *FRESH,
])  # fmt: skip
add(
    "safe-vary-http",
    trusts=exactly("http://app.example.com"), more=FRESH, zoo={"scheme": "http"},
)  # fmt: skip
add("safe-no-store", trusts=exactly(APP), vary=None, more=[("Cache-Control", "no-store")])
add("safe-nobody", trusts=lambda origin: False)
add(
    "safe-http-by-mixed-content",
    trusts=lambda origin: origin.startswith("https://app.example.com"), zoo={"scheme": "http"},
)  # fmt: skip
add(
    "safe-cache", trusts=exactly(APP), more=FRESH,
    zoo={"options": ("--prove-cache",), "cache": {}},
)  # fmt: skip


@cage("safe-cache-that-refuses-odd-queries", options=("--prove-cache",), cache={})
def _(asked: Asked) -> tuple[int, Lines]:
    return (400, []) if "corsage-audit" in asked.path else owner(exactly(APP))(asked)


@cage("prefix-that-refuses-odd-queries", "CORS202")
def _(asked: Asked) -> tuple[int, Lines]:
    right = owner(lambda origin: origin.startswith(APP), more=FRESH)
    return (400, []) if "corsage-audit" in asked.path else right(asked)


add("null-static", "CORS201", trusts=lambda origin: True, allow="null")


@cage("safe-no-cors")
def _(asked: Asked) -> tuple[int, Lines]:
    return 200, []


@cage("safe-public")
def _(asked: Asked) -> tuple[int, Lines]:
    return 200, [("Access-Control-Allow-Origin", "*")]


@cage("safe-public-exposes")
def _(asked: Asked) -> tuple[int, Lines]:
    expose = [("Access-Control-Expose-Headers", "*"), ("ETag", '"1"')]
    return 200, [("Access-Control-Allow-Origin", "*"), *expose, *FRESH]


@cage("static-localhost", "CORS213")
def _(asked: Asked) -> tuple[int, Lines]:
    lines = [("Access-Control-Allow-Credentials", "true")]
    return 200, [("Access-Control-Allow-Origin", "http://localhost:3000"), *lines]


@cage("safe-static")
def _(asked: Asked) -> tuple[int, Lines]:
    return 200, [("Access-Control-Allow-Origin", APP), ("Access-Control-Allow-Credentials", "true")]


@cage("safe-echo-in-preflight-only")
def _(asked: Asked) -> tuple[int, Lines]:
    return owner(lambda origin: True)(asked) if asked.is_preflight else (200, [])


@cage("safe-redirect-to-a-stranger")
def _(asked: Asked) -> tuple[int, Lines]:
    lines = ZOO["reflect"].answer(asked)[1]
    return 302, [*lines, ("Location", "https://elsewhere.example.org/")]


@cage("safe-redirect-to-safe")
def _(asked: Asked) -> tuple[int, Lines]:
    return 302, [*ZOO["reflect"].answer(asked)[1], ("Location", "/safe-exact")]


def respond(asked: Asked) -> tuple[int, Lines, str]:
    """Status, header lines and body."""
    name = urlsplit(asked.path).path.strip("/").partition("/")[0]
    if name in {"page", "sandboxed"}:
        lines = [("Content-Type", "text/html")]
        if name == "sandboxed":
            lines.append(("Content-Security-Policy", "sandbox allow-scripts"))
        return 200, lines, "<!doctype html><title>attacker</title>"
    one = ZOO.get(name)
    if one is None:
        return 404, [], ""
    lines = [("Content-Type", "application/json")]
    body = json.dumps({"cage": name, "signed_in": "session=1" in asked.headers.get("cookie", "")})
    if one.cache is not None and not asked.is_preflight:
        if "cache-control" in asked.headers:
            return _with(one.answer(asked), lines, body)
        key = asked.path
        varies = any(line == ("Vary", "Origin") for line in one.answer(asked)[1])
        if varies:
            key += str(asked.origin)
        return _with(one.cache.setdefault(key, one.answer(asked)), lines, body)
    return _with(one.answer(asked), lines, body)


def _with(answer: tuple[int, Lines], lines: Lines, body: str) -> tuple[int, Lines, str]:
    return answer[0], [*answer[1], *lines], body


class Keeper(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, every answer ``latency`` seconds late."""

    counts: ClassVar = {"requests": 0, "connections": 0}

    def __init__(self, latency: float, own: str) -> None:
        self._latency = latency
        self._own = own
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.counts["connections"] += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            raw = self._answer(head.decode("latin-1"))
            if self._latency:
                asyncio.get_running_loop().call_later(self._latency, self._write, raw)
            else:
                self._write(raw)

    def _write(self, raw: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(raw)

    def _answer(self, head: str) -> bytes:
        first, *rest = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in rest)}
        parts = urlsplit(target)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if path == "/counts":
            body = json.dumps(self.counts)
            return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        self.counts["requests"] += 1
        asked = Asked(method, path, headers.get("origin"), headers, self._own)
        status, lines, body = respond(asked)
        body = "" if status == 204 else body
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        length = "" if status == 204 else f"Content-Length: {len(body)}\r\n"
        return f"HTTP/1.1 {status} X\r\n{text}{length}\r\n{body}".encode("latin-1")


async def main(certificate: str, key: str, latency: float) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(lambda: Keeper(latency, "http"), "127.0.0.1", 0)
    secure = await loop.create_server(lambda: Keeper(latency, "https"), "127.0.0.1", 0, ssl=context)
    ports = {"http": plain.sockets[0].getsockname()[1], "https": secure.sockets[0].getsockname()[1]}
    print(json.dumps(ports), flush=True)
    await asyncio.gather(plain.serve_forever(), secure.serve_forever())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
