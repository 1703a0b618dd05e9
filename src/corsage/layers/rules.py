"""The rules of configuration: what is wrong with what is written, or with what it causes.

Readers report those of one product's text as a :class:`~corsage.layers.site.Slip`; the others are
found by :mod:`corsage.check`, which runs what was read. As in :mod:`corsage.policy.rules` the ids
are promised.
"""

from __future__ import annotations

from corsage.policy.rules import Rule

# Who may read
EVERYBODY_WITH_CREDENTIALS = Rule("CORS100", "error", "Every website may read with cookies")
WILDCARD_BEFORE_COOKIES = Rule(
    "CORS101", "warning", "The wildcard is sent with credentials, which browsers refuse"
)
STRANGER = Rule("CORS102", "error", "An entry admits an origin that nobody meant")
NEIGHBOUR = Rule("CORS103", "error", "An entry admits everybody on a shared host")
NULL_ADMITTED = Rule("CORS104", "error", "The null origin may read")
INSECURE_ADMITTED = Rule("CORS105", "warning", "A plain http origin may read")
INTERNAL_FOR_EVERYBODY = Rule("CORS106", "error", "Every website may read an internal API")
ACCESS_CONTROL = Rule("CORS107", "error", "An origin check is the only guard")
EVERYBODY_BY_DEFAULT = Rule(
    "CORS108", "warning", "Every origin is allowed because nobody said which"
)

# What has no effect
NEVER_MATCHES = Rule("CORS110", "error", "An entry can match no origin that a browser sends")
DEAD_LIST = Rule("CORS111", "warning", "A list has no effect beside one that allows everything")
INERT = Rule("CORS112", "error", "A setting has no effect here")
GONE = Rule("CORS113", "warning", "A field is deprecated or no longer read")
OVERRIDDEN = Rule("CORS114", "error", "Headers are lost to a deeper block")
NOT_ON_ERRORS = Rule("CORS115", "warning", "Error responses go without the headers")
MISREAD = Rule("CORS116", "error", "The product takes a value for something else")
SEVERAL_IN_ONE = Rule("CORS117", "error", "One header holds several origins")
NOT_KNOWN_HERE = Rule("CORS118", "warning", "The product does not know a setting")
WILDCARD_IS_A_NAME = Rule("CORS119", "error", "A wildcard in a list means nothing with credentials")

# Preflights
PREFLIGHT_UNANSWERED = Rule("CORS120", "error", "Nobody answers the preflight")
PREFLIGHT_BEFORE_LOGIN = Rule("CORS121", "error", "The preflight is asked to log in")
PREFLIGHT_REDIRECTED = Rule("CORS122", "error", "The preflight is redirected")
PREFLIGHT_NOT_ROUTED = Rule("CORS123", "error", "The route does not take the preflight")
PREFLIGHT_COUNTED = Rule("CORS124", "warning", "Preflights count against a rate limit")
PREFLIGHT_DENIED_BY_MESH = Rule("CORS125", "error", "The mesh does not let the preflight through")
MIDDLEWARE_ORDER = Rule("CORS126", "error", "CORS comes too late in the chain")
METHOD_NOT_GRANTED = Rule("CORS127", "error", "The app has a method that its CORS does not allow")
HEADER_NOT_GRANTED = Rule("CORS128", "error", "The app reads a header that its CORS does not allow")

# Responses along the path
MISSING_VARY = Rule(
    "CORS130", "warning", "The answer depends on the origin, and caches do not know"
)
TWO_WRITERS = Rule("CORS131", "error", "Two layers send the header, and browsers refuse both")
SEVERAL_LAYERS = Rule("CORS132", "warning", "Several layers of one path configure CORS")
LEAK = Rule("CORS133", "warning", "A refused origin gets the headers of the layer behind")
NOT_EXPOSED = Rule("CORS134", "warning", "Clients cannot read a header that the API sends")
LOGIN_PAGE = Rule("CORS135", "warning", "A request without a session is sent to a login page")
INNER_SERVER = Rule("CORS136", "warning", "An API names a server that no browser reaches")

# The mesh
CORS_IN_THE_MESH = Rule("CORS140", "error", "A CORS filter on a mesh route drops the whole route")
MESH_ADDS_NOTHING = Rule("CORS141", "error", "The mesh does not add this header")

# More than is needed
METHOD_OVER_GRANTED = Rule("CORS150", "note", "A method is allowed that no operation has")
HEADER_OVER_GRANTED = Rule("CORS151", "note", "A header is allowed that no operation reads")
CREDENTIALS_BY_DEFAULT = Rule(
    "CORS152", "warning", "Credentials are allowed because nobody said no"
)
COOKIE_STAYS_HOME = Rule("CORS153", "warning", "A cookie does not travel to another site's page")
MAX_AGE_OVER_CAP = Rule("CORS154", "note", "Browsers cache preflights for less than this")
MAX_AGE_MISSING = Rule("CORS155", "note", "Every request pays for a preflight")

# Between sources
NOT_KNOWN = Rule("CORS160", "note", "The source does not show a value")
DRIFT_LOOSER = Rule("CORS161", "error", "The configuration allows what the policy does not")
DRIFT_STRICTER = Rule("CORS162", "error", "The configuration blocks what the policy allows")
CHAIN_UNRESOLVED = Rule("CORS163", "error", "A stated chain names something that is not there")

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if type(rule) is Rule}
"""Every rule of configuration by its id, in order."""
