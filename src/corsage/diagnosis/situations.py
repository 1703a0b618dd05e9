"""The situations in which a reporter's words count: named predicates over the facts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from corsage.diagnosis.facts import Facts

Situation: TypeAlias = Callable[[Facts], bool]


def always(_: Facts) -> bool:
    """Whatever was seen."""
    return True


def nothing_seen(facts: Facts) -> bool:
    """No answer is on record."""
    return facts.nothing_seen or facts.nothing_came


def origin_withheld(facts: Facts) -> bool:
    """No allowed origin on anything that was seen (or nothing was seen)."""
    return not facts.allow_origin


def refused_or_silent(facts: Facts) -> bool:
    """No allowed origin, and no redirect: the shape of a policy that does not apply."""
    return not facts.allow_origin and not facts.preflight.redirects


def preflight_refused(facts: Facts) -> bool:
    """The preflight got an error, or it is not known what it got and nothing else was seen."""
    return facts.preflight_refused or facts.nothing_seen


def preflight_forbidden(facts: Facts) -> bool:
    """The preflight got 400, 401, 403 or a redirect (a login page)."""
    return facts.preflight.status in {302, 303, 400, 401, 403, 407} or facts.nothing_seen


def preflight_answered(facts: Facts) -> bool:
    """The preflight got some answer that is not known to be an error."""
    return not facts.preflight_refused and not facts.preflight.redirects


def preflight_limited(facts: Facts) -> bool:
    """The preflight got 429, or nothing was seen."""
    return facts.preflight.status == 429 or facts.nothing_seen


def error_seen(facts: Facts) -> bool:
    """The actual answer is an error without an allowed origin, or was not seen at all."""
    if facts.response.failed or facts.response.redirects:
        return not facts.response.lines("access-control-allow-origin")
    return not facts.response.seen and not facts.preflight_refused and not facts.preflight.redirects


def upstream_lost(facts: Facts) -> bool:
    """A hop answered instead of the one behind it, or nobody answered."""
    if facts.preflight.status in {404, 500, 502, 503, 504}:
        return True
    return error_seen(facts) and not facts.preflight.redirects


def readable(facts: Facts) -> bool:
    """The actual answer is a success that may be read (or is not known not to be)."""
    if facts.preflight_refused or facts.preflight.redirects or facts.response.failed:
        return False
    return bool(facts.allow_origin) or not facts.response.seen


def granted(facts: Facts) -> bool:
    """An origin is granted on something that was seen, or nothing was seen."""
    return bool(facts.allow_origin) or facts.nothing_seen


def success_seen(facts: Facts) -> bool:
    """Nothing that was seen is an error or a redirect."""
    return not (
        facts.preflight_refused
        or facts.response.failed
        or facts.preflight.redirects
        or facts.response.redirects
    )


def response_cacheable(facts: Facts) -> bool:
    """A cacheable answer was seen, or none was; preflights are not cached on the way."""
    return success_seen(facts) and (facts.response.seen or facts.nothing_seen)


def wildcard(facts: Facts) -> bool:
    """The wildcard was seen, or no header was."""
    return facts.wildcard or facts.nothing_seen


def redirected(facts: Facts) -> bool:
    """A redirect was seen, or no status was."""
    return facts.preflight.redirects or facts.response.redirects or facts.nothing_seen


def denied_actual(facts: Facts) -> bool:
    """Authentication failed or sent to a login: the shape of a cookie that did not travel."""
    statuses = {facts.preflight.status, facts.response.status}
    return bool(statuses & {301, 302, 303, 307, 401, 403}) or facts.nothing_seen


def two_servers(facts: Facts) -> bool:
    """The path has a hop in front of another one, and the preflight did not pass."""
    if len(facts.servers) < 2 or facts.preflight.redirects:
        return False
    # "CORS wrapper -> auth middleware" are layers of one program, not hops.
    return not re.search(
        r"middleware|filter|layer|interceptor", facts.servers[-1].text, re.IGNORECASE
    )


def policy_without_origins(facts: Facts) -> bool:
    """The excerpt names no origin, so it is not the list that is in question."""
    listed = re.search(r"origins?\b|https?://|\bhosts?\b", facts.config, re.IGNORECASE)
    forbidden = facts.preflight.status in {401, 403}
    bare = refused_or_silent(facts) and not facts.some_cors_header
    return listed is None and not forbidden and bare


_ORIGINS = re.compile(
    r"origins?\b|https?:|://|localhost|127\.|\bhosts?|domain|\bport\b|:\d{4}|preview|url|tenant"
    r"|list|www|scheme|slash|stag(e|ing)|prod(uction)?\b|wildcard|branch|null\b|env",
    re.IGNORECASE,
)


def nobody_speaks_of_origins(facts: Facts) -> bool:
    """Words were recorded, and none of them is about origins, hosts or lists of them."""
    silent = facts.said.strip() and not _ORIGINS.search(facts.said)
    return bool(silent) and facts.no_cors_header_at_all and success_seen(facts)


def one_fixed_origin(facts: Facts) -> bool:
    """An origin is allowed, by name."""
    return bool(facts.allow_origin) and not facts.wildcard


def response_redirects(facts: Facts) -> bool:
    """The actual answer is a redirect."""
    return facts.response.redirects


def preflight_ok(facts: Facts) -> bool:
    """The preflight got a 2xx, or nothing was seen."""
    return facts.preflight.ok or facts.nothing_seen
