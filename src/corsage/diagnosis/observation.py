"""What somebody saw: the values that a diagnosis starts from.

An :class:`Observation` holds as much of one failure as is known: the answer to the preflight, the
answer to the request itself, what was asked, and what the reporter says of the path, of the
configuration and of the symptom. Everything may be missing; nothing is guessed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from corsage.browser import CredentialsMode, Headers, Reason, WireRequest

LONGEST_TEXT = 4_000
"""Characters of a symptom, a stack or an excerpt that are read; what follows is ignored."""

MOST_HEADERS = 500
"""Header lines of one answer that are read; what follows is ignored."""

LONGEST_VALUE = 8_000
"""Characters of one header value that are read; what follows is ignored."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as far as it was seen. ``headers`` have lower-case names, repeats kept.

    ``status`` is None where it was not seen, and 0 where no HTTP answer came at all (refused,
    reset, blocked before it left). ``body`` is the start of the body, where it was seen.
    """

    status: int | None = None
    headers: Headers = ()
    body: str = ""

    @property
    def seen(self) -> bool:
        """Whether anything of this answer is known."""
        return self.status is not None or bool(self.headers)

    @property
    def ok(self) -> bool:
        """Whether the status is in 200 to 299."""
        return self.status is not None and 200 <= self.status <= 299

    @property
    def redirects(self) -> bool:
        """Whether the status is one that a browser follows."""
        return self.status in {301, 302, 303, 307, 308}

    @property
    def failed(self) -> bool:
        """Whether the status is an error, 400 to 599."""
        return self.status is not None and 400 <= self.status <= 599

    def lines(self, name: str) -> tuple[str, ...]:
        """The values of every line of this header (lower-case name), in order."""
        return tuple(value for key, value in self.headers if key == name)

    def get(self, name: str) -> str | None:
        """The combined value, lines joined by ``, `` as a browser does; None when absent."""
        lines = self.lines(name)
        return ", ".join(lines) if lines else None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asked for, as far as it is known.

    ``reason`` is the browser model's, where request and answers are known well enough to judge.
    ``reads`` names the response headers (lower case) that the page wants to read.
    """

    method: str | None = None
    url: str | None = None
    origin: str | None = None
    headers: Headers = ()
    credentials: CredentialsMode | None = None
    reason: Reason | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probed:
    """A further question to the same server, beside what a browser asks, and its answer.

    ``name`` is that of a probe in :mod:`corsage.diagnosis.probes.table`. The status of the answer
    is 0 where no HTTP answer came.
    """

    name: str
    asked: WireRequest
    answer: Answer


@dataclass(frozen=True, slots=True)
class AtHop:
    """What one hop answers to the same exchange when it is asked directly.

    ``silence`` says why no HTTP answer came, where none did.
    """

    name: str
    preflight: Answer = field(default_factory=Answer)
    response: Answer = field(default_factory=Answer)
    silence: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One failure as somebody recorded it.

    ``stack``, ``config`` and ``symptom`` are the reporter's own words: the hops from the page to
    the service, an excerpt of the configuration, and what went wrong. Where a server could be
    asked, ``probes`` are further questions to it, ``hops`` the same exchange hop by hop from the
    outside in (the first is the address that the page uses), and ``silence`` says why no HTTP
    answer came (``resolves`` is False where the name led nowhere). ``sent`` is the method of the
    request that ``response`` answers, where that is known; a GET may stand in for the page's own.
    """

    id: str = ""
    preflight: Answer = field(default_factory=Answer)
    response: Answer = field(default_factory=Answer)
    asked: Asked = field(default_factory=Asked)
    stack: str = ""
    config: str = ""
    symptom: str = ""
    probes: tuple[Probed, ...] = ()
    hops: tuple[AtHop, ...] = ()
    silence: str = ""
    resolves: bool = True
    sent: str = ""
