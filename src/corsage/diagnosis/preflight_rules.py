"""Rules that read the answer to the preflight."""

from __future__ import annotations

import re

from corsage.diagnosis.clues import FAIR, GOOD, HINT, PROOF, STRONG, Table
from corsage.diagnosis.facts import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    MAX_AGE,
    Facts,
)
from corsage.diagnosis.fingerprints import traces

_table = Table()
_rule = _table.rule


def _status(facts: Facts, *statuses: int) -> str | None:
    status = facts.preflight.status
    return f"the preflight was answered {status}" if status in statuses else None


@_rule("preflight-auth", PROOF)
def _preflight_unauthorised(facts: Facts) -> str | None:
    """401 and 407 ask for credentials, which a preflight never carries."""
    return _status(facts, 401, 407)


@_rule("preflight-auth", FAIR + 1)
def _preflight_forbidden(facts: Facts) -> str | None:
    """403 to a preflight is most often an authorisation rule that did not expect it."""
    return _status(facts, 403)


@_rule("preflight-auth", STRONG)
def _preflight_challenged(facts: Facts) -> str | None:
    """WWW-Authenticate or a browser challenge on an OPTIONS: authentication stands first."""
    for name in ("www-authenticate", "cf-mitigated", "proxy-authenticate"):
        if facts.preflight.lines(name):
            return f"the answer to the preflight carries {name}"
    return None


@_rule("preflight-auth", GOOD + FAIR)
def _preflight_denied_by_body(facts: Facts) -> str | None:
    """These bodies are written by access control, before any CORS code."""
    match = re.search(
        r"RBAC: access denied|No required SSL certificate|Jwt is missing|CSRF verification"
        r"|Missing Authentication Token|Just a moment",
        facts.preflight.body,
    )
    return f"the preflight's body says: {match.group(0)}" if match else None


@_rule("preflight-auth", HINT + 1)
def _preflight_bad_request(facts: Facts) -> str | None:
    """nginx answers 400 when it wants a client certificate, which a preflight never presents."""
    return _status(facts, 400)


@_rule("preflight-unrouted", GOOD + HINT)
def _preflight_not_found(facts: Facts) -> str | None:
    """404 and 405 to OPTIONS: no route or no method, the answer of a router."""
    return _status(facts, 404, 405, 501)


@_rule("preflight-unrouted", HINT + 1)
def _preflight_forbidden_by_routing(facts: Facts) -> str | None:
    """Spring Cloud Gateway, S3 and CloudFront say 403 where others say 404 or 405."""
    return _status(facts, 403)


@_rule("preflight-unrouted", STRONG)
def _router_says_no_route(facts: Facts) -> str | None:
    """These bodies and headers are a router's own words."""
    if facts.preflight.status in {404, 405} and facts.preflight.lines("allow"):
        return f"the answer lists Allow: {facts.preflight.get('allow')}"
    match = re.search(
        r"no Route matched|Cannot OPTIONS|CORS is not enabled for this bucket|Method Not Allowed",
        facts.preflight.body,
        re.IGNORECASE,
    )
    return f"the preflight's body says: {match.group(0)}" if match else None


@_rule("preflight-unrouted", FAIR)
def _handler_breaks_on_options(facts: Facts) -> str | None:
    """A 5xx to OPTIONS alone: a handler that was never written for it."""
    if facts.response.ok:
        return None
    return _status(facts, 500, 502)


@_rule("error-no-cors", FAIR)
def _preflight_server_error(facts: Facts) -> str | None:
    """A 5xx to the preflight is first of all an error, made before anyone thinks of CORS."""
    status = facts.preflight.status
    return f"the preflight was answered {status}" if status and 500 <= status <= 599 else None


@_rule("error-no-cors", GOOD)
def _preflight_without_upstream(facts: Facts) -> str | None:
    """502 to 504 come from a proxy that could not get an answer."""
    return _status(facts, 502, 503, 504, 522, 523, 524)


@_rule("preflight-ratelimit", PROOF)
def _preflight_limited(facts: Facts) -> str | None:
    """429 to OPTIONS: the limiter counts preflights."""
    return _status(facts, 429)


@_rule("redirect", STRONG)
def _preflight_redirected(facts: Facts) -> str | None:
    """No browser follows a redirect of a preflight."""
    if not facts.preflight.redirects:
        return None
    return f"the preflight was answered {facts.preflight.status}"


@_rule("redirect", GOOD)
def _preflight_redirected_somewhere(facts: Facts) -> str | None:
    """A Location says where to, and so why."""
    where = facts.preflight.get("location")
    return f"Location: {where[:200]}" if facts.preflight.redirects and where else None


@_rule("origin-mismatch", HINT + 1)
def _preflight_refused_for_origin(facts: Facts) -> str | None:
    """Spring, gin and others answer 403, Starlette 400, to an origin that they do not know."""
    return _status(facts, 400, 403)


@_rule("origin-mismatch", STRONG)
def _server_says_origin(facts: Facts) -> str | None:
    """Starlette and Spring say in the body that they refused the origin."""
    match = re.search(
        r"Disallowed CORS [\w, ]*origin|Invalid CORS request|origin[\w ]* not allowed",
        facts.preflight.body + facts.response.body,
        re.IGNORECASE,
    )
    return f"the body says: {match.group(0)}" if match else None


@_rule("preflight-wrong-responder", HINT + 1)
def _preflight_refused_inside(facts: Facts) -> str | None:
    """A service that sees a preflight which was the gateway's to answer says 403 or 405."""
    behind = len(facts.servers) > 1
    return _status(facts, 403, 405) if behind else None


