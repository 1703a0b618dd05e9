"""What is written beside a CORS feature is needed: without it, a check of the suite fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from corsage.layers import load_target
from corsage.layers.target import File
from tests.conformance import engines
from tests.conformance.checks import CHECKS, report
from tests.conformance.engines.process import free_port
from tests.conformance.policies import POLICIES, on_this_machine
from tests.conformance.run import Run
from tests.conformance.upstream import upstream

FAULTS = {
    "the gateway says no Vary": ("gateway-api", "caches", 'name: "Vary"', 'name: "X-Vary"'),
    "the gateway leaves what the service says": (
        "gateway-api",
        "verdicts",
        '- "Access-Control-Allow-Origin"',
        '- "X-Nothing"',
    ),
    "the gateway allows credentials": (
        "gateway-api",
        "predictions",
        "allowCredentials: false",
        "allowCredentials: true",
    ),
    "a SecurityPolicy forgets credentials": (
        "envoy-gateway",
        "verdicts",
        "allowCredentials: true",
        "allowCredentials: false",
    ),
    "the controller says no Vary": ("ingress-nginx", "caches", 'Vary: "*"', 'Vary: " "'),
    "the controller leaves what the service says": (
        "ingress-nginx",
        "verdicts",
        'Access-Control-Allow-Origin: " "',
        'Access-Control-Allow-Private-Network: " "',
    ),
    "the controller rejects an origin and admits every one": (
        "ingress-nginx",
        "verdicts",
        'cors-allow-origin: "http',
        'cors-allow-origin: "HTTP',
    ),
    "the controller takes its own default for credentials": (
        "ingress-nginx",
        "errors",
        'cors-allow-credentials: "false"',
        'cors-allow-credentials: "no"',
    ),
}
"""Fault -> the target, the check that notices, and what to replace in what is written."""


@pytest.mark.parametrize("fault", FAULTS)
def test_the_suite_notices(fault: str, tmp_path: Path) -> None:
    name, check, old, new = FAULTS[fault]
    target, port = load_target(name), free_port()
    with upstream() as behind, engines.start(name, tmp_path) as start:
        here = on_this_machine(POLICIES["shop"], port, behind.url)
        files = tuple(File(file.path, file.text.replace(old, new)) for file in target.files(here))
        assert files != target.files(here)
        folder = tmp_path / "run"
        folder.mkdir()
        rendered = engines.Rendered(here, files, folder, port, lambda: behind.seen)
        with start(rendered) as live:
            assert report(CHECKS[check], Run(target, POLICIES["shop"], live)).failures
