"""What was found out by asking a server, in words: the sentence, the notes, what browsers print."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from corsage.browser.network import address_space, page_address_space
from corsage.browser.origin import parse_url
from corsage.cli._explain_request import SHOWN_VALUES
from corsage.diagnosis.conclusion import is_same_origin, refusal_of
from corsage.diagnosis.probes.answers import granted
from corsage.diagnosis.verdicts import BROWSERS
from corsage.live.explain import Findings
from corsage.report.terminal import printable

Mask: TypeAlias = Callable[[str], str]
"""Takes secrets out of a text."""


LONGEST_TOLD = 1_000
"""Characters of one header value that are told; lists that matter are far shorter."""


def is_hidden(name: str) -> bool:
    """Whether the value of a request header may be a secret."""
    return name.lower() not in SHOWN_VALUES


def sentence(findings: Findings) -> str:
    """The answer in one sentence."""
    refusal = refusal_of(findings.verdicts)
    method = findings.request.method
    if findings.diagnosis is not None and findings.allowed and refusal is None:
        told = findings.diagnosis.sentence
        return told if told.startswith("Nothing is") else f"Nothing is blocked now, but: {told}"
    if findings.diagnosis is not None:
        return findings.diagnosis.sentence
    if findings.allowed and is_same_origin(findings.verdicts):
        return "Page and server have one origin: CORS is not asked."
    if findings.allowed and findings.predicted:
        return f"Nothing is blocked, as far as a GET in place of the {method} tells."
    if findings.allowed:
        return "Nothing is blocked: browsers let the page read this answer."
    if refusal is not None and not refusal.sent:
        return f"The call itself is refused, before anything is sent: {refusal.sentence}"
    status = _status_of_the_get(findings)
    return (
        f"The preflight passes. Whether the page may read the answer to {method} I cannot tell: a "
        f"GET in its place is answered {status}. Ask with --send, which sends the {method}."
    )


def _status_of_the_get(findings: Findings) -> str:
    return next((str(s.answer.status) for s in findings.sent if s.wire.kind == "actual"), "nothing")


def printed(findings: Findings, mask: Mask) -> dict[str, list[str]]:
    """What each browser prints, by its name; only browsers that print."""
    verdicts = findings.verdicts
    return {
        name: [printable(mask(line)) for line in verdicts[name].console]
        for name in BROWSERS
        if name in verdicts and verdicts[name].console
    }


def notes(findings: Findings) -> list[str]:
    """What is worth knowing beside the answer."""
    found = []
    method = findings.request.method
    if findings.predicted:
        found.append(f"{method} was not sent: a GET stood in for it. --send sends it.")
    found += _of_the_local_network(findings)
    if findings.stray:
        found.append(
            f"a redirect leads to {findings.stray}, which was not asked; "
            f"--allow-host {findings.stray} follows it."
        )
    if findings.more:
        found.append(
            f"{findings.more} more requests would have been asked; --probes sets how many."
        )
    found += [
        f"without the cookie the answer is {probe.answer.status}: where a page gets that, the "
        "cookie did not travel (SameSite, Secure, or third-party cookies are blocked)."
        for probe in findings.probes
        if probe.name == "without-cookies" and probe.answer.status in {401, 403}
    ]
    found += [
        f"errors ({probe.answer.status} for a path that does not exist) carry no "
        "Access-Control-Allow-Origin: a page will see them as CORS errors."
        for probe in findings.probes
        if probe.name == "missing-path" and probe.answer.failed and not granted(probe)
    ]
    safari = findings.verdicts.get("safari")
    if findings.allowed and safari is not None and safari.reason:
        found.append(f"Safari, by its source, would block it: {safari.sentence}")
    return found


def _of_the_local_network(findings: Findings) -> list[str]:
    """A trap that no answer shows: browsers ask the user before a public page may go there."""
    request, url = findings.request, parse_url(findings.request.url)
    target = address_space(url) if url is not None else None
    page = request.page_address_space or page_address_space(request.origin)
    if target not in {"local", "loopback"} or page is not None:
        return []
    told = f"the server is in the {target} address space: if the page comes from a public one,"
    asks = "Chrome and Firefox ask the user first (Local Network Access)"
    return [f"{told} {asks}; --page-network public judges that."]


def shown(name: str, value: str, mask: Mask) -> str:
    """The value of a request header as far as it may be shown."""
    return "..." if is_hidden(name) else mask(value)
