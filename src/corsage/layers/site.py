"""What was read: who answers which requests, what is configured there, and what it causes.

An :class:`Instance` is one thing that answers requests (a server block, an Ingress controller, an
app). It sends each request to one of its :class:`Site` s, the places that hold configuration. A
site's ``hop`` is its behaviour, header for header; rules ask the hop rather than the text
wherever they can, so that duplicates, leaks, swallowed preflights and missing ``Vary`` fall out
of running it. The text is needed for what running cannot show: where a setting stands, whom an
origin pattern admits, and settings that have no effect at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from corsage.browser.exchange import Response, Server, WireRequest
from corsage.layers.target import Hop
from corsage.layers.where import Where
from corsage.policy.rules import Rule

if TYPE_CHECKING:
    # Findings of a policy file need no automata.
    from corsage.patterns import OriginLanguage

ClauseName: TypeAlias = Literal[
    "allow_origins",
    "allow_credentials",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "max_age",
    "vary",
]
"""The policy file's names, whatever the product calls them."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text from ``start`` up to ``end`` (1-based line and column, as in an editor) of
    ``file``. Safe to make without asking: nobody may read by it but who is evidently meant to."""

    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What a reader of one product finds wrong with what is written there: an annotation without
    effect, a value that the product takes for something else. ``message`` says what, ``why``
    the reason in this product, ``fix`` the text to write instead."""

    rule: Rule
    message: str
    where: Where
    why: str = ""
    fix: str | None = None
    witness: str | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One clause as configured. ``value`` is for display (as written, or the product's default).
    ``default``: nobody wrote it; ``where`` is then the thing whose default it is."""

    clause: ClauseName
    value: str
    where: Where
    default: bool = False


@dataclass(frozen=True, slots=True)
class OriginEntry:
    """One entry of an allow-list (a string, a regex, a check in code), and the origins that its
    product admits for it; an empty language is an entry that can match nothing."""

    text: str
    where: Where
    language: OriginLanguage


@dataclass(frozen=True, slots=True)
class Unknown:
    """A clause whose value the source does not show (``process.env.ORIGINS``), and why."""

    clause: ClauseName
    where: Where
    why: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a site lets read, as its product understands what is written.

    ``methods`` and ``headers`` None: whatever is asked for (echoed, or a wildcard that the
    product resolves). A literal ``*`` stands as ``("*",)``. ``max_age`` in seconds, None: not sent.
    ``by_default``: the origins are nobody's choice (``*`` because none was given or the list was
    refused).
    """

    entries: tuple[OriginEntry, ...]
    credentials: bool = False
    methods: tuple[str, ...] | None = ()
    headers: tuple[str, ...] | None = ()
    exposed: tuple[str, ...] = ()
    max_age: int | None = None
    settings: tuple[Setting, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    by_default: bool = False

    def setting(self, clause: ClauseName) -> Setting | None:
        """The setting of a clause, if any is known of."""
        return next((one for one in self.settings if one.clause == clause), None)


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a site takes; an empty tuple is any. ``hosts`` may start with ``*.``.

    ``path`` is by ``kind``: a ``prefix`` of characters, ``segments`` (whole ones, as Gateway
    API's PathPrefix), ``exact``, or a ``regex`` (then ``path`` is its text, for display).
    ``headers`` are names and values that must be there.
    """

    hosts: tuple[str, ...] = ()
    path: str = "/"
    kind: Literal["prefix", "segments", "exact", "regex"] = "prefix"
    methods: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """One place that holds configuration: a location, a route rule, an app's middleware.

    ``name`` is for people (``location /billing``). ``upstream`` is where requests go next:
    ``http://billing:3002`` or ``service/default/billing:80``; empty where the site is the service
    itself, or answers on its own. ``grant`` None: nothing is configured about CORS. ``example`` is
    a path that reaches it. ``limit`` is wrong only where pages come by: it
    counts their preflights, in front of a layer that grants something.
    """

    product: str
    name: str
    where: Where
    match: Match
    hop: Hop
    grant: Grant | None = None
    upstream: str = ""
    example: str = "/"
    limit: Slip | None = None


Route: TypeAlias = Callable[[WireRequest], Site | None]
"""Which site of an instance takes a request; None: none does."""


def not_found(_request: WireRequest, _service: Server) -> Response:
    """A bare 404, which is what most products answer where no site takes a request."""
    return Response(404)


@dataclass(frozen=True, slots=True)
class Instance:
    """One thing that answers requests. ``reached_at`` are the addresses others use for it:
    hosts (``api.example.com``), ``http://billing:3002``, ``:8080``, ``service/default/billing:80``.
    ``unrouted`` is its answer to what no site takes."""

    product: str
    name: str
    where: Where
    sites: tuple[Site, ...]
    route: Route
    reached_at: tuple[str, ...] = ()
    unrouted: Hop = not_found

    def hop(self, request: WireRequest, service: Server) -> Response | None:
        """The whole instance as a hop."""
        site = self.route(request)
        return (self.unrouted if site is None else site.hop)(request, service)


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs: a compose service, a Deployment behind a Service.

    ``reached_at`` as an instance's. ``folder`` is where its source is built from, ``mounts`` the
    configuration files that it is given (paths as in :class:`~corsage.layers.source.Source`),
    ``meshed``: a Linkerd proxy stands in front of it.
    """

    name: str
    where: Where
    reached_at: tuple[str, ...] = ()
    image: str = ""
    folder: str = ""
    mounts: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    meshed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and path that an API says it has (OpenAPI), with the request headers that it
    reads and the response headers that it sends."""

    method: str
    path: str
    where: Where
    request_headers: tuple[str, ...] = ()
    response_headers: tuple[str, ...] = ()
    credentials: bool = False
    server: str = ""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie whose attributes the source sets; None where it does not say."""

    name: str
    where: Where
    same_site: str | None = None
    secure: bool | None = None


@dataclass(frozen=True, slots=True)
class StatedHop:
    """One hop as ``corsage.yaml`` states it: a file, a service's name, or a folder of source."""

    kind: str
    text: str
    where: Where


@dataclass(frozen=True, slots=True)
class StatedChain:
    """A path as ``corsage.yaml`` states it, from the outside in. ``url`` may be empty."""

    url: str
    hops: tuple[StatedHop, ...]
    where: Where
