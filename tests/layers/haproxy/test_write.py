"""What is HAProxy's own: limits, and where the key of a certificate is read from."""

from __future__ import annotations

import http.client
from dataclasses import replace
from pathlib import Path

import pytest

from corsage.layers import load_target
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service
from corsage.policy.model import Tls
from tests.conformance import engines
from tests.conformance.engines.process import free_port
from tests.conformance.upstream import upstream

APP = "https://app.example.com"
POLICY = Policy(
    Gateway(),
    {"api": Service("api", "http://127.0.0.1:3001")},
    {"session": CorsPolicy("session", OriginSet((APP,)), allow_credentials=True)},
    (Route("/limited", "api", "session", rate_limit=1), Route("/", "api", "session")),
)


def test_who_asks_too_often_can_read_that(tmp_path: Path) -> None:
    port = free_port()
    with upstream() as behind, engines.start("haproxy", tmp_path) as launch:
        policy = replace(
            POLICY,
            gateway=Gateway(listen=f"127.0.0.1:{port}"),
            services={"api": Service("api", behind.url)},
        )
        files = load_target("haproxy").files(policy)
        with launch(engines.Rendered(policy, files, tmp_path, port, lambda: behind.seen)):
            for path, limited in (("/limited", True), ("/", False)):
                answers = []
                for _ in range(20):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                    connection.request("GET", path, headers={"Origin": APP})
                    answers.append(connection.getresponse())
                    connection.close()
                assert (429 in {answer.status for answer in answers}) is limited
                assert {answer.getheader("Access-Control-Allow-Origin") for answer in answers} == {
                    APP
                }


def test_a_key_is_beside_its_certificate() -> None:
    tls = Tls("/etc/tls/api.pem", "/etc/tls/api.pem.key")
    policy = replace(POLICY, gateway=Gateway(tls=tls))
    assert "ssl crt /etc/tls/api.pem " in load_target("haproxy").files(policy)[0].text


def test_a_key_elsewhere_is_refused() -> None:
    policy = replace(POLICY, gateway=Gateway(tls=Tls("/etc/tls/api.pem", "/etc/keys/api.key")))
    with pytest.raises(FidelityError, match=r"api\.pem\.key"):
        load_target("haproxy").files(policy)
