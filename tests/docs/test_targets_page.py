import runpy

from corsage.layers import every_target
from tests.docs.conftest import ROOT

TOOL = ROOT / "tools" / "targets.py"


def test_the_page_of_targets_is_what_the_targets_say():
    """`python tools/targets.py` renews it."""
    assert (ROOT / "docs" / "targets.md").read_text() == runpy.run_path(str(TOOL))["page"]()


def test_every_target_has_been_run():
    """`CORSAGE_CONFORMANCE=docs/targets.json python -m pytest tests/conformance` renews it."""
    tool = runpy.run_path(str(TOOL))
    numbers = tool["json"].loads(tool["NUMBERS"].read_text())
    # A mesh has no CORS to compare.
    assert set(numbers) == {target.name for target in every_target() if target.family != "mesh"}
    assert all(count for counts in numbers.values() for count in counts.values())
