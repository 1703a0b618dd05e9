"""A misconfiguration is refused when the app is built, with all that is wrong at once."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import corsage
from corsage import Cors
from corsage.middleware import AsgiCors, WsgiCors
from corsage.policy import PolicyError
from tests.middleware.exchange import ALLOWED, App

_SOURCE = Path(corsage.__file__).parents[1]
_POLICY = Path(__file__).parents[1] / "data" / "policies" / "public-api.yaml"


def test_all_problems_are_told_at_once_by_the_ids_of_a_policy_file() -> None:
    with pytest.raises(PolicyError) as refused:
        Cors(
            App().asgi,
            allow_origins=["https://App.example.com/", "*", "null", "http://x.example"],
            allow_credentials=True,
            allow_headers="*",
            allow_method=["PUT"],
            max_age="600",
        )

    assert {(problem.file, problem.rule) for problem in refused.value.problems} == {
        ("allow_origins[0]", "CORS010"),
        ("allow_origins[1]", "CORS012"),
        ("allow_origins[2]", "CORS013"),
        ("allow_origins[3]", "CORS014"),
        ("allow_headers", "CORS030"),
        ("allow_method", "CORS004"),
        ("max_age", "CORS006"),
    }
    text = str(refused.value)
    assert 'allow_origins[0]: "https://App.example.com/"' in text
    assert "write: https://app.example.com" in text
    assert "write: allow_methods" in text


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"allow_origins": []},
        {"allow_origins": None},
        {"allow_origins": b"https://app.example.com"},
        {"allow_origins": 3},
        {"allow_origins": [["https://app.example.com"]]},
        {"allow_origins": {"https://app.example.com": True}},
        {"allow_origins": "https://*.co.uk"},
        {"allow_origins": ALLOWED, "allow_credentials": "yes"},
        {"allow_origins": ALLOWED, "max_age": 10**30},
        {"allow_origins": ALLOWED, "origin_ttl": 60},
        {"allow_origins": lambda origin: True, "origin_ttl": -1},
        {"allow_origins": lambda origin: True, "origin_ttl": float("nan")},
        {"allow_origins": lambda origin: True, "allow_headers": ["*"], "allow_credentials": True},
        {"service": "billing"},
    ],
    ids=repr,
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        Cors(App().asgi, **options)


def test_an_unknown_setting_for_stray_headers_is_refused() -> None:
    with pytest.raises(ValueError, match='stray=\'all\' is not one of "own", "respect"'):
        Cors(App().asgi, allow_origins=ALLOWED, stray="all")


def test_a_warning_of_the_checks_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    Cors(App().asgi, allow_origins=ALLOWED, max_age=86400)

    assert "max_age: Chromium remembers a preflight" in caplog.text


class _CallableApp:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...


class _AsyncCallableApp:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


async def _async_app(scope: Any, receive: Any, send: Any) -> None: ...


@pytest.mark.parametrize(
    ("app", "kind"),
    [
        (_async_app, AsgiCors),
        (_AsyncCallableApp(), AsgiCors),
        (functools.partial(_async_app), AsgiCors),
        (lambda scope, receive, send: None, AsgiCors),
        (_CallableApp(), WsgiCors),
        (lambda environ, start_response: [], WsgiCors),
        (App().wsgi, WsgiCors),
    ],
)
def test_the_interface_is_seen_from_the_app(app: Any, kind: type[Cors]) -> None:
    cors = Cors(app, allow_origins=ALLOWED)

    assert type(cors) is kind
    assert type(Cors(cors, allow_origins=ALLOWED)) is kind


@pytest.mark.parametrize("app", [lambda *args: None, lambda: None, 3, "module:app"])
def test_what_could_be_either_interface_has_to_be_named(app: Any) -> None:
    with pytest.raises(TypeError, match=r"use corsage\.middleware\.AsgiCors or WsgiCors"):
        Cors(app, allow_origins=ALLOWED)

    assert type(WsgiCors(app, allow_origins=ALLOWED)) is WsgiCors


def test_the_keywords_need_nothing_but_the_standard_library() -> None:
    """In an interpreter without site-packages."""
    code = """
import sys
sys.path.insert(0, sys.argv[1])
from corsage import Cors

async def app(scope, receive, send): ...

Cors(app, allow_origins=["https://app.example.com"], allow_credentials=True)
for options in ({"allow_origins": ["https://*.example.com"]}, {"policy": sys.argv[2]}):
    try:
        Cors(app, **options)
    except ModuleNotFoundError as error:
        print(error)
"""
    source = str(_SOURCE)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, source, str(_POLICY)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.stdout.splitlines() == [
        "a wildcard origin needs publicsuffixlist: pip install 'corsage[tools]'",
        "a policy file needs yaml: pip install 'corsage[tools]'",
    ]


def test_importing_the_package_alone_loads_none_of_its_rooms() -> None:
    code = "import corsage, sys; print([m for m in sys.modules if m.startswith('corsage.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )

    assert done.stdout == "[]\n"
