"""The keys of ``cors.yaml``: types, bounds and descriptions, version 1.

The loader checks a file against :data:`FILE`, and the published JSON Schema is written from it.
"""

from __future__ import annotations

from corsage.policy import rules
from corsage.policy.shapes import Boolean, Either, Integer, Key, Keys, Many, Names, Text

VERSION = 1
SIZE = r"(0|[1-9][0-9]{0,11})[kmg]?"
RATE = r"[1-9][0-9]{0,8}/s"
DURATION = r"[1-9][0-9]{0,6}[sm]?"
_SEGMENT = r"[A-Za-z0-9._~!$&'()+,;=:@-]+"
PATH = rf"/({_SEGMENT}(/{_SEGMENT})*/?)?"
LARGEST_NUMBER = 2**53 - 1

_SIZE = Either(
    (Text(pattern=SIZE, examples=("10m", "512k")), Integer(minimum=0, maximum=LARGEST_NUMBER))
)
_NAME = Text(examples=("billing",))
_METHODS = Either((Text(examples=("GET", "PUT")), Many(Text())))
_HEADERS = Either((Text(examples=("Authorization", "Content-Type")), Many(Text())))

TLS = Keys(
    "TLS",
    {
        "certificate": Key(
            Text(), "Path of the PEM file with the certificate chain.", rules.MISSING_KEY
        ),
        "key": Key(Text(), "Path of the PEM file with the private key.", rules.MISSING_KEY),
    },
)

GATEWAY = Keys(
    "The gateway",
    {
        "listen": Key(
            Text(examples=("127.0.0.1:8080",)),
            "Where the gateway listens, as host:port. Default 127.0.0.1:8080.",
        ),
        "public": Key(
            Text(examples=("https://api.example.com",)),
            "The origin that browsers see. Default: the listen address.",
        ),
        "tls": Key(TLS, "Serve HTTPS with this certificate."),
        "max_body": Key(_SIZE, "Largest request body, in bytes or as 512k, 10m, 1g; 0: no limit."),
        "access_log": Key(Text(), "Path of the access log. Default: none."),
        "error_log": Key(Text(), "Path of the error log. Default: none."),
    },
)

_ORIGIN_TEXT = Text(
    null=True,
    examples=(
        "https://app.example.com",
        "https://*.preview.example.com",
        "http://localhost:*",
    ),
)

ORIGIN_FILE = Keys(
    "A list in a file",
    {
        "file": Key(
            Text(examples=("tenants.txt",)),
            "A text file beside the policy: one origin a line, # begins a comment.",
            rules.MISSING_KEY,
        )
    },
)

_ORIGIN_GROUP = Either((_ORIGIN_TEXT, Many(_ORIGIN_TEXT, at_least=1), ORIGIN_FILE))

POLICY = Keys(
    "A policy",
    {
        "allow_origins": Key(
            Either((_ORIGIN_TEXT, Many(_ORIGIN_TEXT, at_least=1))),
            'Who may read: names of origin groups, origins, or "*" for everybody.',
            rules.MISSING_KEY,
            "A policy without origins allows nobody; for a route that browsers never read write "
            "`cors: none`.",
        ),
        "allow_methods": Key(
            _METHODS,
            "Methods that scripts may use besides GET, HEAD and POST, which browsers always "
            "allow. They are case-sensitive.",
        ),
        "allow_headers": Key(
            _HEADERS,
            "Request headers that scripts may set, besides the safelisted ones. "
            "Authorization must be named.",
        ),
        "expose_headers": Key(
            _HEADERS, "Response headers that scripts may read, besides the safelisted ones."
        ),
        "allow_credentials": Key(
            Boolean(), "Whether answers to requests with cookies may be read. Default false."
        ),
        "max_age": Key(
            Integer(minimum=-1, maximum=86400),
            "Seconds for which a browser may remember a preflight; -1 and 0: not at all. "
            "Default: the header is left out, and browsers take 5.",
        ),
        "allow_timing": Key(
            Boolean(), "Whether the allowed origins see detailed timings. Default false."
        ),
        "dangerously_allow_null_origin": Key(
            Boolean(),
            'Allow "null" in allow_origins: every sandboxed frame and local file has this origin.',
        ),
        "dangerously_allow_insecure_origins": Key(
            Boolean(),
            "Allow plain http origins with credentials: whoever is on the wire can act as them.",
        ),
        "dangerously_allow_public_suffix_origins": Key(
            Boolean(),
            "Allow wildcards right above a public suffix: anybody can register a member.",
        ),
    },
)

ROUTE = Keys(
    "A route",
    {
        "path": Key(
            Text(pattern=PATH, examples=("/billing",)),
            "Path prefix, matched on whole segments: /billing takes /billing and /billing/x.",
        ),
        "exact": Key(Text(pattern=PATH, examples=("/health",)), "The one path that is taken."),
        "service": Key(_NAME, "Name of the service that answers.", rules.MISSING_KEY),
        "cors": Key(
            Text(examples=("session", "none")),
            "Name of the policy, or none: never for browsers.",
            rules.NO_CORS,
            "There is no default policy: every route says who may read it; `cors: none` says "
            "that no browser may.",
        ),
        "owner": Key(
            Text(choices=("gateway", "service")),
            "Who answers for CORS. Default gateway; service: the gateway leaves it alone.",
        ),
        "host": Key(
            Text(examples=("api.example.com",)), "Take only requests to this host. Default: any."
        ),
        "max_body": Key(_SIZE, "Largest request body on this route. Default: the gateway's."),
        "rate_limit": Key(
            Text(pattern=RATE, examples=("50/s",)), "Requests a second from one client address."
        ),
        "timeout": Key(
            Either(
                (
                    Text(pattern=DURATION, examples=("30s", "2m")),
                    Integer(minimum=1, maximum=9_999_999),
                )
            ),
            "Longest wait for the service, in seconds or as 30s, 2m.",
        ),
    },
    exactly_one=("path", "exact"),
)

_EXPECTATION = Either(
    (Text(), Names(Text(choices=("allowed", "blocked")), at_least=1, named=False))
)

FILE = Keys(
    "The file",
    {
        "version": Key(
            Integer(minimum=VERSION, maximum=VERSION),
            "Version of the format.",
            rules.MISSING_KEY,
        ),
        "gateway": Key(GATEWAY, "The one browser-facing gateway."),
        "origins": Key(
            Names(_ORIGIN_GROUP), "Named groups of origins: one, a list, or a file with a list."
        ),
        "services": Key(
            Names(Text(examples=("http://billing.internal:3002",)), at_least=1),
            "Upstreams by name: scheme://host[:port].",
            rules.MISSING_KEY,
        ),
        "policies": Key(Names(POLICY), "Policies by name: who may read what."),
        "routes": Key(
            Many(ROUTE, at_least=1),
            "Which requests go where, with which policy. The most specific wins.",
            rules.MISSING_KEY,
        ),
        "expect": Key(
            Many(_EXPECTATION),
            "What must stay true, as `POST /billing from app: allowed`; check and verify prove it.",
        ),
    },
)
