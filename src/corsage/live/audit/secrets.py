"""What the user gave us to be let in, and how it stays out of everything that is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from corsage.browser.exchange import Headers, WireRequest
from corsage.diagnosis.redact import redact, redact_value

ANY_COOKIE = "visitor=corsage-audit"
"""Sent where the user gives none: some servers answer ``*`` until a cookie comes, and then trust
any origin (Starlette with ``allow_origins=["*"]`` and credentials)."""

_SHORTEST = 4  # shorter values are words that stand everywhere


@dataclass(frozen=True, slots=True)
class Secrets:
    """The user's own header lines and cookies. They are sent, and shown as ``$NAME`` only."""

    headers: Headers = ()
    cookie: str | None = None

    @property
    def cookies(self) -> str:
        """The ``Cookie`` header of requests with credentials."""
        return ANY_COOKIE if self.cookie is None else self.cookie

    def mask(self, text: str) -> str:
        """``text`` without any value that the user gave, should a server send one back."""
        for value in sorted(self._values(), key=len, reverse=True):
            text = text.replace(value, "[redacted]")
        return text

    def _values(self) -> set[str]:
        cookies = [pair.partition("=")[2].strip() for pair in (self.cookie or "").split(";")]
        words = [word for _, value in self.headers for word in value.split()]
        values = {*cookies, *words, self.cookie or "", *(value for _, value in self.headers)}
        return {value for value in values if len(value) >= _SHORTEST}

    def shown(self, name: str, value: str) -> str:
        """A header's value as it may be printed."""
        return self.mask(redact_value(name, value))

    def curl(self, request: WireRequest) -> str:
        """A command that asks the same again; what is secret in it is a ``$NAME`` to fill in."""
        words = ["curl", "-si"]
        if request.method != "GET":
            words += ["-X", request.method]
        words.append(_url_word(request.url))
        words += [_header_word(f"{name}: {value}") for name, value in request.headers]
        words += [f'-H "{name}: ${_variable(name)}"' for name, _ in self.headers]
        if request.credentials:
            shown = f"Cookie: {ANY_COOKIE}" if self.cookie is None else None
            words.append('-H "Cookie: $COOKIE"' if shown is None else _header_word(shown))
        return " ".join(words)


def shown_url(url: str) -> str:
    """A URL as it may be printed: tokens in its query are left out."""
    return redact(url)


def _header_word(line: str) -> str:
    return f"-H {shlex.quote(line)}"


def _url_word(url: str) -> str:
    """The URL for a shell, with ``$NAME`` for each secret of its query."""
    address, question, query = url.partition("?")
    pairs = []
    for pair in query.split("&"):
        name, equals, _ = pair.partition("=")
        # What is secret is told by the name and the look of the value together.
        secret = bool(equals) and redact(f"?{pair}") != f"?{pair}"
        pairs.append(f"{name}=${_variable(name)}" if secret else _in_double_quotes(pair))
    if not question or "&".join(pairs) == query:
        return shlex.quote(url)
    return f'"{_in_double_quotes(redact(address))}?{"&".join(pairs)}"'


def _in_double_quotes(text: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", text)


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII).upper().lstrip("0123456789") or "VALUE"


def one_line(lines: Iterable[tuple[str, str]]) -> str:
    """Header lines in one sentence."""
    return ", ".join(f"{name}: {value}" for name, value in lines)
