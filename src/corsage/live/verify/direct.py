"""Where it drifted: what stands in front, or the service behind it. No I/O."""

from __future__ import annotations

from corsage.browser import Response
from corsage.live.verify.compare import values_of
from corsage.live.verify.drift import Drift
from corsage.policy.model import Route


def located(drift: Drift, route: Route, service: Response | None) -> str:
    """One sentence: who sent, removed or did not send the header that decides.

    ``service`` is what the service of ``route`` answered to the same request when it was asked
    itself (None: nothing).
    """
    name = f"the service {route.service}"
    if service is None:
        return f"{name}, asked itself, does not answer"
    front = drift.witness.response
    if front is None:
        return f"{name}, asked itself, answers {service.status}: it is what stands in front"
    header = drift.witness.header
    if not header:
        return _by_status(name, front, service)
    seen, sent = (_lines(response, header) for response in (front, service))
    return _by_header(name, header, seen, sent, owner=route.owner)


def _by_status(name: str, front: Response, service: Response) -> str:
    if front.status == service.status:
        return f"{name}, asked itself, answers {service.status} too: the request reaches it"
    return (
        f"{name}, asked itself, answers {service.status}: "
        f"the {front.status} comes from what stands in front"
    )


def _by_header(name: str, header: str, seen: list[str], sent: list[str], *, owner: str) -> str:
    if not seen and sent:
        return f"{name} sends {header}, and what stands in front removes it"
    if not seen:
        blamed = "which owns CORS here, " if owner == "service" else ""
        front = "" if owner == "service" else ", and what stands in front does not add it"
        return f"{name}, {blamed}does not send {header}{front}"
    if not sent:
        return f"{header} is added by what stands in front of {name}"
    if seen == sent:
        return f"{header} comes from {name} as it is"
    if len(seen) > len(sent) and all(line in seen for line in sent):
        return f"one {header} comes from {name}, another is added in front of it"
    ours = "sends its own" if len(seen) == 1 else f"sends all {len(seen)} of them"
    return f"{header} is not {name}'s ({', '.join(sent)}): what stands in front {ours}"


def _lines(response: Response, header: str) -> list[str]:
    values = values_of(response.headers, header.lower())
    if header.lower() == "vary":
        return [part.strip().lower() for value in values for part in value.split(",")]
    return values
