"""The rules of ``corsage audit``: what a running server lets strangers do.

The severity is the worst case, reading with the visitor's credentials; a finding that lets less be
read is milder.
"""

from __future__ import annotations

from corsage.policy.rules import Rule

# Who is trusted
ARBITRARY_ORIGIN = Rule("CORS200", "error", "Any origin is trusted")
NULL_TRUSTED = Rule("CORS201", "error", "The null origin is trusted")
PREFIX = Rule("CORS202", "error", "A stranger's name that begins like a trusted one is trusted")
SUFFIX = Rule("CORS203", "error", "A stranger's name that ends like a trusted one is trusted")
SUBSTRING = Rule("CORS204", "error", "A stranger's name that contains a trusted one is trusted")
SIMILAR = Rule("CORS205", "error", "A name that resembles a trusted one is trusted")
DOT = Rule("CORS206", "error", "A dot of a trusted name stands for any character")
SHARED_HOST = Rule("CORS207", "error", "A name that anybody can have at a host is trusted")
DOWNGRADE = Rule("CORS208", "error", "A plain http origin is trusted by an https server")
SPECIAL_CHARACTER = Rule("CORS209", "warning", "A special character ends a trusted name early")
SUBDOMAIN = Rule("CORS210", "warning", "Any subdomain is trusted")
PARENT = Rule("CORS211", "warning", "A domain above a trusted one is trusted")
PORT = Rule("CORS212", "warning", "Any port of a trusted host is trusted")
LOCALHOST = Rule("CORS213", "warning", "Pages of the visitor's own machine are trusted")

# Caches and networks
MISSING_VARY = Rule("CORS220", "warning", "Caches are not told that the answer depends on Origin")
POISONED_CACHE = Rule("CORS221", "error", "A cache hands one origin's answer to another")
PRIVATE_NETWORK = Rule("CORS222", "warning", "Any page may read an answer of a private network")

# Lists
ANY_METHOD = Rule("CORS230", "warning", "A preflight with credentials grants any method")
ANY_HEADER = Rule("CORS231", "warning", "A preflight with credentials grants any header")
EXPOSES_EVERYTHING = Rule("CORS232", "warning", "Every header is exposed, a secret among them")
EXPOSES_NOTHING = Rule("CORS233", "note", "No header of the answer is exposed")
LONG_MAX_AGE = Rule("CORS234", "note", "Browsers keep preflights for less time than they are told")
NO_MAX_AGE = Rule("CORS235", "note", "Preflights are hardly kept by browsers")

# Broken, and no danger
WILDCARD_BROKEN = Rule("CORS240", "warning", "The wildcard is sent with credentials, in vain")
REPEATED_ALLOW_ORIGIN = Rule("CORS241", "warning", "Access-Control-Allow-Origin is sent twice")
INVALID_ALLOW_ORIGIN = Rule("CORS242", "warning", "Access-Control-Allow-Origin holds no origin")

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if type(rule) is Rule}
"""Every rule of the audit by its id, in order."""
