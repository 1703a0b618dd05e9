"""Sample expressions: what a fetch finds, and what converters make of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from corsage.layers.possible import ORIGIN, Check, World
from corsage.layers.regexes import regex_of
from corsage.layers.urls import split_url
from corsage.layers.where import Where

_PART = re.compile(r"([A-Za-z0-9_.-]+)(?:\(([^()]*)\))?")
_SUFFIXES = ("beg", "end", "reg", "sub", "dir", "dom", "len", "cnt", "val")
_REQUEST = ("hdr", "path", "url", "base", "query", "shdr", "cook", "urlp", "req.")


@dataclass
class Exchange:
    """A request on its way, and its answer on the way back (``response`` None until then).
    ``headers`` are the request's, by lower-case name; ``files`` the lists that are at hand."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    signed_in: bool
    world: World
    files: Mapping[str, tuple[tuple[str, Where], ...]]
    variables: dict[str, str] = field(default_factory=dict)
    captured: list[str] = field(default_factory=list)
    response: list[tuple[str, str]] | None = None
    status: int = 0

    def header(self, name: str) -> str | None:
        """The last value of a request's header."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Sample:
    """``text`` None: nothing was found. ``several``: the values that a match is tried with.
    ``suffix``: the match that the fetch's name implies."""

    text: str | None
    several: tuple[str, ...] = ()
    suffix: str = ""


class UnknownSample(Exception):  # noqa: N818 -- an answer: it is not known
    """A fetch or converter that is not known here."""


def parts_of(expression: str) -> list[tuple[str, str]]:
    """The fetch and its converters, each with its arguments."""
    found, at = [], 0
    while at < len(expression):
        match = _PART.match(expression, at)
        if match is None:
            raise UnknownSample(f"{expression[:60]} is not followed here")
        found.append((match[1], match[2] or ""))
        at = match.end()
        if at < len(expression) and expression[at] != ",":
            raise UnknownSample(f"{expression[:60]} is not followed here")
        at += 1
    return found


def is_of_request(expression: str) -> bool:
    """Whether an expression needs the request, which is gone when the answer comes."""
    name = expression.partition("(")[0].partition(",")[0]
    return name.startswith(_REQUEST) or name in ("hdr", "path", "url", "query", "base")


def sample(expression: str, exchange: Exchange) -> Sample:
    """What an expression finds."""
    (name, argument), *converters = parts_of(expression)
    found = _fetched(name, argument, exchange)
    if converters and found.text is not None:
        text: str | None = found.text
        for converter, arguments in converters:
            if text is not None:
                text = _converted(text, converter, arguments, exchange)
        return Sample(text, (text,) if text is not None else ())
    return found


def _fetched(name: str, argument: str, exchange: Exchange) -> Sample:
    base, _, suffix = name.rpartition("_")
    if suffix not in _SUFFIXES or not base:
        base, suffix = name, ""
    if suffix and base in (
        "path",
        "url",
        "base",
        "hdr",
        "req.hdr",
        "req.fhdr",
        "res.hdr",
        "method",
    ):
        found = _plain(base, argument, exchange)
        if suffix == "cnt":
            return _one(str(len(found.several)))
        return Sample(found.text, found.several, "int" if suffix == "val" else suffix)
    return _plain(name, argument, exchange)


def _one(text: str | None) -> Sample:
    return Sample(text, () if text is None else (text,))


