"""What Corsage writes for other products has no drift, and what is changed in it is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from corsage.layers import load_target
from corsage.layers.target import File
from corsage.live.verify import Round, Target, Verifier
from corsage.policy import load_policy
from corsage.policy.model import Owner
from tests.conformance import engines
from tests.conformance.engines.process import free_port
from tests.conformance.policies import on_this_machine
from tests.conformance.upstream import upstream
from tests.verify.deployment import POLICY

PLACES = dict.fromkeys(("gateway", "orders", "search", "files"), "127.0.0.1:1")


@contextmanager
def verified(product: str, workspace: Path, old: str = "", new: str = "") -> Iterator[Round]:
    """The product with what is rendered for it, ``old`` replaced; the service behind it, or
    within it, is hostile on every route."""
    target = load_target(product)
    policy = load_policy(POLICY.format_map(PLACES))
    owner: Owner = "service" if target.family == "application" else "gateway"
    routes = tuple(replace(r, owner=owner if r.cors else "gateway") for r in policy.routes)
    policy = replace(policy, routes=routes)
    with engines.start(product, workspace) as start, upstream() as behind:
        here = on_this_machine(policy, free_port(), behind.url)
        port = int(here.gateway.listen.rpartition(":")[2])
        folder = workspace / "rendered"
        folder.mkdir()
        files = target.files(here)
        assert any(old in file.text for file in files)
        files = tuple(File(file.path, file.text.replace(old, new)) for file in files)
        rendered = engines.Rendered(here, files, folder, port, lambda: behind.seen)
        with start(rendered) as live:
            yield Verifier(policy, Target(f"http://127.0.0.1:{live.port}")).round()


@pytest.mark.parametrize("product", ["envoy", "haproxy", "httpd", "traefik", "flask"])
def test_what_is_rendered_is_as_the_policy_says(product: str, tmp_path: Path) -> None:
    with verified(product, tmp_path) as found:
        assert [finding.message for finding in found.findings] == []
        assert found.asked > 100


@pytest.mark.parametrize(
    ("product", "old", "new", "rule", "cause"),
    [
        pytest.param(
            "express",
            "['GET', 'PUT', 'PATCH']",
            "['GET', 'PUT']",
            "CORS250",
            "(Access-Control-Allow-Methods lacks PATCH)",
            marks=pytest.mark.node,
        ),
        (
            "caddy",
            '"Content-Type, X-Request-Id"',
            '"Content-Type"',
            "CORS250",
            "(Access-Control-Allow-Headers lacks x-request-id)",
        ),
        (
            "fastapi",
            '"Access-Control-Max-Age": "600"',
            '"Access-Control-Max-Age": "86400"',
            "CORS263",
            "(Access-Control-Max-Age is 86400 where the policy says 600)",
        ),
    ],
)
def test_what_is_changed_in_it_is_found_and_nothing_else_is_said(
    product: str, old: str, new: str, rule: str, cause: str, tmp_path: Path
) -> None:
    with verified(product, tmp_path, old, new) as found:
        (finding,) = found.findings
        assert finding.rule == rule
        assert finding.message.endswith(cause)
        assert [*found.drifts[0].places] == ["/orders"]
