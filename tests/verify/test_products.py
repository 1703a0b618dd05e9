"""What Corsage writes for other products has no drift: what is said is never about the product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corsage.layers import load_target
from corsage.live.verify import Target, Verifier
from corsage.policy.model import Owner
from tests.conformance import engines
from tests.conformance.engines.process import free_port
from tests.conformance.policies import POLICIES, on_this_machine
from tests.conformance.upstream import upstream


@pytest.mark.parametrize("product", ["caddy", "envoy", "haproxy", "httpd", "fastapi", "flask"])
def test_what_is_rendered_is_as_the_policy_says(product: str, tmp_path: Path) -> None:
    target = load_target(product)
    policy = POLICIES["lists-and-hosts"]
    owner: Owner = "service" if target.family == "application" else "gateway"
    routes = tuple(replace(r, owner=owner if r.cors else "gateway") for r in policy.routes)
    policy = replace(policy, routes=routes)  # the service behind is hostile everywhere
    with engines.start(product, tmp_path) as start, upstream() as behind:
        here = on_this_machine(policy, free_port(), behind.url)
        port = int(here.gateway.listen.rpartition(":")[2])
        folder = tmp_path / "rendered"
        folder.mkdir()
        files = target.files(here)
        rendered = engines.Rendered(here, files, folder, port, lambda: behind.seen)
        with start(rendered) as live:
            found = Verifier(policy, Target(f"http://127.0.0.1:{live.port}")).round()
    assert [finding.message for finding in found.findings] == []
    assert found.asked > 200
