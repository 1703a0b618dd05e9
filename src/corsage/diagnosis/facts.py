"""What an observation amounts to, computed once: the signature that the rules ask for."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

from corsage.diagnosis.fingerprints import Trace, traces
from corsage.diagnosis.observation import Answer, Observation, Probed
from corsage.diagnosis.products import Product, products_in_config
from corsage.diagnosis.stack import Station, read_stack

ALLOW_ORIGIN = "access-control-allow-origin"
ALLOW_CREDENTIALS = "access-control-allow-credentials"
ALLOW_METHODS = "access-control-allow-methods"
ALLOW_HEADERS = "access-control-allow-headers"
EXPOSE_HEADERS = "access-control-expose-headers"
MAX_AGE = "access-control-max-age"

_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.-]{0,30}://(?:\[[0-9a-f:.]{2,45}\]|[\w.*-]{1,253})(?::\d{1,5})?", re.IGNORECASE
)


_QUERY = re.compile(r"(?<=\w)\?[\w.%-]+=[^\s'\"’)]*")


class Facts:
    """One observation, read. Every property is a plain fact, not an interpretation."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self.preflight: Answer = observation.preflight
        self.response: Answer = observation.response
        # A query is data of the application: a `token=` in it says nothing of the cause.
        self.symptom = _QUERY.sub("", observation.symptom)
        self.config = observation.config
        self.stack = observation.stack

    def probed(self, *names: str) -> tuple[Probed, ...]:
        """The further questions of these names, in the order asked."""
        return tuple(probe for probe in self.observation.probes if probe.name in names)

    @cached_property
    def said(self) -> str:
        """Symptom and configuration, in that order."""
        return f"{self.symptom}\n{self.config}"

    @cached_property
    def text(self) -> str:
        """Everything that the reporter wrote."""
        return f"{self.symptom}\n{self.config}\n{self.stack}"

    @cached_property
    def path(self) -> tuple[Station, ...]:
        """The hops from the page to the service."""
        return read_stack(self.stack)

    @cached_property
    def servers(self) -> tuple[Station, ...]:
        """The hops that can answer."""
        return tuple(station for station in self.path if station.hop != "client")

    @cached_property
    def configured(self) -> tuple[Product, ...]:
        """The products whose configuration language the excerpt speaks, else the symptom."""
        return products_in_config(self.config) or products_in_config(self.symptom)

    @cached_property
    def traces(self) -> tuple[Trace, ...]:
        """What the answers themselves reveal of their makers."""
        return traces(self.response) + traces(self.preflight)

    @cached_property
    def nothing_seen(self) -> bool:
        """No HTTP answer was recorded, whether or not one came."""
        return not self.preflight.seen and not self.response.seen

    @cached_property
    def nothing_came(self) -> bool:
        """It is on record that no HTTP answer came (status 0)."""
        return self.response.status == 0 or self.preflight.status == 0

    @cached_property
    def allow_origin(self) -> tuple[str, ...]:
        """The Access-Control-Allow-Origin lines of the response, else of the preflight."""
        return self.response.lines(ALLOW_ORIGIN) or self.preflight.lines(ALLOW_ORIGIN)

    @cached_property
    def wildcard(self) -> bool:
        """Access-Control-Allow-Origin is the wildcard (also the quoted one of a template)."""
        return any(line.strip(" '\"") == "*" for line in self.allow_origin)

    @cached_property
    def no_origin_granted(self) -> bool:
        """An answer was seen, and none that was seen carries Access-Control-Allow-Origin."""
        return not self.nothing_seen and not self.allow_origin

    @cached_property
    def picked_by_hand(self) -> bool:
        """The preflight passed by its status, and somebody chose which of its headers to record.

        (A whole exchange that browsers judge has all of them.)"""
        return self.preflight.ok and self.observation.asked.reason is None

    @cached_property
    def some_cors_header(self) -> bool:
        """Any Access-Control header was seen."""
        headers = (*self.preflight.headers, *self.response.headers)
        return any(name.startswith("access-control-") for name, _ in headers)

    @cached_property
    def no_cors_header_at_all(self) -> bool:
        """An answer was seen, and no Access-Control header on any."""
        return not self.nothing_seen and not self.some_cors_header

    @cached_property
    def preflight_granted(self) -> bool:
        """The preflight passed, as far as it was recorded."""
        return self.preflight.ok and bool(self.preflight.lines(ALLOW_ORIGIN))

    @cached_property
    def preflight_refused(self) -> bool:
        """The preflight was answered with an error."""
        return self.preflight.failed

    @cached_property
    def origins_in_config(self) -> tuple[str, ...]:
        """Origins written in the excerpt, as they stand there."""
        return tuple(dict.fromkeys(_ORIGIN.findall(self.config)))[:50]

    @cached_property
    def page_origins(self) -> tuple[str, ...]:
        """What the page's origin may be: as recorded, else origins named outside the excerpt."""
        if self.observation.asked.origin:
            return (self.observation.asked.origin,)
        return tuple(dict.fromkeys(_ORIGIN.findall(f"{self.stack}\n{self.symptom}")))[:50]

    @cached_property
    def origin(self) -> str:
        """The page's origin as recorded; empty when it is not."""
        return self.observation.asked.origin or ""

    @cached_property
    def failing(self) -> Literal["preflight", "response", ""]:
        """Which exchange keeps the answer from the page; empty where none does."""
        refused = self.observation.asked.reason is not None
        if self.preflight.seen and not grants(self.preflight, self.origin, preflight=True):
            return "preflight"
        if self.preflight.seen and refused and not self.response.seen:
            return "preflight"  # for its lists, or for credentials
        if self.response.seen and (refused or not grants(self.response, self.origin)):
            return "response"
        return ""

    @cached_property
    def failed_answer(self) -> Answer:
        """The answer of the exchange that fails; that to the request where none does."""
        return self.preflight if self.failing == "preflight" else self.response

    @cached_property
    def closed(self) -> bool:
        """Whether the exchange fails for want of an allowed origin, or by its status."""
        preflight = self.failing == "preflight"
        lets_in = grants(self.failed_answer, self.origin, preflight=preflight)
        return self.failing != "" and not lets_in


def grants(answer: Answer, origin: str, *, preflight: bool = False) -> bool:
    """Whether an answer lets an origin in, by Access-Control-Allow-Origin alone.

    To a preflight the status must be ok, too.
    """
    lines = answer.lines(ALLOW_ORIGIN)
    return lines in {(origin,), ("*",)} and (answer.ok or not preflight)
