"""What is written from a policy and read back is the same policy to every browser."""

from __future__ import annotations

import random

import pytest

from corsage.chain.carry import carry
from corsage.chain.compare import differences
from corsage.chain.surface import of_policy
from corsage.chain.system import System
from corsage.layers import load_target
from corsage.layers.reading import read
from corsage.layers.source import Source
from corsage.layers.target import FidelityError
from corsage.policy import load_policy

TARGETS = {
    "nginx": "nginx.conf",
    "ingress-nginx": "ingress.yaml",
    "istio": "istio.yaml",
    "gateway-api": "route.yaml",
    "envoy-gateway": "policy.yaml",
    "envoy": "envoy.yaml",
}
ORIGINS = ["https://app.example.com", "https://admin.example.com", "https://shop.example.org:8443"]


def _policy(seed: int) -> str:
    rng = random.Random(seed)
    origins = rng.sample(ORIGINS, rng.randint(1, len(ORIGINS)))
    # POST is always there: what it may carry without a preflight no list refuses.
    methods = ["GET", "POST", *rng.sample(["PUT", "PATCH", "DELETE"], rng.randint(0, 3))]
    headers = ["Content-Type", *rng.sample(["Authorization", "X-Request-Id"], rng.randint(0, 2))]
    return f"""\
version: 1
gateway: {{public: https://api.example.com}}
services: {{orders: 'http://orders:3000'}}
policies:
  app:
    allow_origins: {origins}
    allow_credentials: {str(rng.random() < 0.5).lower()}
    allow_methods: {methods}
    allow_headers: {headers}
    max_age: {rng.choice([60, 600, 7200])}
routes:
  - {{path: /{rng.choice(["orders", "a/b", "v1"])}, service: orders, cors: app}}
"""


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("seed", range(4))
def test_a_policy_comes_back_as_it_went(target, seed):
    policy = load_policy(_policy(seed), "cors.yaml")
    try:
        files = load_target(target).files(policy)
    except FidelityError as error:
        pytest.fail(str(error))
    names = [TARGETS[target]] if len(files) == 1 else [file.path for file in files]
    reading = read(Source(name, file.text) for name, file in zip(names, files, strict=True))
    carried = carry(System(reading))
    assert carried is not None
    found = differences(of_policy(policy, "written"), of_policy(carried.policy, "read"))
    assert [f"{one.asked}: {one.refusal.sentence}" for one in found] == []
