"""Rules that read the answers to probes."""

from __future__ import annotations

import re

from corsage.diagnosis.clues import FAIR, GOOD, PROOF, STRONG, Table
from corsage.diagnosis.facts import ALLOW_CREDENTIALS, ALLOW_ORIGIN, Facts
from corsage.diagnosis.observation import Answer
from corsage.diagnosis.probes import origins
from corsage.diagnosis.probes.answers import (
    alike,
    cors_lines,
    fails_alike,
    granted,
    origin_of,
    passes,
    preflight_passes,
    repeats,
)

PROBED = "probe-"
"""How the names of these rules begin."""

_table = Table()
_rule = _table.rule


@_rule("origin-mismatch", PROOF)
def _probe_other_originpasses(facts: Facts) -> str | None:
    """The same request from another origin is let in, by name: the list is at work."""
    why = dict(origins.near(facts.origin, facts.observation.asked.url or ""))
    for probe in facts.probed("known-good-origin", "near-origin"):
        origin = origin_of(probe)
        named = probe.answer.lines(ALLOW_ORIGIN) == (origin,)
        if facts.failing and named and granted(probe):
            differs = why.get(origin, "it is another origin")
            return f"from {origin!r} the same request is let in ({differs}), not from the page's"
    return None


@_rule("header-not-allowed", PROOF)
def _probe_passes_without_headers(facts: Facts) -> str | None:
    """Only the header names were left out, and the preflight passes."""
    if not passes(facts, "without-request-headers"):
        return None
    asked = ", ".join(value for _, value in facts.observation.asked.headers)
    return f"without the header names ({asked[:200]}) the same preflight passes"


@_rule("method-not-allowed", PROOF)
def _probe_passes_for_get(facts: Facts) -> str | None:
    """Only the method differs, and the preflight passes."""
    if not passes(facts, "with-method-get") or passes(facts, "without-request-headers"):
        return None
    return f"for GET instead of {facts.observation.asked.method} the same preflight passes"


@_rule("preflight-auth", PROOF)
def _probe_passes_with_credentials(facts: Facts) -> str | None:
    """The same preflight gets an ok status with credentials: they are what it lacks."""
    for probe in facts.probed("with-credentials"):
        if probe.answer.ok:
            return f"with credentials the same preflight is answered {probe.answer.status}"
    return None


@_rule("preflight-auth", STRONG)
def _probe_all_refused_without_credentials(facts: Facts) -> str | None:
    """A GET that names no origin is refused as well: it is not the origin that is looked at."""
    for probe in facts.probed("anonymous-get"):
        refused = facts.preflight.status in {400, 401, 403}
        if refused and probe.answer.status in {401, 403, facts.preflight.status}:
            return f"a GET without Origin and credentials is refused, too: {probe.answer.status}"
    return None


@_rule("origin-mismatch", PROOF)
def _probe_only_origin_refused(facts: Facts) -> str | None:
    """With this Origin a GET is refused, without any it passes: the server judges origins."""
    if facts.preflight.status not in {400, 403}:
        return None
    bare, named = facts.probed("anonymous-get"), facts.probed("get")
    refused = bool(named) and named[0].answer.status == facts.preflight.status
    if refused and bare and bare[0].answer.ok:
        return f"GET is answered {bare[0].answer.status} without Origin, and refused with it"
    return None


@_rule("preflight-unrouted", PROOF)
def _probe_get_passes_options_has_no_route(facts: Facts) -> str | None:
    """The route and its policy are there for GET, and nobody takes OPTIONS."""
    if facts.preflight.status in {404, 405, 500, 501, 502} and passes(facts, "get"):
        status = facts.probed("get")[0].answer.status
        return f"GET is answered {status} with the page's origin allowed, OPTIONS is not routed"
    return None


