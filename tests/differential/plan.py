"""A plan: a case as its differences from one that passes.

Every server of a plan grants exactly what is asked, unless the plan says otherwise. Texts may
hold tokens: ``<origin>`` the origin that arrives at that hop, ``<method>`` and ``<names>`` what
would have to be allowed there, ``<next>`` the URL of the next hop, ``<id>`` the case's own.
``<ORIGIN>`` and so on are the same in upper case, ``<Origin>`` its first letter only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from corsage.browser.exchange import (
    CredentialsMode,
    Headers,
    Initiator,
    RedirectMode,
    Request,
    RequestMode,
)
from tests.differential.case import ORIGINS, PAGES, Answer, Case, Hop, Page

Lines: TypeAlias = tuple[str, ...]
"""The values of one header name, a line each; empty: the header is not sent."""

GRANT: Lines = ("<granted>",)
"""Whatever grants the request at that hop."""

Side: TypeAlias = Literal["both", "preflight", "actual"]

_NORMALISED = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields that say what a server answers hold on the hop number ``at_hop`` and on the
    ``side`` named; everywhere else the request is granted. ``extra`` are further header lines of
    the last response."""

    page: Page = "page"
    way: str = "A"
    initiator: Initiator = "fetch"
    upload_listeners: bool = False
    method: str = "GET"
    headers: Headers = ()
    body: str | None = None
    credentials: CredentialsMode = "omit"
    mode: RequestMode = "cors"
    redirect: RedirectMode = "follow"
    url: str = "<url>"

    at_hop: int = 0
    side: Side = "both"
    acao: Lines = GRANT
    acac: Lines = GRANT
    acam: Lines = GRANT
    acah: Lines = GRANT
    acma: Lines = ()
    aceh: Lines = ()
    extra: Headers = ()
    preflight_status: int = 204
    preflight_location: Lines = ()
    actual_status: int = 200
    redirect_status: int = 302
    location: Lines = ("<next>",)
    # Firefox keeps the first origin on preflights after a redirect, so a server that follows the
    # standard fails there; this grants the page's origin on tainted preflights instead.
    tainted_preflight: str = "<origin>"

    def case(self, id: str, perturbed: tuple[str, ...] = ()) -> Case:  # noqa: A002  the schema's name
        """The case itself, under its own URLs."""
        request = Request(
            url=self._fill(self.url, id, 0),
            origin="null" if self.page == "sandboxed" else ORIGINS["P"],
            method=self.method,
            headers=tuple((name, self._fill(value, id, 0)) for name, value in self.headers),
            body=self.body,
            credentials=self.credentials,
            mode=self.mode,
            redirect=self.redirect,
            initiator=self.initiator,
            upload_listeners=self.upload_listeners,
            page_url=f"{ORIGINS['P']}{PAGES[self.page]}",
        )
        if self.initiator == "xmlhttprequest":
            request = _as_xhr(request)
        hops = tuple(
            Hop(
                at,
                _url(id, self.way, number),
                self._preflight(id, number),
                self._actual(id, number),
            )
            for number, at in enumerate(self.way)
        )
        return Case(id, self.page, request, hops, perturbed)

    def _preflight(self, id: str, number: int) -> Answer:  # noqa: A002
        here = number == self.at_hop and self.side != "actual"
        tainted = number > 0 and self._origin(number) == "null"
        granted = {"acao": self.tainted_preflight if tainted else "<origin>"}
        lines = [
            *self._line("Access-Control-Allow-Origin", "acao", here, granted["acao"]),
            *self._line("Access-Control-Allow-Credentials", "acac", here, self._credentials()),
            *self._line("Access-Control-Allow-Methods", "acam", here, "<method>"),
            *self._line("Access-Control-Allow-Headers", "acah", here, "<names>"),
            *(("Access-Control-Max-Age", value) for value in self.acma),
            *(("Location", value) for value in self.preflight_location if here),
        ]
        status = self.preflight_status if number == self.at_hop else 204
        return Answer(status, self._filled(lines, id, number))

    def _actual(self, id: str, number: int) -> Answer:  # noqa: A002
        here = number == self.at_hop and self.side != "preflight"
        last = number == len(self.way) - 1
        lines = [
            *self._line("Access-Control-Allow-Origin", "acao", here, "<origin>"),
            *self._line("Access-Control-Allow-Credentials", "acac", here, self._credentials()),
        ]
        if last:
            lines += [("Access-Control-Expose-Headers", value) for value in self.aceh]
            lines += self.extra
            return Answer(self.actual_status, self._filled(lines, id, number))
        location = self.location if number == max(0, self.at_hop - 1) else ("<next>",)
        lines += [("Location", value) for value in location]
        return Answer(self.redirect_status, self._filled(lines, id, number))

    def _line(self, name: str, axis: str, here: bool, granted: str | None) -> list[tuple[str, str]]:
        values: Lines = getattr(self, axis) if here else GRANT
        if values == GRANT:
            values = () if granted is None else (granted,)
        return [(name, value) for value in values if value != "<names>" or self.headers]

    def _credentials(self) -> str | None:
        return "true" if self.credentials == "include" else None

    def _filled(self, lines: list[tuple[str, str]], id: str, number: int) -> Headers:  # noqa: A002
        return tuple((name, self._fill(value, id, number)) for name, value in lines)

    def _fill(self, text: str, id: str, number: int) -> str:  # noqa: A002
        upper = self.method.upper()
        tokens = {
            "url": _url(id, self.way, 0),
            "next": _url(id, self.way, min(number + 1, len(self.way) - 1)),
            "here": _url(id, self.way, number),
            "id": id,
            "origin": self._origin(number),
            "method": upper if upper in _NORMALISED else self.method,
            "names": ",".join(dict.fromkeys(name.lower() for name, _ in self.headers)),
        }
        for token, value in tokens.items():
            text = text.replace(f"<{token}>", value)
            text = text.replace(f"<{token.upper()}>", value.upper())
            text = text.replace(f"<{token.capitalize()}>", value.capitalize())
        return text

    def _origin(self, number: int) -> str:
        """The origin that the standard sends to a hop."""
        own = "null" if self.page == "sandboxed" else ORIGINS["P"]
        for before, after in zip(self.way[:number], self.way[1 : number + 1], strict=True):
            if before != after and ORIGINS[before] != own:
                return "null"
        return own


def _as_xhr(request: Request) -> Request:
    """XMLHttpRequest has neither modes nor the credentials mode omit."""
    return Request(
        request.url,
        request.origin,
        request.method,
        request.headers,
        request.body,
        credentials="include" if request.credentials == "include" else "same-origin",
        initiator="xmlhttprequest",
        upload_listeners=request.upload_listeners,
        page_url=request.page_url,
    )


def _url(id: str, way: str, number: int) -> str:  # noqa: A002
    return f"{ORIGINS[way[number]]}/c/{id}/{number}"
