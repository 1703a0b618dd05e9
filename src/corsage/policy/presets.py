"""Starting policies, and the questions whose answers fill them in.

The command line only asks; what to ask, what to suggest, and what an answer may be stands here.
A preset filled with valid answers loads without findings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corsage.policy import addresses
from corsage.policy.dangers import dangers
from corsage.policy.origin_text import read_origin
from corsage.policy.origins import OriginPattern
from corsage.policy.paths import route_path
from corsage.policy.problems import Fault, quoted
from corsage.policy.rules import BAD_VALUE, INSECURE_ORIGIN, MISSING_KEY


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask. ``read`` turns what was typed into text for the policy; it raises
    :class:`corsage.policy.problems.Fault`, whose message and ``fix`` are for the one who typed.
    """

    name: str
    text: str
    default: str
    read: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Preset:
    """A starting policy: its name, when to take it, what it asks, and its commented text."""

    name: str
    summary: str
    questions: tuple[Question, ...]
    template: str

    def fill(self, answers: Mapping[str, str] | None = None) -> str:
        """The policy file; what is not answered takes its default. Raises Fault."""
        given = answers or {}
        text = self.template
        for question in self.questions:
            answer = question.read(given.get(question.name, question.default))
            text = text.replace(f"<{question.name}>", answer)
        return text


def _words(text: str) -> Sequence[str]:
    words = text.replace(",", " ").split()
    if not words:
        raise Fault(MISSING_KEY, "at least one is needed")
    return list(dict.fromkeys(words))


def _listen(text: str) -> str:
    return addresses.listen(text.strip())


def _public(text: str) -> str:
    public = addresses.public(text.strip())
    if INSECURE_ORIGIN in dangers(public):
        raise Fault(BAD_VALUE, f"{quoted(public)} is plain http", "Secure pages cannot call it.")
    return public


def _origins(text: str) -> str:
    """Exact origins that may be allowed with credentials."""
    for word in _words(text):
        origin = read_origin(word)
        if isinstance(origin, OriginPattern):
            message = f"{quoted(word)} is a pattern"
            raise Fault(BAD_VALUE, message, "Name the origins one by one.")
        _refuse_dangers(origin)
    return f"[{', '.join(_words(text))}]"


def _previews(text: str) -> str:
    """Patterns for any subdomain of domains of one's own."""
    for word in _words(text):
        origin = read_origin(word)
        if isinstance(origin, str):
            message = f"{quoted(word)} is one origin"
            raise Fault(BAD_VALUE, message, "A pattern is written https://*.preview.example.com.")
        _refuse_dangers(origin)
    return "[" + ", ".join(f'"{word}"' for word in _words(text)) + "]"


def _refuse_dangers(origin: str | OriginPattern) -> None:
    for rule in dangers(origin):
        raise Fault(rule, f"{quoted(str(origin))} cannot be trusted", f"{rule.title}.")


def _service(text: str) -> str:
    return addresses.service_url(text.strip())


def _path_beside(taken: str | None) -> Callable[[str], str]:
    """A path of a route beside the one that the preset brings."""

    def path(text: str) -> str:
        word = route_path(text.strip())
        if word.rstrip("/") == taken:
            raise Fault(BAD_VALUE, f"{taken} is the path of the preset's other route")
        return word

    return path


_LISTEN = Question("listen", "Where does the gateway listen?", "127.0.0.1:8080", _listen)
_PUBLIC = Question("public", "Which origin do browsers call?", "https://api.example.com", _public)
_SERVICE = Question("service", "Where does the service run?", "http://127.0.0.1:3000", _service)
_ORIGINS = Question(
    "origins", "Which origins have the pages of your app?", "https://app.example.com", _origins
)
_PARTNERS = Question(
    "partners", "Which origins have your partners' pages?", "https://partner.example", _origins
)
_PREVIEWS = Question(
    "previews",
    "Under which domain of yours do previews run?",
    "https://*.preview.example.com",
    _previews,
)

_HEAD = """\
# {summary}
# Every key: docs/policy.md. Check it with `corsage check`, run it with `corsage serve`.
version: 1

gateway:
  listen: <listen>
  public: <public>          # the origin that browsers see
"""

