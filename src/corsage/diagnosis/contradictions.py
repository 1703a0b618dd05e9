"""What rules a class out: the premise that its definition needs, and that was seen to be false.

Words may suggest a class; an observed answer may forbid it. A preflight that was answered 200
was not rejected by authentication, whatever the configuration says of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from corsage.diagnosis.clues import AGAINST, IMPOSSIBLE
from corsage.diagnosis.facts import ALLOW_CREDENTIALS, ALLOW_ORIGIN, Facts

_FALLBACK = re.compile(r"back to \W?\*|(yields|becomes|gives|into|by|with) \W?\*", re.IGNORECASE)


def _preflight_passed_status(facts: Facts) -> bool:
    return facts.preflight.ok


def _only_the_response(facts: Facts) -> bool:
    return facts.response.seen and not facts.preflight.seen


def _one_clean_value(facts: Facts) -> bool:
    granted = facts.response.lines(ALLOW_CREDENTIALS), facts.preflight.lines(ALLOW_CREDENTIALS)
    single = len(facts.allow_origin) == 1 and all(len(lines) <= 1 for lines in granted)
    return single and not any("," in line for line in (*facts.allow_origin, *sum(granted, ())))


def _no_redirect(facts: Facts) -> bool:
    seen = [a for a in (facts.preflight, facts.response) if a.status is not None]
    return bool(seen) and not any(answer.redirects for answer in seen)


def _no_error(facts: Facts) -> bool:
    return facts.response.ok and not facts.preflight.failed


def _refused_by_browsers(facts: Facts) -> bool:
    return facts.observation.asked.reason is not None


def _preflight_failed(facts: Facts) -> bool:
    return facts.preflight.failed or facts.preflight.redirects


def _response_not_ok(facts: Facts) -> bool:
    return facts.response.failed or facts.response.redirects


def _not_a_wildcard(facts: Facts) -> bool:
    return bool(facts.allow_origin) and not any("*" in line for line in facts.allow_origin)


def _nothing_granted(facts: Facts) -> bool:
    return not facts.allow_origin and not facts.nothing_seen


def _wildcard_granted(facts: Facts) -> bool:
    # Some products put the wildcard where they do not understand an entry.
    return facts.wildcard and not _FALLBACK.search(facts.said)


def _http_came(facts: Facts) -> bool:
    return bool(facts.preflight.status or facts.response.status)


def _other_status_than_429(facts: Facts) -> bool:
    return facts.preflight.status not in {None, 429}


def _preflight_granted(facts: Facts) -> bool:
    return facts.preflight_granted


def _response_granted(facts: Facts) -> bool:
    return facts.response.ok and bool(facts.response.lines(ALLOW_ORIGIN))


def _no_preflight_but_error(facts: Facts) -> bool:
    return facts.response.failed and not facts.preflight.failed


def _granted_anywhere(facts: Facts) -> bool:
    if facts.observation.sent:
        # The whole exchange is known: a policy may act on preflights and not on answers.
        return bool(facts.failed_answer.lines(ALLOW_ORIGIN))
    return bool(facts.allow_origin)


CONTRADICTIONS: tuple[tuple[str, int, Callable[[Facts], bool], str], ...] = (
    ("preflight-auth", IMPOSSIBLE, _preflight_passed_status, "the preflight was let through"),
    ("preflight-auth", AGAINST, _no_preflight_but_error, "the preflight is not what fails"),
    ("preflight-unrouted", IMPOSSIBLE, _preflight_passed_status, "the preflight found a route"),
    ("preflight-unrouted", AGAINST, _no_preflight_but_error, "the preflight is not what fails"),
    ("preflight-ratelimit", IMPOSSIBLE, _other_status_than_429, "the preflight was not limited"),
    (
        "preflight-wrong-responder",
        AGAINST,
        _no_preflight_but_error,
        "the preflight is not what fails",
    ),
    ("header-not-allowed", IMPOSSIBLE, _preflight_failed, "the lists were not read at all"),
    ("method-not-allowed", IMPOSSIBLE, _preflight_failed, "the lists were not read at all"),
    ("header-not-allowed", AGAINST, _response_not_ok, "the request was sent"),
    ("method-not-allowed", AGAINST, _response_not_ok, "the request was sent"),
    ("preflight-cache", IMPOSSIBLE, _preflight_failed, "a failed preflight is not cached"),
    ("preflight-cache", AGAINST, _response_not_ok, "the request was sent"),
    ("preflight-cache", AGAINST, _only_the_response, "it is the answer itself that is blocked"),
    ("multi-writer", IMPOSSIBLE, _one_clean_value, "there is one value"),
    ("multi-writer", AGAINST, _nothing_granted, "there is no value at all"),
    ("redirect", IMPOSSIBLE, _no_redirect, "no answer is a redirect"),
    ("error-no-cors", IMPOSSIBLE, _no_error, "no answer is an error"),
    ("origin-mismatch", IMPOSSIBLE, _wildcard_granted, "the wildcard admits every origin"),
    ("origin-mismatch", AGAINST, _no_preflight_but_error, "an error is enough of an explanation"),
    ("policy-inert", IMPOSSIBLE, _granted_anywhere, "an origin is allowed"),
    ("policy-inert", AGAINST, _no_preflight_but_error, "an error is enough of an explanation"),
    ("wildcard-credentials", IMPOSSIBLE, _not_a_wildcard, "the value is no wildcard"),
    ("wildcard-credentials", IMPOSSIBLE, _nothing_granted, "there is no wildcard"),
    ("over-permissive", IMPOSSIBLE, _nothing_granted, "no origin is allowed"),
    ("over-permissive", IMPOSSIBLE, _refused_by_browsers, "browsers keep the answer from the page"),
    ("over-permissive", AGAINST, _response_not_ok, "the answer is an error"),
    ("expose-missing", IMPOSSIBLE, _nothing_granted, "the answer may not be read at all"),
    ("expose-missing", IMPOSSIBLE, _refused_by_browsers, "the answer may not be read at all"),
    ("expose-missing", IMPOSSIBLE, _preflight_failed, "the answer may not be read at all"),
    ("expose-missing", AGAINST, _response_not_ok, "the answer is an error"),
    ("cache-vary", IMPOSSIBLE, _preflight_failed, "a preflight is not cached on the way"),
    ("cache-vary", AGAINST, _response_not_ok, "the answer is an error"),
    ("not-cors-transport", IMPOSSIBLE, _http_came, "an HTTP answer came"),
    ("control-plane-incompat", AGAINST, _granted_anywhere, "an origin is allowed"),
    ("streaming-bypass", IMPOSSIBLE, _preflight_failed, "no stream was opened"),
    ("streaming-bypass", IMPOSSIBLE, _response_granted, "the answer carries an allowed origin"),
    ("streaming-bypass", AGAINST, _response_not_ok, "no stream was opened"),
)
"""Class, weight, what was seen, and why that rules the class out."""
