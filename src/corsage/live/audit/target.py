"""What is audited: an address, and what is known of who may read it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from corsage.browser.url import Url, parse
from corsage.check.finding import Finding
from corsage.policy.origins import OriginSet


@dataclass(frozen=True, slots=True)
class Target:
    """One URL. ``trusted``: origins that are meant to read it, each to be imitated. ``meant``: the
    policy's own set; what is in it is no finding. ``public``: everybody is meant to read it
    without credentials."""

    url: str
    trusted: tuple[str, ...] = ()
    meant: OriginSet = field(default_factory=OriginSet)
    public: bool = False

    @property
    def parsed(self) -> Url:
        """The URL as browsers parse it; ValueError if it is no http(s) URL that can be asked."""
        url = parse(self.url)
        if url is None or not url.is_http:
            raise ValueError("not an http or https URL")
        if url.has_credentials:
            raise ValueError(
                "a URL with a password, which browsers do not send; use -H 'Authorization: ...'"
            )
        return url.without_fragment()

    @property
    def key(self) -> str:
        """Tells targets apart in a journal without showing their addresses."""
        return hashlib.sha256(repr((self.url, self.trusted)).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an audit of one target came to. ``name`` is its URL as it may be printed; ``problem``
    says why it could not be asked, or not to the end; ``notes`` what was left out."""

    key: str
    name: str
    findings: Sequence[Finding] = ()
    requests: int = 0
    problem: str | None = None
    notes: tuple[str, ...] = ()
