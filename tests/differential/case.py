"""A case: what a page asks for, and what each server on the way answers; and what was observed.

Cases are data (JSON Lines). They name four origins by fixed ports, so that a case and its
recording read the same in every run; :class:`Ports` translates to the ports of a run.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from corsage.browser.exchange import Headers, Request, Response, WireRequest

Page: TypeAlias = Literal["page", "sandboxed"]

ORIGINS = {
    "P": "http://localhost:18101",  # the page
    "A": "http://localhost:18102",  # another origin, same site
    "B": "http://127.0.0.1:18103",  # another origin, another site
    "closed": "http://localhost:18104",  # nobody listens
}

PAGES: dict[Page, str] = {"page": "/", "sandboxed": "/sandboxed"}
"""The paths of the pages, both served by P."""

STATUSES_WITHOUT_BODY = frozenset({204, 304})

_ALWAYS = frozenset(
    {"origin", "url", "method", "headers", "body", "credentials", "mode", "redirect"}
)
_AUTHORITY = re.compile(r"(http://)(?:[^/@]*@)?([^/?#]+)")
_HOP = re.compile(r"//[^/]*/c/([^/]+)/(\d+)(?:[/?#]|$)")


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, as the bytes go out: no header but these and Content-Length is sent."""

    status: int
    headers: Headers
    body: str = "ok"

    def received(self) -> Response:
        """As it goes out: with the Content-Length that the server adds where there is one."""
        if self.status in STATUSES_WITHOUT_BODY:
            return Response(self.status, self.headers)
        length = 0 if self.status == 205 else len(self.body)
        return Response(self.status, (*self.headers, ("Content-Length", str(length))))


@dataclass(frozen=True, slots=True)
class Hop:
    """The server at one URL of the way. ``at`` is its origin's letter."""

    at: str
    url: str
    preflight: Answer
    actual: Answer


@dataclass(frozen=True, slots=True)
class Case:
    """``perturbed`` names what the generator changed from a passing configuration."""

    id: str
    page: Page
    request: Request
    hops: tuple[Hop, ...]
    perturbed: tuple[str, ...] = ()

    def respond(self, request: WireRequest) -> Response | None:
        """The case as a server of the model, the twin of the one in :mod:`.server`."""
        if origin_letter(request.url) not in ("P", "A", "B"):
            return None
        answer = self.answer(request.url, request.kind)
        return NOT_FOUND.received() if answer is None else answer.received()

    def answer(self, url: str, kind: str) -> Answer | None:
        """What the server at ``url`` answers to a preflight or an actual request."""
        found = _HOP.search(url)
        if not found or int(found[2]) >= len(self.hops):
            return None
        hop = self.hops[int(found[2])]
        return hop.preflight if kind == "preflight" else hop.actual

    def renamed(self, new: str) -> Case:
        """The same case under URLs that no browser has seen yet."""
        text = json.dumps(to_json(self)).replace(f"/{self.id}/", f"/{new}/")
        return dataclasses.replace(from_json(json.loads(text)), id=new)


NOT_FOUND = Answer(404, ())
"""What every server answers where the case has no hop."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it stood on the wire. ``sent`` holds the page's own headers, those that
    did not travel as ``None``."""

    hop: int
    at: str
    kind: str
    method: str
    origin: str | None
    acrm: str | None
    acrh: str | None
    cookie: str | None
    sent: tuple[tuple[str, str | None], ...]


@dataclass(slots=True)
class Observed:
    """What a browser did. ``outcome`` is ``resolved`` or ``rejected``; ``type``, ``status``,
    ``url`` and ``headers`` are what JavaScript read; ``cors_error`` and ``failed_parameter``
    are Chromium's own enum; ``console`` holds the lines about CORS in order."""

    outcome: str
    type: str | None = None
    status: int | None = None
    url: str | None = None
    redirected: bool | None = None
    headers: list[list[str]] = field(default_factory=list)
    body: int | None = None
    name: str | None = None
    message: str | None = None
    cors_error: str | None = None
    failed_parameter: str | None = None
    net_errors: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    wire: list[Seen] = field(default_factory=list)


class Ports:
    """Translates texts between the ports of a run and those of :data:`ORIGINS`.

    All ports have five digits, so that no length changes on the way.
    """

    def __init__(self, real: Mapping[str, int]) -> None:
        fixed = {letter: origin.rpartition(":")[2] for letter, origin in ORIGINS.items()}
        self._pairs = [(fixed[letter], str(real[letter])) for letter in ORIGINS]
        if any(len(port) != 5 or port in fixed.values() for _, port in self._pairs):
            raise ValueError(f"ports {real} collide with those of the cases; try again")

    def to_run(self, text: str) -> str:
        """Fixed ports become those of the run."""
        for fixed, port in self._pairs:
            text = text.replace(fixed, port)
        return text

    def to_case(self, text: str) -> str:
        """Ports of the run become the fixed ones."""
        for fixed, port in self._pairs:
            text = text.replace(port, fixed)
        return text


def origin_letter(url: str) -> str | None:
    """Which of :data:`ORIGINS` a URL goes to."""
    found = _AUTHORITY.match(url)
    origin = found and f"{found[1]}{found[2]}"
    return next((letter for letter, known in ORIGINS.items() if known == origin), None)


def hop_number(url: str) -> int | None:
    """The number of the hop that a URL names."""
    found = _HOP.search(url)
    return int(found[2]) if found else None


def case_id(text: str) -> str | None:
    """The id of the case whose URL stands in ``text``."""
    found = _HOP.search(text) or re.search(r"/c/([^/\s'’]+)/\d+", text)
    return found[1] if found else None


def to_json(case: Case) -> dict[str, Any]:
    """The case as JSON-ready values; what a request has by default and is not part of the schema
    of old recordings is left out."""
    values = dataclasses.asdict(case)
    request = values["request"]
    for spec in dataclasses.fields(Request):
        if spec.name not in _ALWAYS and request[spec.name] == spec.default:
            del request[spec.name]
    values["origin"] = request.pop("origin")
    return values


def from_json(values: Mapping[str, Any]) -> Case:
    """A case from what :func:`to_json` gave (other keys are ignored)."""
    request = Request(
        **{**values["request"], "headers": _lines(values["request"]["headers"])},
        origin=values["origin"],
    )
    hops = tuple(
        Hop(h["at"], h["url"], _answer(h["preflight"]), _answer(h["actual"]))
        for h in values["hops"]
    )
    return Case(values["id"], values["page"], request, hops, tuple(values.get("perturbed", ())))


def _answer(values: Mapping[str, Any]) -> Answer:
    return Answer(values["status"], _lines(values["headers"]), values.get("body", "ok"))


def _lines(lines: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in lines)


def describe(case: Case) -> str:
    """The case as a human reads it, a line for what is asked and one for every answer."""
    request = case.request
    defaults = Request(url="", origin="", credentials="omit")
    odd = [
        f"{spec.name}={getattr(request, spec.name)!r}"
        for spec in dataclasses.fields(Request)
        if spec.name not in ("url", "origin", "method")
        and getattr(request, spec.name) != getattr(defaults, spec.name)
    ]
    lines = [f"{case.page}: {request.method} {request.url} {' '.join(odd)}".rstrip()]
    for number, hop in enumerate(case.hops):
        for kind, answer in (("preflight", hop.preflight), ("actual", hop.actual)):
            headers = "; ".join(f"{name}: {value}" for name, value in answer.headers)
            lines.append(f"  {number} {hop.at} {kind} {answer.status} {headers}".rstrip())
    return "\n".join(lines)
