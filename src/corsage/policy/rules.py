"""The rules of a policy file: their stable ids, how bad breaking one is, and what they say.

The ids are promised: a rule that goes away leaves a gap. :mod:`corsage.check.rules` holds the
page of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "note"]
"""``error``: the policy is refused. ``warning``: it works, and somebody will be surprised.
``note``: worth knowing in a review."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``id`` is stable (``CORS012``); ``title`` says what is wrong, without a full stop."""

    id: str
    severity: Severity
    title: str


# The file
UNREADABLE = Rule("CORS001", "error", "The file cannot be read as YAML")
YAML_FEATURE = Rule("CORS002", "error", "Anchors, aliases and tags have no place in a policy")
DUPLICATE_KEY = Rule("CORS003", "error", "A key is given twice")
UNKNOWN_KEY = Rule("CORS004", "error", "A key is not known")
MISSING_KEY = Rule("CORS005", "error", "A required key is missing")
WRONG_TYPE = Rule("CORS006", "error", "A value has the wrong type")
BAD_VALUE = Rule("CORS007", "error", "A value is out of range or cannot be understood")
UNKNOWN_NAME = Rule("CORS008", "error", "A name refers to nothing")
BAD_NAME = Rule("CORS009", "error", "A name cannot be used")

# Origins
NOT_SERIALISED = Rule("CORS010", "error", "An origin is not written as browsers send it")
ODD_WILDCARD = Rule("CORS011", "error", "A wildcard stands where none is understood")
ANY_ORIGIN_WITH_CREDENTIALS = Rule("CORS012", "error", "Any origin is allowed with credentials")
NULL_ORIGIN = Rule("CORS013", "error", "The null origin is allowed")
INSECURE_ORIGIN = Rule("CORS014", "error", "A plain http origin is allowed with credentials")
PUBLIC_SUFFIX = Rule("CORS015", "error", "A wildcard stands right above a public suffix")
REPEATED_ORIGIN = Rule("CORS016", "warning", "An origin is already allowed by another entry")
ORIGIN_LIST = Rule("CORS017", "error", "A list of origins cannot be used")
UNUSED_HATCH = Rule("CORS018", "warning", "A dangerous exception is made for nothing")
HATCH_IN_USE = Rule("CORS019", "note", "A dangerous exception is in force")
NEVER_SENT = Rule("CORS020", "error", "No browser sends this origin")

# Methods and headers
WILDCARD_WITH_CREDENTIALS = Rule(
    "CORS030", "error", "A wildcard in a list means nothing with credentials"
)
AUTHORIZATION_NOT_NAMED = Rule("CORS031", "warning", "Authorization is not covered by the wildcard")
FORBIDDEN_METHOD = Rule("CORS032", "error", "No script can send this method")
METHOD_CASE = Rule("CORS033", "error", "A method is in the wrong case")
NOT_A_TOKEN = Rule("CORS034", "error", "A method or header name is not a token")
FORBIDDEN_HEADER = Rule("CORS035", "error", "No script can set or read this header")
WRONG_LIST = Rule("CORS036", "error", "A header stands in the wrong list")
REPEATED_NAME = Rule("CORS037", "warning", "A name is listed twice")
MAX_AGE_CAPPED = Rule("CORS038", "warning", "Browsers cache preflights for less than this")

# Routes
NO_CORS = Rule("CORS040", "error", "A route does not say which policy it has")
BAD_PATH = Rule("CORS041", "error", "A path is not written as requests are matched")
COLLIDING_ROUTES = Rule("CORS042", "error", "Two routes take the same requests")
UNUSED = Rule("CORS043", "warning", "A service, policy or group is never used")
PATH_OR_EXACT = Rule("CORS044", "error", "A route needs either a path or an exact path")
OWNED_BY_NOBODY = Rule("CORS045", "error", "A route without a policy has an owner")

# Services and the gateway
BAD_SERVICE_URL = Rule("CORS050", "error", "A service is not scheme://host[:port]")
BAD_LISTEN = Rule("CORS051", "error", "The listen address is not host:port")
BAD_PUBLIC = Rule("CORS052", "error", "The public address is not an origin")
PUBLIC_UNKNOWN = Rule("CORS053", "warning", "Nobody knows the gateway's public origin")
BAD_HOST = Rule("CORS054", "error", "A host is not a plain host name")
MIXED_CONTENT = Rule("CORS055", "warning", "Secure pages cannot call a gateway on plain http")

# Expectations and comments
BAD_EXPECTATION = Rule("CORS060", "error", "An expectation cannot be understood")
EXPECTATION_FAILS = Rule("CORS061", "error", "An expectation does not hold")
BAD_IGNORE = Rule("CORS062", "warning", "An ignore comment does nothing")

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if type(rule) is Rule}
"""Every rule of a policy file by its id, in order."""
