"""Every planted drift is found, with the header and the direction, and nothing else is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from corsage.live.verify import Round, Target, Verifier
from corsage.policy import load_policy
from tests.verify.deployment import Deployment, deployed

pytestmark = pytest.mark.nginx


def verify(deployment: Deployment, **options: object) -> Round:
    target = Target(deployment.url, **options)
    policy = load_policy(deployment.text)
    return Verifier(policy, target, text=deployment.text).round()


def told(found: Round) -> list[tuple[str, str]]:
    return [(finding.rule, finding.message) for finding in found.findings]


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return change


def within(location: str, old: str, new: str) -> Callable[[str], str]:
    """Both locations of a route, and nothing else, are changed."""

    def change(text: str) -> str:
        blocks = rf"        location (?:= )?{location}/? \{{\n.*?\n        \}}\n"
        changed = re.sub(
            blocks, lambda block: re.sub(old, new, block[0], flags=re.DOTALL), text, flags=re.DOTALL
        )
        assert changed != text, (location, old)
        return changed

    return change


def added(location: str, *lines: str) -> Callable[[str], str]:
    """A route's locations say more before they pass a request on."""
    return within(location, r"( +)(proxy_pass )", rf"\1{' '.join(lines)}\n\1\2")


@dataclass(frozen=True)
class Planted:
    """What was changed, and what must be said: the rule, the end of its message, the route, and
    where it drifted."""

    change: Callable[[str], str]
    rule: str
    cause: str
    route: str = "/orders"
    directly: str = ""
    also: tuple[str, ...] = ()