@_rule("preflight-unrouted", STRONG + FAIR)
def _probe_get_passes_options_forbidden(facts: Facts) -> str | None:
    """GET needs no credentials and is let in; only OPTIONS is forbidden."""
    bare = facts.probed("anonymous-get")
    if facts.preflight.status == 403 and passes(facts, "get") and bare and bare[0].answer.ok:
        return "GET passes without credentials, with the page's origin allowed; OPTIONS is a 403"
    return None


@_rule("error-no-cors", PROOF)
def _probe_get_fails_alike(facts: Facts) -> str | None:
    """Whatever is asked at this address gets the same error: OPTIONS is nothing special."""
    for probe in facts.probed("get"):
        if fails_alike(probe, facts):
            return f"a GET of the same URL is answered {probe.answer.status} as well"
    return None


@_rule("error-no-cors", FAIR)
def _probe_get_is_not_found(facts: Facts) -> str | None:
    """A GET is not found either; whether the page's own method is, nobody knows."""
    for probe in facts.probed("get"):
        if probe.answer.status == facts.preflight.status == 404 and not fails_alike(probe, facts):
            return "a GET of the same URL is a 404 as well"
    return None


@_rule("error-no-cors", PROOF)
def _probe_preflight_passes_error_does_not(facts: Facts) -> str | None:
    """A preflight from this origin is granted: the list is right, the error is the difference."""
    if facts.failing == "response" and facts.response.failed and passes(facts, "preflight"):
        return f"a preflight from the page's origin passes; the {facts.response.status} does not"
    return None


@_rule("origin-mismatch", FAIR)
def _probe_refused_with_origin_only(facts: Facts) -> str | None:
    """OPTIONS without Origin passes: who refuses the preflight looks at what preflights say."""
    for probe in facts.probed("plain-options"):
        if probe.answer.ok and facts.preflight.status in {400, 403}:
            return f"OPTIONS without Origin is answered {probe.answer.status}"
    return None


@_rule("policy-inert", STRONG)
def _probe_good_origin_refused_alike(facts: Facts) -> str | None:
    """Not even an origin that is known to be good is let in: no list is at work here."""
    probes = facts.probed("known-good-origin")
    if probes and not any(map(granted, probes)):
        return f"{origin_of(probes[0])}, known to be good, is not let in either"
    return None


@_rule("policy-inert", FAIR)
def _probe_get_is_bare_too(facts: Facts) -> str | None:
    """Neither the preflight nor a GET that passes carries any CORS header."""
    for probe in facts.probed("get"):
        if probe.answer.ok and not cors_lines(probe.answer) and not cors_lines(facts.preflight):
            return f"a GET is answered {probe.answer.status} without any Access-Control header"
    return None


@_rule("policy-inert", STRONG)
def _probe_get_is_closed_too(facts: Facts) -> str | None:
    """A GET needs no route for OPTIONS, and its answer is closed to the page all the same."""
    refused = facts.failing == "preflight" and facts.preflight.status in {404, 405, 501}
    for probe in facts.probed("get"):
        if refused and probe.answer.ok and not probe.answer.lines(ALLOW_ORIGIN):
            return f"a GET is answered {probe.answer.status}, without an allowed origin"
    return None


@_rule("policy-inert", STRONG)
def _probe_preflight_passes_response_is_bare(facts: Facts) -> str | None:
    """Preflights are granted, and the answer itself, which is no error, has nothing."""
    bare = facts.failing == "response" and facts.response.ok and facts.closed
    if bare and not facts.response.lines(ALLOW_ORIGIN) and preflight_passes(facts):
        return "a preflight from the page's origin passes, the answer itself carries nothing"
    return None


@_rule("policy-inert", STRONG)
def _probe_other_paths_pass(facts: Facts) -> str | None:
    """Other paths of the same server let the origin in: this one is not covered."""
    if _is_stream(facts.response):
        return None
    return _elsewhere(facts)


