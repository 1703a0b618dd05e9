import json
import subprocess
import sys

import jsonschema
import pytest

from tests.docs.conftest import ROOT, blocks

PAGE = ROOT / "docs" / "judge.md"
SCHEMA = json.loads((ROOT / "docs" / "judge.schema.json").read_text())


def valid(data, kind):
    jsonschema.validate(data, {**SCHEMA, "$ref": f"#/$defs/{kind}"})


@pytest.fixture(scope="module")
def case_and_verdict():
    return [json.loads(block) for block in blocks(PAGE, "json")]


def test_the_case_and_the_verdict_fit_the_schema(case_and_verdict):
    case, verdict = case_and_verdict
    valid(case, "case")
    valid(verdict, "verdict")


def test_the_case_is_answered_with_the_verdict_as_printed(case_and_verdict):
    case, verdict = case_and_verdict
    ran = subprocess.run(
        [sys.executable, "-m", "corsage", "judge"],
        input=json.dumps(case) + "\nnonsense\n",
        capture_output=True,
        text=True,
        check=False,
    )
    *answers, error = map(json.loads, ran.stdout.splitlines())
    valid(error, "error")
    for answer in answers:
        valid(answer, "verdict")
    answer = next(a for a in answers if a["profile"] == verdict["profile"])
    for key in ("sentence", "console"):  # shortened on the page
        answer.pop(key), verdict.pop(key)
    assert answer == verdict


def test_the_python_on_the_page_runs():
    for block in blocks(PAGE, "python"):
        exec(compile(block, str(PAGE), "exec"), {})
