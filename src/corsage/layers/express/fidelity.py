"""How Express keeps each clause."""

from __future__ import annotations

from collections.abc import Mapping

from corsage.layers.clauses import table
from corsage.layers.express.paths import lost
from corsage.layers.javascript import method_rows
from corsage.layers.target import Clause, Fate
from corsage.policy.model import Policy

_ROWS: Mapping[str, tuple[Fate, str]] = {
    "exact origins": ("idiom", "looked up in a Set; `cors` then echoes the one that was found"),
    "origin patterns": ("idiom", "anchored regexes, tried after the Set"),
    "any origin": ("kept", "origin: '*'"),
    "credentials": ("kept", "credentials: true, for admitted origins alone"),
    "allowed methods": ("kept", "methods"),
    "allowed headers": ("kept", "allowedHeaders, written out: `cors` would reflect any header"),
    "exposed headers": ("kept", "exposedHeaders"),
    "max age": ("kept", "maxAge"),
    "timing": ("idiom", "Timing-Allow-Origin set beside what `cors` writes"),
    "routes": (
        "idiom",
        "a table, the most specific first; paths compare as in Express' own routing",
    ),
    "hosts": ("idiom", "compared with req.hostname (trust proxy decides what that is)"),
    "never for browsers": ("idiom", "preflights get 403, responses no CORS header"),
    "preflights": ("idiom", "answered by the middleware, which comes first"),
    "other OPTIONS": ("idiom", "`cors` is not asked unless it is a preflight"),
    "other origins": ("idiom", "`cors` is not asked; a preflight gets 403"),
    "the service's own CORS headers": ("idiom", "removed when the headers leave (on-headers)"),
    "Vary": ("idiom", "res.vary, merged when the headers leave"),
    "errors": (
        "weaker",
        "404, 500 and redirects carry the headers; a 400 or 431 of Node.js itself does not",
    ),
    "unrouted paths": ("idiom", "the first policy that admits the origin"),
    "the other owner's routes": ("idiom", "nothing is set, and what handlers set is removed"),
}


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """The fidelity table of Express for ``policy``."""
    return (*table(policy, _ROWS), *method_rows(policy), *lost(policy))
