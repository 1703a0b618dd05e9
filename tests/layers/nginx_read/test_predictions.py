"""What is read predicts, header for header, what nginx answers."""

from __future__ import annotations

import http.client

import pytest

from tests.layers.nginx_read import live
from tests.layers.nginx_read.conftest import instance_of

pytestmark = pytest.mark.nginx


def test_every_answer_is_predicted(running):
    """On hand-written configurations and on mutants, through 1.22 and 1.31: status, headers,
    their order, what passes from the service, and what the service is asked."""
    nginx, given = running
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port)
    served = [case for case in given if case.name in nginx.texts]
    compared, wrong = 0, []
    for case in served:
        instance = instance_of(nginx.texts[case.name])
        for request in live.requests(case, nginx.url(case.name)):
            real = live.without_noise(nginx.ask(connection, request))
            ours = live.without_noise(instance.hop(request, lambda r: live.service(nginx, r)))
            compared += 1
            if real != ours:
                wrong.append(f"{case.name}: {request}\n  nginx {real}\n  read  {ours}")
    connection.close()
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong[:5])
    assert compared > 5000


def test_nginx_takes_every_configuration_that_was_written_by_hand(running):
    """So that none is left out of the comparison without anybody knowing."""
    nginx, given = running
    assert {case.name for case in live.cases()}.isdisjoint(nginx.refused)
    assert len(nginx.refused) < len(given) / 4
