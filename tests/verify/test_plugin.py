"""The policy as tests of somebody else's suite."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.verify.deployment import POLICY, Deployment, deployed
from tests.verify.test_drift import within

pytest_plugins = ["pytester"]

TEXT = POLICY.format_map(dict.fromkeys(("gateway", "orders", "search", "files"), "127.0.0.1:1"))


def options(deployment: Deployment) -> tuple[str, ...]:
    return "--corsage", str(deployment.policy), "--corsage-url", deployment.url


@pytest.mark.nginx
def test_every_clause_is_a_test_with_a_name_that_can_be_read_and_chosen(pytester, faithful) -> None:
    pytester.makepyfile("def test_own(): pass")
    ran = pytester.runpytest_inprocess(*options(faithful), "-v", "-k", "orders and method or own")
    ran.stdout.fnmatch_lines_random(
        [
            "test_every_clause*.py::test_own PASSED*",
            "*cors.yaml::/orders-app-the method PATCH PASSED*",
            "*cors.yaml::/orders-app-the method DELETE PASSED*",
        ]
    )
    outcome = ran.parseoutcomes()
    assert outcome["passed"] > 5
    assert outcome["deselected"] > 80
    assert ran.ret == 0


@pytest.mark.nginx
def test_a_drift_fails_the_tests_of_its_clauses_and_says_why(pytester, folder) -> None:
    with deployed(folder, within("/orders", "GET, PUT, PATCH", "GET, PUT")) as deployment:
        ran = pytester.runpytest_inprocess(*options(deployment))
    ran.assert_outcomes(failed=2, passed=ran.parseoutcomes()["passed"])
    ran.stdout.fnmatch_lines(
        [
            "*the policy allows, the deployment blocks: PATCH /orders from *",
            "*cors.yaml:27",
            "*curl -i -X OPTIONS http://127.0.0.1:*",
        ]
    )
    ran.stdout.no_fnmatch_line("*Traceback*")
    assert ran.ret == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--corsage", "nowhere.yaml"], "*nowhere.yaml: *No such file*"),
        (["--corsage", "typo.yaml"], "*typo.yaml: *"),
        (["--corsage", "good.yaml", "--corsage-url", "nonsense"], "*--corsage-url nonsense: *"),
    ],
)
def test_misuse_is_said_in_one_line(pytester, arguments, said) -> None:
    pytester.path.joinpath("typo.yaml").write_text("verison: 1\n")
    pytester.path.joinpath("good.yaml").write_text(TEXT)
    ran = pytester.runpytest_inprocess(*arguments)
    ran.stderr.fnmatch_lines([f"ERROR: {said}"])
    assert ran.ret == pytest.ExitCode.USAGE_ERROR


def test_without_the_packages_of_the_tools_it_says_what_to_install(pytester) -> None:
    script = """
import sys, pytest
sys.modules["rich"] = None
options = ["-p", "no:cov", "-p", "no:hypothesispytest", "--corsage", "cors.yaml"]
sys.exit(pytest.main(options))
"""
    ran = pytester.run(sys.executable, "-c", script)
    ran.stderr.fnmatch_lines(["ERROR: --corsage needs the Python package rich: pip install *"])


def test_without_the_option_it_imports_nothing() -> None:
    script = "import sys, corsage.pytest_plugin; print([m for m in sys.modules if 'corsage.' in m])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(ran.stdout.strip("[]\n").split(", ")) <= {
        "'corsage.pytest_plugin'",
        "'corsage.lazy'",
    }


OWN = """\
version: 1
gateway: {public: 'https://api.example.com'}
services: {api: 'http://127.0.0.1:1'}
policies:
  app: {allow_origins: 'https://app.example.com', allow_methods: [GET, PUT]}
routes: [{path: /, service: api, cors: app}]
"""

APPS = """
from corsage import Cors
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

ORIGINS = ["https://app.example.com"]

def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]

def asgi():
    def broken(request):
        raise RuntimeError("broken")
    cors = Middleware(CORSMiddleware, allow_origins=ORIGINS, allow_methods=["GET", "PUT"])
    routes = [Route("/", lambda request: PlainTextResponse("hello")), Route("/x", broken)]
    return Starlette(routes=routes, middleware=[cors])

def test_with_the_policy(corsage_app):
    corsage_app(Cors(wsgi, allow_origins=ORIGINS, allow_methods=["GET", "PUT"]), "cors.yaml")

def test_without_cors(corsage_app):
    corsage_app(wsgi)

def test_with_a_method_less(corsage_app):
    corsage_app(Cors(wsgi, allow_origins=ORIGINS, allow_methods=["GET"]))

def test_asgi_whose_crashes_are_unreadable(corsage_app):
    corsage_app(asgi())
"""


def test_apps_in_the_same_process_are_held_to_a_policy(pytester) -> None:
    pytester.makepyfile(APPS)
    pytester.path.joinpath("cors.yaml").write_text(OWN)
    ran = pytester.runpytest_inprocess()
    ran.assert_outcomes(failed=3, passed=1)
    ran.stdout.fnmatch_lines(
        [
            "*_ test_without_cors _*",
            "*Access-Control-Allow-Origin is missing, from preflights too*",
            "*_ test_with_a_method_less _*",
            "*Access-Control-Allow-Methods lacks PUT*",
            "*_ test_asgi_whose_crashes_are_unreadable _*",
            "*GET /x from https://app.example.com*is missing on the 500*",
        ]
    )