_PUBLIC_API = """
services:
  api: <service>

policies:
  public:
    allow_origins: "*"      # every page may read; browsers send no cookies to "*"
    allow_methods: [GET]    # GET, HEAD and POST need no permission; PUT, PATCH, DELETE get none
    expose_headers: [ETag, Link, Retry-After]
    max_age: 600            # seconds that a browser remembers a preflight

routes:
  - {path: <path>, service: api, cors: public}

expect:
  - GET <path> from https://anyone.example: allowed
  - GET <path> with credentials from https://anyone.example: blocked
  - DELETE <path> from https://anyone.example: blocked
"""

_SESSION = """
  session:
    allow_origins: [app]
    allow_credentials: true # cookies travel, so every origin is named
    allow_methods: [GET, POST, PUT, PATCH, DELETE]
    allow_headers: [Authorization, Content-Type, X-Request-Id]
    expose_headers: [ETag, X-Request-Id]
    max_age: 600            # seconds that a browser remembers a preflight
"""

_AUTHENTICATED_APP = f"""
origins:
  app: <origins>

services:
  api: <service>

policies:{_SESSION}
routes:
  - {{path: <path>, service: api, cors: session}}

expect:
  - PUT <path> with credentials and Authorization from app: allowed
  - GET <path> from https://stranger.example: blocked
  - GET <path> from null: blocked
"""

_TRUSTED_FRONTENDS = f"""
origins:
  app: <origins>
  partners: <partners>

services:
  api: <service>

policies:{_SESSION}
  # Partners send tokens; the cookies of your users are not theirs to use.
  tokens:
    allow_origins: [app, partners]
    allow_methods: [GET, POST]
    allow_headers: [Authorization, Content-Type]
    max_age: 600

routes:
  - {{path: <path>, service: api, cors: session}}
  - {{path: /partners, service: api, cors: tokens}}

expect:
  - PUT <path> with credentials from app: allowed
  - GET <path> from partners: blocked
  - GET /partners with Authorization from partners: allowed
  - GET /partners with credentials from partners: blocked
"""

_PREVIEW_DEPLOYMENTS = """
origins:
  app: <origins>
  # Any depth of subdomain, https only. The domain is yours alone: of a host where everybody gets
  # a name (vercel.app, pages.dev, github.io) a wildcard would admit everybody.
  previews: <previews>

services:
  api: <service>
  staging: <staging>

policies:
  production:
    allow_origins: [app]
    allow_credentials: true # cookies travel, so every origin is named
    allow_methods: [GET, POST, PUT, PATCH, DELETE]
    allow_headers: [Authorization, Content-Type]
    max_age: 600            # seconds that a browser remembers a preflight
  # Unreviewed code runs in previews: it reaches the staging service only.
  preview:
    allow_origins: [previews]
    allow_credentials: true
    allow_methods: [GET, POST, PUT, PATCH, DELETE]
    allow_headers: [Authorization, Content-Type]

routes:
  - {path: <path>, service: api, cors: production}
  - {path: /staging, service: staging, cors: preview}

expect:
  - PUT <path> with credentials from app: allowed
  - GET <path> from previews: blocked
  - PUT /staging with credentials from previews: allowed
"""


def _preset(
    name: str, summary: str, body: str, *questions: Question, other_path: str | None = None
) -> Preset:
    path = Question("path", "Under which path?", "/api", _path_beside(other_path))
    asked = (*questions, _SERVICE, path, _LISTEN, _PUBLIC)
    return Preset(name, summary, asked, _HEAD.replace("{summary}", summary) + body)


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        _preset("public-api", "A read-only API that every page may read.", _PUBLIC_API),
        _preset(
            "authenticated-app",
            "One app whose users sign in, on origins of your own.",
            _AUTHENTICATED_APP,
            _ORIGINS,
        ),
        _preset(
            "trusted-frontends",
            "An app of your own, and partners who call with tokens.",
            _TRUSTED_FRONTENDS,
            _ORIGINS,
            _PARTNERS,
            other_path="/partners",
        ),
        _preset(
            "preview-deployments",
            "An app with a preview of every branch, each on a subdomain of its own.",
            _PREVIEW_DEPLOYMENTS,
            _ORIGINS,
            _PREVIEWS,
            Question(
                "staging", "Where does the staging service run?", "http://127.0.0.1:3001", _service
            ),
            other_path="/staging",
        ),
    )
}
"""The presets by name."""
