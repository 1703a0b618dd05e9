"""Envoy Gateway: Envoy, configured as the controller (1.9) translates SecurityPolicies.

The controller itself needs a cluster. HTTPRoutes become what `gateway_api.py` says; the ``cors`` of
a SecurityPolicy counts on every rule of the HTTPRoutes that it targets.
"""

from __future__ import annotations

import re

from tests.conformance.engines import envoy_static
from tests.conformance.engines.envoy_static import Json
from tests.conformance.engines.gateway_api import bootstrap as http_routes
from tests.conformance.engines.gateway_api import cors_policy

_UNITS = {"h": 3600, "m": 60, "s": 1}


def bootstrap(objects: list[Json], port: int) -> Json:
    """Envoy's configuration for HTTPRoutes and the SecurityPolicies that target them."""
    attached: dict[tuple[str, str], Json] = {}
    for each in objects:
        if each["kind"] == "SecurityPolicy":
            for target in each["spec"]["targetRefs"]:
                name = (each["metadata"]["namespace"], target["name"])
                assert name not in attached, "the older of two policies for one route would win"
                attached[name] = _cors(each["spec"]["cors"])
    routes = [each for each in objects if each["kind"] == "HTTPRoute"]
    names = {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in routes}
    assert names.issuperset(attached), "a policy targets a route that is not there"
    return http_routes(routes, port, attached)


def _cors(cors: Json) -> Json:
    age = cors.get("maxAge")
    return cors_policy(cors, "" if age is None else str(_seconds(age)))


def _seconds(duration: str) -> int:
    parts = re.findall("([0-9]{1,5})([hms])", duration)
    assert "".join(number + unit for number, unit in parts) == duration, f"{duration} is refused"
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


start = envoy_static.starter(bootstrap)
