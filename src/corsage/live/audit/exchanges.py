"""What one server was asked and answered, and what browsers make of it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.browser import (
    CHROMIUM,
    FIREFOX,
    STANDARD,
    Request,
    Response,
    Verdict,
    WireRequest,
    judge,
)
from corsage.browser.exchange import CredentialsMode
from corsage.browser.fields import get
from corsage.browser.profiles import Profile

BROWSERS = (CHROMIUM, FIREFOX)
"""Those whose model is proven. An attack needs one of them to let it through."""

_CORS = "access-control-"


class UnaskedError(Exception):
    """A verdict needs an answer that is not recorded; ``request`` is what to ask."""

    def __init__(self, request: WireRequest) -> None:
        super().__init__(request.url)
        self.request = request


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    request: WireRequest
    response: Response

    @property
    def allow_origin(self) -> str | None:
        """``Access-Control-Allow-Origin`` as browsers read it."""
        return get(self.response.headers, "access-control-allow-origin", STANDARD)

    @property
    def cors_lines(self) -> Iterator[tuple[str, str]]:
        """The header lines that decide, as they were sent."""
        for name, value in self.response.headers:
            if name.lower().startswith(_CORS) or name.lower() == "vary":
                yield name, value


@dataclass(frozen=True, slots=True)
class Reading:
    """A page on ``origin`` can read the answer in ``browsers``. ``exchange`` is the one that is
    read (the last, after redirects), ``first`` the one that was asked."""

    origin: str
    credentials: bool
    browsers: tuple[str, ...]
    first: Exchange
    exchange: Exchange
    sentence: str


class Recording(dict[WireRequest, Response]):
    """Answers by request: a :data:`~corsage.browser.Server` of what has been asked."""

    def __call__(self, request: WireRequest) -> Response:
        """The recorded answer; raises :class:`UnaskedError`."""
        try:
            return self[request]
        except KeyError:
            raise UnaskedError(request) from None

    def exchange(self, request: WireRequest) -> Exchange | None:
        """The exchange of a request; None if it was not asked, or not answered."""
        response = self.get(request)
        return None if response is None else Exchange(request, response)

    def exchanges(self) -> list[Exchange]:
        """Every exchange, in the order asked."""
        return [Exchange(request, response) for request, response in self.items()]


def question(url: str, origin: str | None, *, credentials: bool = True) -> WireRequest:
    """The GET that ``fetch(url)`` of a page on ``origin`` puts on the wire; None for no page."""
    headers = () if origin is None else (("Origin", origin),)
    return WireRequest("actual", "GET", url, headers, credentials)


def reading(url: str, origin: str, recording: Recording) -> Reading | None:
    """How a page on ``origin`` can read ``url``: with credentials, without, or not at all (None).

    Raises :class:`UnaskedError` if an answer is missing.
    """
    modes: tuple[CredentialsMode, ...] = ("include", "omit")
    for mode in modes:
        request = Request(url, origin, credentials=mode)
        verdicts = [_verdict(request, recording, profile) for profile in BROWSERS]
        readers = [verdict for verdict in verdicts if verdict.allowed]
        if readers:
            asked, answered = readers[0].sent[0]
            last, final = readers[0].sent[-1]
            assert answered is not None
            assert final is not None
            return Reading(
                origin,
                mode == "include",
                tuple(verdict.profile.capitalize() for verdict in readers),
                Exchange(asked, answered),
                Exchange(last, final),
                readers[0].sentence,
            )
    return None


def _verdict(request: Request, recording: Recording, profile: Profile) -> Verdict:
    return judge(request, recording, profile=profile)
