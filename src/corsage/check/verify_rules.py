"""The rules of a deployment that is held against its policy (``corsage verify``).

As in :mod:`corsage.policy.rules` the ids are promised. ``error``: a browser decides otherwise than
the policy means. ``warning``: it decides the same, and something that protects it is missing.
"""

from __future__ import annotations

from corsage.policy.rules import Rule

BLOCKS = Rule("CORS250", "error", "The deployment blocks what the policy allows")
ALLOWS = Rule("CORS251", "error", "The deployment allows what the policy blocks")
HIDES = Rule("CORS252", "error", "The deployment hides a header that the policy exposes")
EXPOSES = Rule("CORS253", "error", "The deployment exposes a header that the policy hides")
SILENT = Rule("CORS254", "error", "The deployment does not answer")

MISSING_VARY = Rule(
    "CORS260", "warning", "A deployed answer depends on the origin, unknown to caches"
)
GRANTS_TO_REFUSED = Rule("CORS261", "warning", "A refused origin is sent CORS headers")
PREFLIGHT_WITH_BODY = Rule("CORS262", "warning", "A preflight is answered with a page")
OTHER_MAX_AGE = Rule("CORS263", "warning", "Preflights are remembered for another time")
SENT_TWICE = Rule("CORS264", "warning", "A header is sent twice")
OTHER_TIMING = Rule("CORS265", "warning", "Timings are open to others than the policy says")
UNROUTED_UNREADABLE = Rule("CORS266", "warning", "The answer to an unknown path cannot be read")

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if type(rule) is Rule}
"""Every rule of a deployment by its id, in order."""
