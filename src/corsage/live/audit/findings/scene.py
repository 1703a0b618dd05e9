"""What the findings of one target have in common, and how each carries its proof."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from corsage.check.finding import Finding, Where
from corsage.live.audit.exchanges import Exchange
from corsage.live.audit.secrets import Secrets, one_line, shown_url
from corsage.policy.rules import Rule, Severity

_MOST_LINES = 12  # of an answer, in the evidence
_LONGEST_VALUE = 200  # characters of one header, in messages and evidence


@dataclass(frozen=True, slots=True)
class Scene:
    """What a target's findings have in common. ``address`` is the IP address that DNS gave."""

    url: str
    secrets: Secrets
    address: str | None = None

    def finding(
        self,
        rule: Rule,
        severity: Severity,
        message: str,
        proof: Exchange,
        *,
        said: str = "",
        why: str = "",
        witness: str | None = None,
    ) -> Finding:
        """A finding with the request that proves it."""
        clean = self.secrets.mask
        evidence = f"{_told(proof, self.secrets)}. {said}".strip()
        return Finding(
            rule.id,
            severity,
            clean(message),
            Where(clean(shown_url(self.url))),
            evidence=clean(evidence),
            why=why,
            witness=witness,
            reproduce=self.secrets.curl(proof.request),
        )


def _told(exchange: Exchange, secrets: Secrets) -> str:
    """``GET with Origin: X was answered 200, Access-Control-Allow-Origin: X``."""
    request, response = exchange.request, exchange.response
    asked = f" with {one_line(request.headers)}" if request.headers else " without Origin"
    shown = [
        (name, short(secrets.shown(name, value)))
        for name, value in itertools.islice(exchange.cors_lines, _MOST_LINES)
    ]
    answered = f", {one_line(shown)}" if shown else ", no Access-Control-* header"
    return f"{request.method}{asked} was answered {response.status}{answered}"


def short(value: str) -> str:
    """A server's words, as far as anybody reads them."""
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}..."