def _plain(name: str, argument: str, exchange: Exchange) -> Sample:
    if exchange.response is not None and is_of_request(name):
        return Sample(None)
    url = split_url(exchange.url)
    if name in ("hdr", "req.hdr", "req.fhdr", "res.hdr", "res.fhdr", "srv.hdr"):
        lines = exchange.response or [] if name.startswith("res.") else exchange.headers
        wanted = argument.partition(",")[0].strip().lower()
        values = [value for key, value in lines if key.lower() == wanted]
        if not name.endswith("fhdr"):
            values = [part.strip() for value in values for part in value.split(",")]
        return Sample(values[-1] if values else None, tuple(values))
    if name == "method":
        return _one(exchange.method)
    if name == "path":
        return _one(url.path or "/")
    if name == "url":
        return _one((url.path or "/") + (f"?{url.query}" if url.query else ""))
    if name == "query":
        return _one(url.query)
    if name == "base":
        return _one(f"{url.netloc}{url.path or '/'}")
    if name == "var":
        return _one(exchange.variables.get(argument.partition(",")[0]))
    if name in ("str", "bool", "int"):
        return _one(
            {"true": "1", "false": "0"}.get(argument, argument) if name == "bool" else argument
        )
    if name == "capture.req.hdr":
        number = int(argument) if argument.isdecimal() and len(argument) < 4 else 0
        there = number < len(exchange.captured) and exchange.captured[number]
        return _one(exchange.captured[number] if there else None)
    if name == "capture.req.method":
        return _one(exchange.method)
    if name == "capture.req.uri":
        return _one(exchange.url.partition("://")[2].partition("/")[2].join(["/", ""]))
    if name == "ssl_fc":
        return _one("1" if url.scheme == "https" else "0")
    if name in ("always_true", "always_false"):
        return _one("1" if name.endswith("true") else "0")
    if name == "status":
        return _one(str(exchange.status))
    if name.startswith("http_auth"):
        return _one("1" if exchange.signed_in else "0")
    if name.startswith(("sc_", "sc0_", "sc1_", "sc2_", "src_", "table_", "be_", "fe_")):
        # Nobody has sent too much yet.
        return _one("0")
    if name in ("dst_port", "fc_http_major", "src", "dst", "nbsrv", "req.proto_http"):
        return _one("")
    raise UnknownSample(f"{name} is not followed here")


def _converted(text: str, name: str, arguments: str, exchange: Exchange) -> str | None:
    given = [each.strip("'\"") for each in arguments.split(",")]
    if name in ("lower", "upper"):
        if ORIGIN in text:
            return text
        return text.lower() if name == "lower" else text.upper()
    if name == "host_only":
        return text if ORIGIN in text else re.sub(r":\d*$", "", text)
    if name == "url_dec":
        return unquote(text)
    if name == "concat":
        before, variable, after = (*given, "", "", "")[:3]
        return text + before + (exchange.variables.get(variable, "") if variable else "") + after
    if name == "field" and given[0].isdecimal():
        if ORIGIN in text and len(given) > 1 and given[1] in "https://.:":
            raise UnknownSample("a part of the origin is not followed here")
        fields = text.split(given[1] if len(given) > 1 and given[1] else ",")
        number = int(given[0]) if len(given[0]) < 4 else 999
        return fields[number - 1] if 0 < number <= len(fields) else None
    if name in ("map", "map_str", "map_beg"):
        return _mapped(text, name, given, exchange)
    if name == "regsub":
        pattern, replacement = (*given, "")[:2]
        found = regex_of(pattern).search(text)
        if ORIGIN in text:
            raise UnknownSample("a part of the origin is not followed here")
        return text if found is None else found.re.sub(replacement, text, count=1)
    if name in ("length", "len"):
        return str(len(text))
    raise UnknownSample(f"the converter {name} is not followed here")


def _mapped(text: str, name: str, given: list[str], exchange: Exchange) -> str | None:
    rows = exchange.files.get(given[0].rpartition("/")[2])
    if rows is None:
        raise UnknownSample(f"{given[0]} is not among what was read")
    kind = "prefix" if name == "map_beg" else "exact"
    pairs = []
    for row, where in rows:
        key, _, value = row.replace("\t", " ").partition(" ")
        pairs.append((key, value, where))
    for key, value, where in sorted(pairs, key=lambda pair: -len(pair[0])):
        if exchange.world.ask(text, [Check(kind, key, where)]):  # type: ignore[arg-type]  # its literals
            return value.strip()
    return given[1] if len(given) > 1 else None
