"""What has really happened is found in the files that caused it, at the line to blame.

``tests/check/incidents`` has the least configuration that reproduces each incident of a public
thread. ``not_yet`` says why one is not found.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corsage.chain.system import System
from corsage.check.configuration import check_reading
from corsage.layers.reading import read
from corsage.layers.source import Source

INCIDENTS = [
    incident
    for path in sorted(Path(__file__).with_name("incidents").glob("*.yaml"))
    for incident in yaml.safe_load(path.read_text("utf-8"))
]
FOUND = [incident for incident in INCIDENTS if "expect" in incident]


def findings(files: dict[str, str]):
    reading = read(Source(path, text) for path, text in files.items())
    return check_reading(reading, System(reading))


@pytest.mark.parametrize("incident", FOUND, ids=lambda incident: incident["id"])
def test_the_cause_is_named_where_it_stands(incident):
    found = findings(incident["files"])
    told = [f"{one.rule} {one.where.file}:{one.where.line} {one.message}" for one in found]
    for expected in incident["expect"]:
        rules = expected["rule"] if isinstance(expected["rule"], list) else [expected["rule"]]
        assert any(
            one.rule in rules
            and one.where.file == expected["file"]
            and expected.get("at", "") in one.where.source
            for one in found
        ), told


def test_every_incident_is_found_or_says_why_not():
    assert len({incident["id"] for incident in INCIDENTS}) == len(INCIDENTS)
    for incident in INCIDENTS:
        assert ("expect" in incident) != bool(incident.get("not_yet")), incident["id"]
