"""How Spring Boot keeps each clause."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.spring.paths import lost
from corsage.layers.target import Clause, Fate
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "a Set: CorsConfiguration ignores case and a slash at the end"),
    "origin patterns": (
        "idiom",
        (
            "regexes, matched as a whole: the * of setAllowedOriginPatterns takes any character. "
            "Origins of 300 characters and more, for which DNS has no room, match none"
        ),
    ),
    "any origin": ("idiom", "the constant *"),
    "credentials": ("idiom", "for admitted origins alone"),
    "allowed methods": ("idiom", "the list as written; the browser compares"),
    "allowed headers": ("idiom", "the list as written, where CorsFilter intersects"),
    "exposed headers": ("idiom", "on responses to admitted origins"),
    "max age": ("idiom", "as written"),
    "timing": ("idiom", "Timing-Allow-Origin beside Access-Control-Allow-Origin"),
    "routes": ("idiom", "PathPatterns, Spring's own, the most specific first"),
    "hosts": ("idiom", "compared with getServerName (server.forward-headers-strategy decides)"),
    "never for browsers": ("idiom", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "answered by a filter that stands before Spring Security"),
    "other OPTIONS": ("idiom", "the app's, as any other request"),
    "other origins": (
        "idiom",
        "the request reaches the app, where CorsFilter and @CrossOrigin answer 403",
    ),
    "the service's own CORS headers": ("idiom", "a response that lets only the filter set them"),
    "Vary": ("idiom", "merged into what the app sets"),
    "errors": (
        "weaker",
        (
            "404, 500, redirects and the refusals of Spring Security carry the headers; a 400 of "
            "Tomcat itself does not"
        ),
    ),
    "unrouted paths": ("idiom", "the first policy that admits the origin"),
    "the other owner's routes": ("idiom", "nothing is set, and what handlers set is dropped"),
}


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """The fidelity table of Spring Boot for ``policy``."""
    return (*table(policy, _ROWS), *lost(policy))