@_rule("streaming-bypass", PROOF)
def _probe_only_the_stream_is_bare(facts: Facts) -> str | None:
    """Other answers of the same server let the origin in, the stream does not."""
    return _elsewhere(facts) if _is_stream(facts.response) else None


def _elsewhere(facts: Facts) -> str | None:
    for probe in facts.probed("elsewhere"):
        if granted(probe):
            return f"GET {probe.asked.url} lets the page's origin in ({probe.answer.status})"
    return None


def _is_stream(answer: Answer) -> bool:
    return bool(re.search(r"event-stream|x-ndjson|grpc-web", answer.get("content-type") or ""))


@_rule("cache-vary", PROOF)
def _probe_fresh_urlpasses(facts: Facts) -> str | None:
    """The same answer, made anew, lets the origin in: the one in the cache is another's."""
    if facts.failing == "response" and facts.response.ok and passes(facts, "beside-itself"):
        return "with one more parameter in the query, which no cache knows, the origin is let in"
    return None


@_rule("cache-vary", PROOF)
def _probe_first_answer_is_kept(facts: Facts) -> str | None:
    """A URL first asked without Origin stays closed; another one, asked with it, is open."""
    probes = facts.probed("without-origin-first")
    if len(probes) == 3 and not granted(probes[1]) and granted(probes[2]):
        return "a fresh URL that was first asked without Origin is then closed to the page"
    return None


@_rule("cache-vary", STRONG)
def _probe_varies_without_saying(facts: Facts) -> str | None:
    """The answer depends on Origin, and nothing tells caches so."""
    said = ",".join(facts.response.lines("vary")).lower()
    if facts.failing or "origin" in said or "*" in said:
        return None
    own = facts.response.lines(ALLOW_ORIGIN)
    for probe in facts.probed("foreign-origin", "without-origin-first"):
        if probe.answer.ok and probe.answer.lines(ALLOW_ORIGIN) != own:
            return "Access-Control-Allow-Origin depends on who asks, and Vary does not say so"
    return None


@_rule("over-permissive", PROOF)
def _probe_stranger_let_in(facts: Facts) -> str | None:
    """An origin that nobody can have listed is let in by name, or for all beside a list."""
    if facts.failing:
        return None
    own = facts.response.lines(ALLOW_ORIGIN)
    for probe in facts.probed("foreign-origin", "look-alike-origin"):
        lines = probe.answer.lines(ALLOW_ORIGIN)
        if not granted(probe) or own == ("*",):
            continue
        with_cookies = probe.answer.lines(ALLOW_CREDENTIALS) == ("true",)
        suffix = ", with credentials" if with_cookies else ""
        return f"{origin_of(probe)} is let in: Access-Control-Allow-Origin: {lines[0]}{suffix}"
    return None


@_rule("instance-drift", PROOF)
def _probe_repeats_differ(facts: Facts) -> str | None:
    """The same request is let in at one time and not at another."""
    let_in, refused = repeats(facts)
    if not (let_in and refused):
        return None
    return f"of {let_in + refused} requests that were all the same, {refused} were refused"


@_rule("redirect", PROOF)
def _probe_target_refuses(facts: Facts) -> str | None:
    """The redirect was followed, and what it leads to does not let the page in."""
    for probe in facts.probed("redirect-target"):
        if not granted(probe):
            status = probe.answer.status or "no answer"
            origin = origin_of(probe)
            return f"the redirect leads to {probe.asked.url}: {status}, {origin} is not let in"
    return None


@_rule("preflight-unrouted", GOOD)
def _probe_every_path_alike(facts: Facts) -> str | None:
    """A path that does not exist gets the same answer: OPTIONS meets the default."""
    for probe in facts.probed("unrouted-path"):
        if alike(probe.answer, facts.preflight) and passes(facts, "get"):
            return f"OPTIONS to a path that does not exist is answered {probe.answer.status}, too"
    return None


RULES = tuple(_table.rules)
