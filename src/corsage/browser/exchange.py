"""The values that pass between a page, its browser and the servers.

A page makes a :class:`Request`; the browser turns it into one or more :class:`WireRequest`
(preflights, the actual request, what follows a redirect); a server answers each with a
:class:`Response`. Whatever can answer a :class:`WireRequest` is a :data:`Server`: a policy, a
chain of configured layers, a recording, or an HTTP client that asks the real thing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Header lines in the order sent, repeats kept. Values are isomorphic-decoded (one character a
byte), as the Fetch standard's header lists are."""

CredentialsMode: TypeAlias = Literal["omit", "same-origin", "include"]
RequestMode: TypeAlias = Literal["cors", "no-cors", "same-origin"]
RedirectMode: TypeAlias = Literal["follow", "error", "manual"]
Initiator: TypeAlias = Literal["fetch", "xmlhttprequest"]
AddressSpace: TypeAlias = Literal["public", "local", "loopback"]


@dataclass(frozen=True, slots=True)
class Request:
    """What JavaScript asked for: the arguments of one ``fetch()`` or ``XMLHttpRequest``.

    ``origin`` is the page's origin, serialised (``"null"`` for an opaque one). ``method`` and
    ``headers`` are as JavaScript typed them; normalisation and forbidden names are the
    browser's part. ``body`` is None or text. ``upload_listeners``: the XMLHttpRequest had
    listeners on ``upload`` before ``send()``, which costs a preflight. ``page_url`` is where it is
    known the page's own URL, which some console messages name. ``page_address_space``: from which
    network the page came; None (not known) leaves Local Network Access out of the judgement.
    """

    url: str
    origin: str
    method: str = "GET"
    headers: Headers = ()
    body: str | None = None
    credentials: CredentialsMode = "same-origin"
    mode: RequestMode = "cors"
    redirect: RedirectMode = "follow"
    initiator: Initiator = "fetch"
    upload_listeners: bool = False
    page_url: str | None = None
    page_address_space: AddressSpace | None = None


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One request that the browser puts on the wire.

    ``headers`` hold what CORS decides (``Origin``, ``Access-Control-Request-*``) and the
    page's own headers as sent; not ``Host``, ``User-Agent`` and the like. ``credentials`` says
    whether cookies would travel. ``kind`` is ``preflight`` or ``actual``.
    """

    kind: Literal["preflight", "actual"]
    method: str
    url: str
    headers: Headers
    credentials: bool = False
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: status and header lines, in order, repeats kept."""

    status: int
    headers: Headers = ()


Server: TypeAlias = Callable[[WireRequest], Response | None]
"""Answers one request; None when no HTTP answer came (refused, reset, unknown host)."""
