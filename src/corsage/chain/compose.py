"""Running an exchange through a row of hops, and watching what each of them does to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.site import Instance, Site


@dataclass(frozen=True, slots=True)
class Link:
    """One instance on a path. ``assumed`` says why it is taken to stand here, where no
    configuration names it ("" where one does)."""

    instance: Instance
    assumed: str = ""

    @property
    def name(self) -> str:
        """For people: the product and what it is called."""
        return f"{self.instance.product} {self.instance.name}".rstrip()


@dataclass(frozen=True, slots=True)
class Passage:
    """What passed one link: the request as it came, the site that took it, what was sent on
    (None: nothing, the link answered by itself), what came back to it, and what it gave back."""

    link: Link
    request: WireRequest
    site: Site | None
    sent: WireRequest | None
    received: Response | None
    answer: Response | None


@dataclass(frozen=True, slots=True)
class Journey:
    """One exchange: its passages from the outermost link to the innermost that it reached.
    ``reached``: it came to what stands behind the last link."""

    passages: tuple[Passage, ...]
    answer: Response | None
    reached: bool

    @property
    def answered_by(self) -> Link | None:
        """The link whose own answer it is; None if it came from behind them all."""
        inner = self.passages[-1] if self.passages else None
        return inner.link if inner is not None and inner.sent is None else None


def silent(request: WireRequest) -> Response:
    """A service that knows nothing of CORS: it answers what it is asked, and OPTIONS with 405."""
    return Response(405 if request.method == "OPTIONS" else 200)


def server(links: Sequence[Link], service: Server = silent) -> Server:
    """The links, outermost first, in front of a service: again a server."""

    def answer(request: WireRequest) -> Response | None:
        return travel(links, request, service).answer

    return answer


def travel(links: Sequence[Link], request: WireRequest, service: Server = silent) -> Journey:
    """Send one request through the links."""
    passages: dict[int, Passage] = {}
    reached = False

    def enter(number: int, asked: WireRequest) -> Response | None:
        nonlocal reached
        if number == len(links):
            reached = True
            return service(asked)
        sent: list[tuple[WireRequest, Response | None]] = []

        def inward(onward: WireRequest) -> Response | None:
            received = enter(number + 1, onward)
            sent.append((onward, received))
            return received

        link = links[number]
        answer = link.instance.hop(asked, inward)
        # A hop that asks several times (an auth request before the real one) is known by its last.
        onward, received = sent[-1] if sent else (None, None)
        site = link.instance.route(asked)
        passages[number] = Passage(link, asked, site, onward, received, answer)
        return answer

    answer = enter(0, request)
    return Journey(tuple(passages[number] for number in sorted(passages)), answer, reached)


Change: TypeAlias = Literal["appears", "doubles", "changes", "vanishes"]


@dataclass(frozen=True, slots=True)
class HeaderChange:
    """What a link did to a header on its way out: the lines before and after."""

    link: Link
    change: Change
    before: tuple[str, ...]
    after: tuple[str, ...]


def history(journey: Journey, name: str) -> Iterator[HeaderChange]:
    """What happened to a response header, from the innermost link outwards."""
    for passage in reversed(journey.passages):
        before = lines(passage.received, name) if passage.sent is not None else ()
        after = lines(passage.answer, name)
        if before != after:
            yield HeaderChange(passage.link, _change(before, after), before, after)


def lines(response: Response | None, name: str) -> tuple[str, ...]:
    """The values of a header, one for each line."""
    headers = response.headers if response is not None else ()
    return tuple(value for key, value in headers if key.lower() == name.lower())


def _change(before: tuple[str, ...], after: tuple[str, ...]) -> Change:
    if not before:
        return "appears"
    if not after:
        return "vanishes"
    return "doubles" if len(after) > len(before) else "changes"
