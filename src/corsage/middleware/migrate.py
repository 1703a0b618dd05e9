"""The settings of other libraries as a policy, for ``Cors(app, policy=...)`` and for a file.

Each function takes its library's own names and defaults, and returns what they mean. What cannot
be meant safely (any origin with credentials, a regular expression that says more than a list of
hosts) is refused with all the reasons at once. ``docs/middleware.md`` lists what changes;
:func:`corsage.policy.dump.dump_policy` writes the policy as a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from corsage.middleware.options import checked, problem_of
from corsage.middleware.regexes import origins_of, prefix_of
from corsage.policy import rules
from corsage.policy.model import Policy
from corsage.policy.problems import Problem, quoted

_STARLETTE_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
_DJANGO_METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
_DJANGO_HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "user-agent",
    "x-csrftoken",
    "x-requested-with",
)
_FLASK_METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
FLASK_UNUSED = {
    "allow_private_network",
    "always_send",
    "automatic_options",
    "intercept_exceptions",
    "send_wildcard",
    "vary_header",
}
# What flask-cors takes for a regular expression.
_FLASK_REGEX = set("*\\]?$^[]()")


def from_starlette(
    *,
    allow_origins: Iterable[str] = (),
    allow_methods: Iterable[str] = ("GET",),
    allow_headers: Iterable[str] = (),
    allow_credentials: bool = False,
    allow_origin_regex: str | None = None,
    allow_private_network: bool = False,  # noqa: ARG001 -- accepted: browsers no longer ask
    expose_headers: Iterable[str] = (),
    max_age: int | None = 600,
) -> Policy:
    """The arguments of Starlette's and FastAPI's ``CORSMiddleware`` (1.10).

    Raises :class:`~corsage.policy.PolicyError`.
    """
    methods = list(allow_methods)
    found: list[Problem] = []
    policy = {
        "allow_origins": [
            *allow_origins,
            *_meant_by([allow_origin_regex], "allow_origin_regex", found),
        ],
        "allow_methods": list(_STARLETTE_METHODS) if "*" in methods else methods,
        "allow_headers": _any_header(allow_headers),
        "expose_headers": list(expose_headers),
        "allow_credentials": allow_credentials,
        **_given("max_age", max_age),
    }
    return checked({"app": policy}, [{"path": "/", "cors": "app"}], found)


def from_django_cors_headers(settings: Any) -> Policy:
    """The ``CORS_*`` settings of django-cors-headers (4.9): ``django.conf.settings``, a settings
    module, or a mapping.

    A ``check_request_enabled`` signal is code, and not seen here: give ``Cors`` a callable.
    Raises :class:`~corsage.policy.PolicyError`.
    """

    def setting(name: str, default: Any) -> Any:
        if isinstance(settings, Mapping):
            return settings.get(name, default)
        return getattr(settings, name, default)

    found: list[Problem] = []
    regexes = setting("CORS_ALLOWED_ORIGIN_REGEXES", ())
    named = [
        *setting("CORS_ALLOWED_ORIGINS", ()),
        *_meant_by(regexes, "CORS_ALLOWED_ORIGIN_REGEXES", found),
    ]
    policy = {
        "allow_origins": ["*"] if setting("CORS_ALLOW_ALL_ORIGINS", False) else named,
        "allow_methods": list(setting("CORS_ALLOW_METHODS", _DJANGO_METHODS)),
        "allow_headers": list(setting("CORS_ALLOW_HEADERS", _DJANGO_HEADERS)),
        "expose_headers": list(setting("CORS_EXPOSE_HEADERS", ())),
        "allow_credentials": setting("CORS_ALLOW_CREDENTIALS", False),
        # There, 0 leaves the header out.
        **_given("max_age", setting("CORS_PREFLIGHT_MAX_AGE", 86400) or None),
    }
    path = _prefix(setting("CORS_URLS_REGEX", r"^.*$"), "CORS_URLS_REGEX", found)
    return checked({"app": policy}, [{"path": path, "cors": "app"}], found)


def from_flask_cors(resources: Any = r"/*", **options: Any) -> Policy:
    """The arguments of flask-cors's ``CORS(app, ...)`` (6.0): ``resources`` and the options that
    all of them share.

    Options about how flask-cors works (``always_send``, ``vary_header``, ...) have no meaning
    here. Raises :class:`~corsage.policy.PolicyError`.
    """
    if isinstance(resources, str | re.Pattern):
        resources = [resources]
    if not isinstance(resources, Mapping):
        resources = {pattern: {} for pattern in resources}
    found: list[Problem] = []
    policies: dict[str, Mapping[str, Any]] = {}
    routes = []
    for number, (pattern, own) in enumerate(resources.items(), 1):
        name = f"resource{number}"
        policies[name] = _of_flask({**options, **own}, found)
        text = _text(pattern)
        if isinstance(pattern, str) and not _FLASK_REGEX & set(text):
            routes.append({"exact": text, "cors": name})
        else:
            routes.append({"path": _prefix(text, "resources", found), "cors": name})
    return checked(policies, routes, found)


def _of_flask(options: Mapping[str, Any], found: list[Problem]) -> dict[str, Any]:
    given = {name: value for name, value in options.items() if name not in FLASK_UNUSED}
    origins: list[str] = []
    for origin in _listed(given.pop("origins", "*")):
        if origin in ("*", ".*"):
            origins.append("*")
        elif isinstance(origin, str) and ("://*." in origin or not _FLASK_REGEX & set(origin)):
            # flask-cors reads https://*.example.com as a regular expression, which admits other
            # hosts and not these; here it is what its author means.
            origins.append(origin)
        else:
            origins += _meant_by([origin], "origins", found)
    max_age = given.pop("max_age", None)
    if isinstance(max_age, timedelta):
        max_age = int(max_age.total_seconds())
    return {
        "allow_origins": origins,
        "allow_methods": [str(m).upper() for m in _listed(given.pop("methods", _FLASK_METHODS))],
        "allow_headers": _any_header(_listed(given.pop("allow_headers", "*"))),
        "expose_headers": _listed(given.pop("expose_headers", None) or ()),
        "allow_credentials": bool(given.pop("supports_credentials", False)),
        **_given("max_age", None if max_age is None else int(max_age)),
        **given,  # unknown options: the check says so
    }


def _meant_by(expressions: Iterable[Any], label: str, found: list[Problem]) -> list[str]:
    """The origins that regular expressions mean; what cannot be read is added to ``found``."""
    origins: list[str] = []
    for expression in filter(None, expressions):
        text = _text(expression)
        read = origins_of(text)
        if read is None:
            message = f"the regular expression {quoted(text)} says more than a list of origins"
            why = (
                "A policy has none: they let in what nobody meant. Write the origins it stands for."
            )
            fix = "https://app.example.com or https://*.example.com"
            found.append(problem_of(label, rules.BAD_VALUE, message, why, fix))
        origins += read or ()
    return origins


def _prefix(expression: Any, label: str, found: list[Problem]) -> str:
    prefix = prefix_of(_text(expression))
    if prefix is None:
        message = f"the regular expression {quoted(_text(expression))} is not the prefix of a path"
        why = "A policy's routes are prefixes and single paths; write each as a route."
        found.append(problem_of(label, rules.BAD_PATH, message, why))
    return prefix or "/"


def _any_header(names: Iterable[str]) -> list[str]:
    # These libraries mirror what is asked for; to a browser a star does not cover Authorization.
    names = list(names)
    return ["*", "Authorization"] if "*" in names else names


def _given(name: str, value: object) -> dict[str, object]:
    return {} if value is None else {name: value}


def _listed(value: Any) -> list[Any]:
    """One or many, as flask-cors takes them."""
    is_one = isinstance(value, str | re.Pattern)
    return [value] if is_one else list(value)


def _text(pattern: Any) -> str:
    return str(pattern.pattern) if isinstance(pattern, re.Pattern) else str(pattern)
