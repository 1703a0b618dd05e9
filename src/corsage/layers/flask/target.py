"""Flask: two hooks, registered before any other.

Flask-CORS cannot keep a policy: it answers preflights inside of the routing (after the app's own
before_request functions, and with a 404 where there is no view), compares origins without case,
sends an origin and credentials to requests that have none, and leaves Vary out for strangers
(6.0.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from corsage.layers import application, python
from corsage.layers.clauses import table
from corsage.layers.target import Clause, Fate, File, Hop, Target, Version, Versions
from corsage.policy.model import Policy

_DOCSTRING = """\
CORS for the routes that this service answers itself.

Written by `corsage render flask`: change the policy and render again, not this file.

    app = Flask(__name__)
    init_cors(app)  # the next line: before other hooks, such as those that ask for a login
"""

_IMPORTS = """\
import re
from collections.abc import Mapping
from typing import NamedTuple

from flask import Flask, Response, request
"""

_MIDDLEWARE = """\
def decision() -> tuple[bool, tuple[Policy, ...], Policy | None]:
    # Whether it is a preflight to answer, who may grant the request, and who does.
    route = find_route(@FIND@)
    policies = UNROUTED if route is None else route.policies
    owned = route is None or not route.gateway
    origin = request.headers.get("Origin")
    granted = next((policy for policy in policies if policy.admits(origin)), None)
    asked = dict(request.headers)
    return owned and is_preflight(request.method, asked), policies, granted


def answer_preflight() -> Response | None:
    preflight, _, granted = decision()
    return Response(status=204 if granted else 403) if preflight else None


def own(response: Response) -> Response:
    # What views and other hooks set goes; the policy alone says who may read.
    for name in {*filter(is_cors, response.headers.keys())}:
        del response.headers[name]
    preflight, policies, granted = decision()
    vary = ",".join(response.headers.getlist("Vary")).lower().split(",")
    if preflight:
        response.headers["Vary"] = PREFLIGHT_VARY
    elif not {"origin", "*"} & {name.strip() for name in vary} and any(
        not policy.any_origin for policy in policies
    ):
        response.headers.add("Vary", "Origin")
    if granted is not None:
        others = granted.preflight if preflight else granted.actual
        response.headers.update(granted.headers(request.headers.get("Origin"), others))
    return response


def init_cors(app: Flask) -> None:
    app.before_request(answer_preflight)
    app.after_request(own)  # Flask runs these in reverse: the first comes last
"""

_ROWS: Mapping[str, tuple[Fate, str]] = python.rows(
    {
        "preflights": ("idiom", "answered by the first before_request function"),
        "the service's own CORS headers": ("idiom", "removed by the last after_request function"),
        "errors": (
            "weaker",
            "404, 405, 500 and redirects carry the headers; a 400 of the WSGI server does not",
        ),
    }
)


def files(policy: Policy) -> tuple[File, ...]:
    """``cors_policy.py``, a module with one function to call."""
    find = "request.path"
    if application.uses_hosts(policy):
        find = f"request.host, {find}"
    middleware = _MIDDLEWARE.replace("@FIND@", find)
    return (File("cors_policy.py", python.module(policy, _DOCSTRING, _IMPORTS, middleware)),)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """The fidelity table of Flask for ``policy``."""
    return table(policy, _ROWS)


def behave(policy: Policy) -> Hop:
    """The hooks as a hop: exactly the reference."""
    return application.behave(policy, path_of=unquote)


TARGET = Target(
    name="flask",
    title="Flask",
    family="application",
    proven="Flask 3.1 on Werkzeug 3.1",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=Versions(
        product="Flask",
        proven="3.1",
        rows=(Version("2.3", "the oldest release that the output has been run on"),),
    ),
)
