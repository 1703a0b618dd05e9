"""Applications as people write them: each fault is said, and nothing else is."""

from __future__ import annotations

import pytest

from corsage.chain.system import System
from corsage.check.configuration import check_reading
from corsage.layers.reading import read
from corsage.layers.source import Source
from tests.layers.apps.shapes import ELSEWHERE, SHAPES


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_breaks_these_rules_and_no_others(name: str) -> None:
    shape = SHAPES[name]
    reading = read(Source(path, text) for path, text in shape.files)
    findings = check_reading(reading, System(reading))

    told = [one for one in findings if one.severity != "note" and one.rule not in ELSEWHERE]
    said = {one.rule: one for one in told}
    assert set(said) == set(shape.rules), "\n".join(map(str, said.values()))
