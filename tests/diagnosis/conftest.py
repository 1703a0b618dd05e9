"""The incidents with their right answers, and how hops are compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from corsage.diagnosis.products import Hop
from corsage.diagnosis.records import explain_lines

DATA = Path(__file__).parents[1] / "data"
RECORDED = "recorded"
WRITTEN = tuple(sorted(path.stem for path in (DATA / "incidents").glob("written-*.jsonl")))

# Whose part of the path it is: what people call gateway, ingress or nginx is one family.
FAMILY: dict[str, str] = {
    "client": "client",
    "browser": "client",
    "cookie": "configuration",
    "config": "configuration",
    "CDN": "edge",
    "edge": "edge",
    "storage": "edge",
    "platform": "edge",
    "emulator": "edge",
    "load balancer": "gateway",
    "ingress": "gateway",
    "gateway": "gateway",
    "API Gateway": "gateway",
    "nginx": "gateway",
    "proxy": "gateway",
    "auth proxy": "gateway",
    "mesh": "mesh",
    "mesh gateway": "mesh",
    "mesh control plane": "mesh",
    "service": "service",
}
assert set(FAMILY) == set(get_args(Hop))

# The recorded answers are free text: "service (SockJS)", "gateway (should own) + service ...".
_SPOKEN = (
    (r"^(upstream |local )?service", "service"),
    (r"^LB member", "service"),
    (r"^gateway", "gateway"),
    (r"^(nginx|revproxy)", "nginx"),
    (r"^ingress", "ingress"),
    (r"^client", "client"),
    (r"^browser", "browser"),
    (r"^(config|helm|OpenAPI)", "config"),
    (r"^edge", "edge"),
    (r"^(platform|function host)", "platform"),
)


def hop_of(incident: dict[str, Any]) -> str:
    """The right hop of an incident in our own words."""
    spoken: str = incident["hop_to_blame"]
    if spoken in FAMILY:
        return spoken
    return next(hop for words, hop in _SPOKEN if re.search(words, spoken, re.IGNORECASE))


def is_right(incident: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Whether class and family of hops are right."""
    same_hop = FAMILY[answer["hop"]] == FAMILY[hop_of(incident)]
    return bool(answer["class"] == incident["class"]) and same_hop


def carries_facts(incident: dict[str, Any]) -> bool:
    """Whether any status or header was observed."""
    answers = (incident["observed"].get(key) or {} for key in ("preflight", "response"))
    return any(answer.get("status") or answer.get("headers") for answer in answers)


def lines_of(name: str) -> list[str]:
    return (DATA / "incidents" / f"{name}.jsonl").read_text("utf-8").splitlines()


@cache
def answers_of(name: str) -> tuple[dict[str, Any], ...]:
    """What the diagnosis makes of one collection; not to be changed by a test."""
    return tuple(explain_lines(lines_of(name)))


def incidents_of(name: str) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, lines_of(name))


@pytest.fixture(params=(RECORDED, *WRITTEN))
def collection(request: pytest.FixtureRequest) -> str:
    """The name of one collection of incidents."""
    name: str = request.param
    return name
