"""The GitHub Action: its steps run here as a runner runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.verify.deployment import Deployment, deployed
from tests.verify.test_drift import within

ACTION = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}


def run(name: str, temp: Path, inputs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A step, as https://docs.github.com/actions says for ``shell: bash``."""
    step = STEPS[name]
    defaults = {key: value["default"] for key, value in ACTION["inputs"].items()}
    values = {f"${{{{ inputs.{key} }}}}": value for key, value in (defaults | inputs).items()}
    env = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(temp),
        "GITHUB_ACTION_PATH": str(temp / "action"),
        "GITHUB_OUTPUT": str(temp / "output"),
        **{key: values[value] for key, value in step.get("env", {}).items()},
    }
    script = temp / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(
        command, env=env, cwd=temp, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A runner's temporary folder, with Corsage installed where the first step puts it."""
    installed = tmp_path / "corsage" / "bin"
    installed.mkdir(parents=True)
    (installed / "corsage").symlink_to(Path(sys.executable).with_name("corsage"))
    return tmp_path


def test_it_has_the_shape_of_a_composite_action() -> None:
    assert set(ACTION) == {"name", "description", "inputs", "outputs", "runs"}
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS.values():
        assert step["shell"] == "bash"
        assert set(step) <= {"name", "id", "if", "shell", "env", "run"}
    assert all("description" in each for each in ACTION["inputs"].values())


def test_no_input_is_text_of_a_script() -> None:
    assert not any("${{" in step["run"] for step in STEPS.values())
    used = {value for step in STEPS.values() for value in step.get("env", {}).values()}
    assert used == {f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}


def test_what_is_installed_is_what_the_action_came_with(tmp_path: Path) -> None:
    """A stand-in for ``python3 -m venv`` notes what would be installed."""
    stub = tmp_path / "bin" / "python3"
    stub.parent.mkdir()
    stub.write_text(
        '#!/bin/bash\nif [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; fi\n'
        'printf "%s\\n" "$*" >> "$RUNNER_TEMP/called"\n'
    )
    stub.chmod(0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{stub.parent}:{before}"
    try:
        assert run("Install Corsage", tmp_path, {}).returncode == 0
    finally:
        os.environ["PATH"] = before
    called = (tmp_path / "called").read_text().splitlines()
    assert called[0] == f"-m venv {tmp_path}/corsage"
    assert called[1].endswith(f"{tmp_path}/action[tools]")


@pytest.mark.nginx
def test_a_faithful_deployment_passes_whatever_the_files_name(
    runner: Path, faithful: Deployment
) -> None:
    name = 'my $(touch pwned) "policy"; touch pwned #.yaml'
    shutil.copy(faithful.policy, runner / name)
    inputs = {"policy": name, "url": faithful.url, "args": "--sample 30 --seed 1"}
    assert run("Check the policy", runner, inputs).returncode == 0
    ran = run("Verify the deployment", runner, inputs)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "30 of " in ran.stderr
    assert not (runner / "pwned").exists()
    junit = (runner / "output").read_text().removeprefix("junit=").strip()
    assert ElementTree.parse(junit).getroot().get("failures") == "0"


@pytest.mark.nginx
def test_drift_fails_the_step_with_an_annotation_and_no_secret(runner: Path, folder: Path) -> None:
    (folder / "deployed").mkdir()
    change = within("/orders", "GET, PUT, PATCH", "GET, PUT")
    with deployed(folder / "deployed", change) as deployment:
        inputs = {"policy": str(deployment.policy), "url": deployment.url, "cookie": "a=s3cret; b"}
        ran = run("Verify the deployment", runner, inputs)
    assert ran.returncode == 1
    assert ran.stdout.startswith("::error file=")
    assert "s3cret" not in ran.stdout + ran.stderr
    assert list(runner.glob("corsage-cookie*")) == []


def test_a_policy_that_is_refused_fails_the_first_step(runner: Path) -> None:
    (runner / "cors.yaml").write_text("verison: 1\n")
    ran = run("Check the policy", runner, {})
    assert ran.returncode == 2
    assert "::error file=cors.yaml" in ran.stdout
