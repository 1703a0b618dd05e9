"""What flask-cors does otherwise, each fact shown on the library itself."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from flask_cors import CORS

from corsage import Cors
from corsage.middleware.migrate import from_flask_cors
from tests.middleware.exchange import ALLOWED, REFUSED, Answer, App, ask_wsgi, preflight

OTHER = "https://admin.example.com"
THEIRS: dict[str, Any] = {"origins": [ALLOWED, OTHER], "supports_credentials": True}
OURS: dict[str, Any] = {"allow_origins": [ALLOWED, OTHER], "allow_credentials": True}


def flask(own: tuple[tuple[str, str], ...] = ()) -> Flask:
    app = Flask(__name__)

    @app.route("/", methods=["GET", "PUT"])
    def page() -> Any:
        return "from the app", 200, dict(own)

    return app


def theirs(app: Flask | None = None, options: Any = THEIRS, **asking: Any) -> Answer:
    app = app or flask()
    CORS(app, **options)
    return ask_wsgi(app, **asking)


def ours(app: Flask | None = None, options: Any = OURS, **asking: Any) -> Answer:
    app = app or flask()
    app.wsgi_app = Cors(app.wsgi_app, **options)  # type: ignore[method-assign]
    return ask_wsgi(app, **asking)


def test_it_allows_every_origin_with_credentials_for_a_star() -> None:
    answer = theirs(
        options={"origins": "*", "supports_credentials": True}, headers=(("Origin", REFUSED),)
    )

    assert answer.cors()["access-control-allow-origin"] == REFUSED
    assert answer.cors()["access-control-allow-credentials"] == "true"


def test_it_gives_a_request_without_an_origin_somebodys() -> None:
    """A cache keeps that answer, and every other origin gets it."""
    assert theirs().all("access-control-allow-origin") == [OTHER]
    assert ours().cors() == {}


def test_it_does_not_vary_for_a_refused_origin() -> None:
    """A cache keeps the answer without headers, and the allowed origin gets it."""
    asking = {"headers": (("Origin", REFUSED),)}

    assert theirs(**asking).vary() == []
    assert ours(**asking).vary() == ["origin"]


def test_a_wildcard_is_a_regular_expression_there() -> None:
    """Which lets in other hosts, and not the ones that are meant."""
    wildcard = ["https://*.example.com", OTHER]
    meant, other = "https://a.example.com", "https://xexample.com.evil.example"
    asked = [
        [ask(options=options, headers=(("Origin", origin),)).cors() for origin in (meant, other)]
        for ask, options in ((theirs, {"origins": wildcard}), (ours, {"allow_origins": wildcard}))
    ]

    assert [[bool(answer) for answer in answers] for answers in asked] == [
        [False, True],
        [True, False],
    ]


def test_its_expressions_have_no_end() -> None:
    answer = theirs(
        options={"origins": [r"https://.*\.example\.com"]},
        headers=(("Origin", "https://a.example.com.evil.example"),),
    )

    assert "access-control-allow-origin" in answer.cors()


def test_it_allows_an_origin_in_any_case() -> None:
    asking = {"headers": (("Origin", ALLOWED.upper()),)}

    assert theirs(**asking).cors()["access-control-allow-origin"] == ALLOWED.upper()
    assert ours(**asking).cors() == {}


def test_its_paths_are_expressions_too() -> None:
    """``/api/*`` takes whatever begins with ``/api``; a policy's prefix ends with a segment."""
    resources = {r"/api/*": {"origins": [ALLOWED, OTHER]}}
    asking = {"path": "/apiary", "headers": (("Origin", ALLOWED),)}
    policy = from_flask_cors(resources)

    assert theirs(options={"resources": resources}, **asking).cors() != {}
    assert ours(options={"policy": policy}, **asking).cors() == {}
    assert ours(options={"policy": policy}, **{**asking, "path": "/api/x"}).cors() != {}


def test_its_preflights_run_the_apps_hooks() -> None:
    """A login that wants a cookie refuses every preflight: browsers send none with it."""

    def with_login() -> Flask:
        app = flask()

        @app.before_request
        def login() -> None:
            if "session" not in request.cookies:
                abort(401)

        return app

    assert theirs(with_login(), **preflight(ALLOWED)).status == 401
    assert ours(with_login(), **preflight(ALLOWED)).status == 204


def test_it_is_silent_where_the_app_sets_an_origin_itself() -> None:
    """So one forgotten header takes the credentials away. Cors does so on ``stray="respect"``."""
    own = (("Access-Control-Allow-Origin", "*"),)
    asking = {"headers": (("Origin", ALLOWED),)}

    assert theirs(flask(own), **asking).cors() == {"access-control-allow-origin": "*"}
    assert ours(flask(own), **asking).cors() == {
        "access-control-allow-origin": ALLOWED,
        "access-control-allow-credentials": "true",
    }


def test_its_preflight_answers_only_what_was_asked() -> None:
    """The console cannot say which headers would have been allowed."""
    options = {**THEIRS, "allow_headers": ["X-Token"]}
    line = ("Access-Control-Request-Headers", "x-other")
    answer = theirs(options=options, **preflight(ALLOWED, "PUT", line))
    allowing = ours(options={**OURS, "allow_headers": ["X-Token"]}, **preflight(ALLOWED))

    assert "access-control-allow-headers" not in answer.cors()
    assert allowing.cors()["access-control-allow-headers"] == "X-Token"


def test_an_app_of_its_own_works_with_cors_of_the_whole_app() -> None:
    """``Cors(app)`` is the WSGI app to serve; ``app.wsgi_app = Cors(app.wsgi_app)`` keeps
    ``flask run`` and the test client."""
    answer = ask_wsgi(Cors(flask(), **OURS), headers=(("Origin", ALLOWED),))

    assert answer.body == b"from the app"
    assert answer.cors()["access-control-allow-origin"] == ALLOWED


def test_apps_that_are_not_flask_need_nothing_else() -> None:
    assert ask_wsgi(Cors(App().wsgi, **OURS), **preflight(ALLOWED)).status == 204