ORIGIN = "Access-Control-Allow-Origin"
PLANTED = {
    "a method is missing": Planted(
        within("/orders", '"GET, PUT, PATCH"', '"GET, PUT"'),
        "CORS250",
        "(Access-Control-Allow-Methods lacks PATCH)",
        directly="Access-Control-Allow-Methods is added by what stands in front of the service",
    ),
    "a request header is missing": Planted(
        within("/orders", '"Content-Type, X-Request-Id"', "Content-Type"),
        "CORS250",
        "(Access-Control-Allow-Headers lacks x-request-id)",
    ),
    "an origin is missing": Planted(
        replaced(
            "        https://admin.example.com https://admin.example.com;\n    }\n    map $r",
            "    }\n    map $r",
        ),
        "CORS250",
        f"({ORIGIN} is missing for https://admin.example.com, and sent for others)",
    ),
    "a regular expression has no end": Planted(
        replaced(
            "$cors_session_origin {\n        https://app.example.com https://app.example.com;",
            "$cors_session_origin {\n        ~^https://app.example.com $http_origin;",
        ),
        "CORS251",
        "https://app.example.com.evil.example, https://app.example.com.stranger.example, "
        "https://app.example.com:8443 and https://appxexample.com)",
    ),
    "any origin is echoed": Planted(
        within("/orders", rf"{ORIGIN} \$cors_session_origin", f"{ORIGIN} $http_origin"),
        "CORS251",
        f"({ORIGIN} is whatever Origin says)",
    ),
    "credentials are missing": Planted(
        within("/orders", r" +add_header Access-Control-Allow-Credentials \S+ always;\n", ""),
        "CORS250",
        "(Access-Control-Allow-Credentials is missing)",
    ),
    "any origin with credentials": Planted(
        within("/orders", rf"{ORIGIN} \$cors_session_origin", f"{ORIGIN} *"),
        "CORS250",
        f"({ORIGIN} is '*')",
        also=("CORS251",),  # without credentials everybody may read now
    ),
    "nobody answers OPTIONS": Planted(
        within("/orders", "return 204", "return 405"),
        "CORS250",
        "(the preflight is answered with 405)",
    ),
    "the preflight is redirected": Planted(
        within("/orders", "return 204", "return 308 /login"),
        "CORS250",
        "(The preflight was answered with a redirect, which browsers do not follow)",
    ),
    "errors are without headers": Planted(
        within("/orders", r"(origin|credentials|headers) always;", r"\1;"),
        "CORS250",
        f"({ORIGIN} is missing on the 404)",
    ),
    "a second layer adds the header": Planted(
        added("/orders", f"add_header {ORIGIN} $cors_session_origin always;"),
        "CORS250",
        f"({ORIGIN} is sent 2 times: https://app.example.com and https://app.example.com)",
        directly=f"{ORIGIN} is not the service orders's (*): what stands in front sends all 2",
    ),
    "the gateway and the service both add the header": Planted(
        added("/orders", f"proxy_pass_header {ORIGIN};"),
        "CORS250",
        f"({ORIGIN} is sent 2 times: * and https://app.example.com)",
        also=("CORS251",),  # strangers without credentials have the service's *
        directly=f"one {ORIGIN} comes from the service orders, another is added in front of it",
    ),
    "the route has no CORS": Planted(
        within("/orders", r"\{\n.*\n        \}\n", "{ add_header X-None none; return 404; }\n"),
        "CORS250",
        f"({ORIGIN} is missing, from preflights too)",
    ),
    "the service's headers pass the gateway": Planted(
        added("/internal", f"proxy_pass_header {ORIGIN};"),
        "CORS251",
        f"({ORIGIN} is *)",
        route="/internal",
        directly=f"{ORIGIN} comes from the service orders as it is",
    ),
    "the service lets a stranger in": Planted(
        replaced("(app|admin|partner)[.]example[.]com$", ""),
        "CORS251",
        f"({ORIGIN} is whatever Origin says)",
        route="/files",
        directly=f"{ORIGIN} comes from the service files as it is",
    ),
    "the gateway removes what the service sends": Planted(
        within("/files", rf" +proxy_pass_header {ORIGIN};\n", ""),
        "CORS250",
        f"({ORIGIN} is missing, from preflights too)",
        route="/files",
        directly=f"the service files sends {ORIGIN}, and what stands in front removes it",
    ),
    "a method too many": Planted(
        within("/orders", '"GET, PUT, PATCH"', '"GET, PUT, PATCH, DELETE"'),
        "CORS251",
        "(Access-Control-Allow-Methods lists DELETE)",
    ),
    "a request header too many, that no case asks for": Planted(
        within("/orders", '"Content-Type, X-Request-Id"', '"Content-Type, X-Request-Id, X-Debug"'),
        "CORS251",
        "(Access-Control-Allow-Headers lists x-debug)",
    ),
    "a header is not exposed": Planted(
        within("/orders", r" +add_header Access-Control-Expose-Headers \S+ always;\n", ""),
        "CORS252",
        "(Access-Control-Expose-Headers lacks ETag)",
    ),
    "a header is exposed": Planted(
        replaced("default ETag;", "default 'ETag, X-Token';"),
        "CORS253",
        "(Access-Control-Expose-Headers lists X-Token)",
    ),
    "Vary is missing": Planted(
        within("/orders", r" +add_header Vary \$gateway_vary always;\n", ""),
        "CORS260",
        "(Vary lacks Origin)",
    ),
    "a refused origin is sent headers": Planted(
        within("/orders", r"\$cors_session_allow_credentials", "true"),
        "CORS261",
        "(Access-Control-Allow-Credentials)",
    ),
    "the preflight has a body": Planted(
        within("/orders", "return 204", "return 200 page"),
        "CORS262",
        "(status 200 and a body: is it the owner of CORS that answers?)",
    ),
    "another max age": Planted(
        within("/orders", "Max-Age 600", "Max-Age 5"),
        "CORS263",
        "(Access-Control-Max-Age is 5 where the policy says 600)",
    ),
    "a header is sent twice that no browser reads": Planted(
        added("/search", *["add_header Access-Control-Max-Age 1 always;"] * 2),
        "CORS264",
        "(Access-Control-Max-Age)",
        route="/search",
    ),
    "timings are open": Planted(
        added("/search", "add_header Timing-Allow-Origin * always;"),
        "CORS265",
        "(Timing-Allow-Origin is * where the policy leaves it out)",
        route="/search",
    ),
    "an unknown path is not readable": Planted(
        within(
            "",
            rf"{ORIGIN} \$gateway_unrouted_allow_origin[^\n]+(\s+add_header [^\n]+)+\s+return 404",
            "X-None none; return 404",
        ),
        "CORS266",
        f"({ORIGIN} is missing on the 404)",
        route="no route",
    ),
}


def test_the_gateway_that_corsage_writes_has_no_drift(faithful: Deployment) -> None:
    found = verify(faithful)
    assert told(found) == []
    assert found.asked == found.chosen.total > 100


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_drift_is_found_and_nothing_else_is_said(folder: Path, planted: Planted) -> None:
    with deployed(folder, planted.change) as deployment:
        found = verify(deployment, services=deployment.services)
    assert [rule for rule, _ in told(found)] == [planted.rule, *planted.also], told(found)
    finding, drift = found.findings[0], found.drifts[0]
    assert finding.message.endswith(planted.cause)
    assert list(drift.places) == [planted.route]
    assert planted.directly in finding.why
    assert "asked again" not in finding.why
    line = finding.where.source
    assert planted.route in line or planted.route == "no route"
