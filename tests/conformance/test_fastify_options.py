"""Fastify's router can be told to take more paths for one: the written plugin refuses to guess."""

from __future__ import annotations

import subprocess

import pytest

from corsage.layers import load_target
from tests.conformance.engines.node_modules import prepare
from tests.conformance.policies import OWNER, POLICIES, for_target

_SCRIPT = """
import Fastify from 'fastify';
import {{ corsPolicy }} from './cors.js';
const app = Fastify({{ routerOptions: {options} }});
await app.register(corsPolicy);
await app.ready();
"""


def _start(folder, options: str) -> subprocess.CompletedProcess[str]:
    prepare(folder)
    (file,) = load_target("fastify").files(for_target(POLICIES["shop"], OWNER))
    (folder / file.path).write_text(file.text)
    (folder / "app.js").write_text(_SCRIPT.format(options=options))
    command = ["node", "app.js"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.node
@pytest.mark.parametrize("option", ["ignoreTrailingSlash", "ignoreDuplicateSlashes"])
def test_an_app_that_ignores_slashes_does_not_start(tmp_path, option: str) -> None:
    ran = _start(tmp_path, f"{{ {option}: true }}")
    assert ran.returncode != 0
    assert "cors.js takes paths literally" in ran.stderr


@pytest.mark.node
def test_an_app_that_ignores_case_does_not_start(tmp_path) -> None:
    assert "cors.js takes paths literally" in _start(tmp_path, "{ caseSensitive: false }").stderr


@pytest.mark.node
def test_an_app_with_the_defaults_starts(tmp_path) -> None:
    ran = _start(tmp_path, "{}")
    assert (ran.returncode, ran.stderr) == (0, "")