@_rule("preflight-wrong-responder", STRONG + FAIR)
def _grpc_server_answers_preflight(facts: Facts) -> str | None:
    """gRPC has no OPTIONS: with grpc-status the preflight went past whoever should answer it."""
    status = facts.preflight.get("grpc-status")
    return f"the preflight's answer carries grpc-status: {status}" if status else None


@_rule("policy-inert", HINT)
def _preflight_refused_by_default(facts: Facts) -> str | None:
    """Where the policy has no effect, OPTIONS gets the default answer."""
    return _status(facts, 403, 404, 405)


@_rule("origin-mismatch", FAIR)
def _preflight_ok_but_silent(facts: Facts) -> str | None:
    """An origin that no entry equals gets a fine status and no Access-Control-Allow-Origin."""
    if facts.preflight.ok and facts.no_origin_granted:
        return f"the preflight was answered {facts.preflight.status} without an allowed origin"
    return None


@_rule("policy-inert", HINT + 1)
def _preflight_ok_but_nothing(facts: Facts) -> str | None:
    """No Access-Control header at all: perhaps nobody with a policy saw the preflight."""
    if not facts.preflight.ok or facts.allow_origin:
        return None
    if any(name.startswith("access-control-") for name, _ in facts.preflight.headers):
        return None
    return "the preflight's answer has no Access-Control header at all"


@_rule("policy-inert", GOOD)
def _empty_200(facts: Facts) -> str | None:
    """Traefik answers a preflight that its policy does not match with an empty 200."""
    if (
        facts.preflight.ok
        and not facts.allow_origin
        and facts.preflight.get("content-length") == "0"
    ):
        return "an empty 200 with no Access-Control header"
    return None


@_rule("origin-mismatch", GOOD)
def _policy_answers_without_origin(facts: Facts) -> str | None:
    """Express, Traefik, Kong and Envoy send the lists to everyone, and the origin to the listed."""
    if not facts.preflight.ok or facts.allow_origin:
        return None
    if facts.preflight.lines(ALLOW_METHODS) and facts.preflight.lines(ALLOW_HEADERS):
        return "the preflight's answer has the method and header lists, but no allowed origin"
    return None


@_rule("header-not-allowed", STRONG)
def _only_headers_recorded(facts: Facts) -> str | None:
    """Who records Access-Control-Allow-Headers alone is looking for a header in it."""
    if not facts.picked_by_hand or facts.preflight.lines(ALLOW_METHODS):
        return None
    value = facts.preflight.get(ALLOW_HEADERS)
    return f"Access-Control-Allow-Headers: {value[:200]}" if value is not None else None


@_rule("method-not-allowed", STRONG)
def _only_methods_recorded(facts: Facts) -> str | None:
    """Who records Access-Control-Allow-Methods alone is looking for a method in it."""
    if not facts.picked_by_hand or facts.preflight.lines(ALLOW_HEADERS):
        return None
    value = facts.preflight.get(ALLOW_METHODS)
    return f"Access-Control-Allow-Methods: {value[:200]}" if value is not None else None


@_rule("instance-drift", HINT + 1)
def _credentials_without_origin(facts: Facts) -> str | None:
    """The policy answered, with half of its headers: instances differ, or the origin is unknown."""
    granted = facts.preflight.lines(ALLOW_CREDENTIALS) + facts.response.lines(ALLOW_CREDENTIALS)
    if granted and facts.no_origin_granted:
        return "Access-Control-Allow-Credentials is there, Access-Control-Allow-Origin is not"
    return None


@_rule("preflight-cache", FAIR)
def _max_age_recorded(facts: Facts) -> str | None:
    """Who records Access-Control-Max-Age suspects the preflight cache."""
    value = facts.preflight.get(MAX_AGE)
    if value is None or not facts.picked_by_hand or facts.preflight.lines(ALLOW_HEADERS):
        return None
    return f"Access-Control-Max-Age: {value}"


@_rule("policy-inert", GOOD)
def _neither_answer_has_a_policy(facts: Facts) -> str | None:
    """OPTIONS is refused, and the actual answer, which needs no route for it, is bare as well."""
    refused = facts.preflight.status in {404, 405, 501}
    if refused and facts.response.ok and not facts.allow_origin:
        return "the preflight is refused, and the actual answer has no allowed origin either"
    return None


@_rule("policy-inert", FAIR)
def _forbidden_and_then_bare(facts: Facts) -> str | None:
    """Who refuses the origin answers the request in the same way; here it is let through, bare."""
    if facts.preflight.status in {400, 403} and facts.response.ok and not facts.allow_origin:
        return "the preflight is refused, and the actual answer passes without an allowed origin"
    return None


@_rule("preflight-unrouted", STRONG)
def _storage_without_rules(facts: Facts) -> str | None:
    """Object stores answer 403 to a preflight when the bucket has no CORS rule for it."""
    made = next((t for t in traces(facts.preflight) if t.hop == "storage"), None)
    if facts.preflight.status == 403 and made:
        return f"an object store refuses the preflight ({made.evidence})"
    return None


@_rule("preflight-unrouted", GOOD)
def _storage_refuses(facts: Facts) -> str | None:
    """A bucket at the end of the path knows no OPTIONS but by a CORS rule of its own."""
    last = facts.servers[-1] if facts.servers else None
    if facts.preflight.status == 403 and last is not None and last.hop == "storage":
        return f"an object store is asked: {last.text}"
    return None


@_rule("preflight-unrouted", FAIR)
def _no_such_method_at_the_edge(facts: Facts) -> str | None:
    """CloudFront and AWS API Gateway answer 403 for a method that nobody configured."""
    made = next((t for t in traces(facts.preflight) if t.maker), None)
    if facts.preflight.status == 403 and made and made.product in {"CloudFront", "AWS API Gateway"}:
        return f"{made.product} refuses the method itself ({made.evidence})"
    return None


RULES = tuple(_table.rules)
