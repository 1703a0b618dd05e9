import os
import pty
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.check import check_policy
from corsage.cli._init_from import carry_over
from corsage.cli.errors import UsageError
from corsage.policy import load_policy
from corsage.policy.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_policy_without_findings(corsage, preset):
    ran = corsage("init", preset)
    assert ran.code == 0
    assert check_policy(ran.out) == ()
    assert "#" in ran.out


def test_an_answer_is_put_in(corsage):
    ran = corsage("init", "authenticated-app", "--set", "origins=https://shop.example.org")
    assert "app: [https://shop.example.org]" in ran.out


def test_a_bad_answer_says_what_to_write(corsage):
    ran = corsage("init", "authenticated-app", "--set", "origins=https://Shop.example.org/")
    assert ran.code == 2
    assert "https://shop.example.org" in ran.err


def test_an_unknown_answer_or_preset_lists_the_known_ones(corsage):
    assert "origins" in corsage("init", "authenticated-app", "--set", "x=1").err
    assert "did you mean `public-api`" in corsage("init", "public-app").err


def test_a_file_is_not_overwritten_without_force(corsage, tmp_path):
    target = tmp_path / "cors.yaml"
    target.write_text("mine")
    assert corsage("init", "public-api", "-o", str(target)).code == 2
    assert target.read_text() == "mine"
    assert corsage("init", "public-api", "-o", str(target), "--force").code == 0
    assert check_policy(target.read_text()) == ()


def test_on_a_terminal_it_asks_again_until_the_answer_is_good():
    """The questions go to stderr, the policy to stdout."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "corsage", "init"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(ours, b"authenticated-app\nhttps://A.example\nhttps://a.example\n\n\n\n\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert "write: https://a.example" in err
    assert "app: [https://a.example]" in out
    assert check_policy(out) == ()


STARLETTE = """\
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware

ORIGINS = ["https://app.example.com"]
app = Starlette()
app.add_middleware(CORSMiddleware, allow_origins=ORIGINS, allow_methods=["PUT"])
"""
DJANGO = """\
import os

CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
CORS_ALLOWED_ORIGIN_REGEXES = [r"https://[a-z]+\\.example\\.com"]
CORS_ALLOW_CREDENTIALS = os.environ.get("COOKIES") == "yes"
CORS_URLS_REGEX = r"^/api/.*$"
"""
FLASK = """\
from flask_cors import CORS

CORS(app, resources={"/api/*": {"origins": "https://app.example.com"}}, supports_credentials=True)
"""


@pytest.mark.parametrize(
    ("source", "path", "credentials"),
    [(STARLETTE, "/", False), (DJANGO, "/api", False), (FLASK, "/api", True)],
    ids=["starlette", "django", "flask"],
)
def test_an_apps_settings_become_a_policy(corsage, tmp_path, source, path, credentials):
    """The file says where it comes from; what is not known is not granted."""
    (tmp_path / "settings.py").write_text(source)

    ran = corsage("init", "--from", str(tmp_path / "settings.py"))

    assert ran.code == 0
    policy = load_policy(ran.out)
    [rules] = policy.policies.values()
    assert (list(rules.allow_origins), rules.allow_credentials) == (
        ["https://app.example.com"],
        credentials,
    )
    assert [route.path for route in policy.routes] == [path]
    assert ran.out.startswith(f"# From {tmp_path}/settings.py:")


def test_what_is_not_carried_over_is_told_with_its_place_and_reason(corsage, tmp_path):
    (tmp_path / "settings.py").write_text(DJANGO)

    ran = corsage("init", "--from", str(tmp_path))

    place = f"{tmp_path}/settings.py:3: "
    assert f"{place}CORS_ALLOW_CREDENTIALS is not known: it is computed" in ran.err
    assert f"{place}not carried over: CORS_ALLOWED_ORIGIN_REGEXES" in ran.err
    assert "write where the app listens" in ran.err


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (FLASK.replace("https://app.example.com", "*"), "any origin is allowed with credentials"),
        ("from base import *\n" + DJANGO.replace("CORS_URLS", "OTHER"), "without CORS_URLS_REGEX"),
        ("from flask_cors import CORS\nCORS(app, resources=find())\n", "without resources"),
        ("print('no settings')\n", "nothing in it allows any origin"),
        ("CORS_ALLOWED_ORIGINS = [\n", "settings.py:1:24: not Python"),
    ],
)
def test_where_nothing_may_be_carried_over_nothing_is_written(corsage, tmp_path, source, reason):
    (tmp_path / "settings.py").write_text(source)

    ran = corsage("init", "--from", str(tmp_path), "-o", str(tmp_path / "cors.yaml"))

    assert (ran.code, ran.out) == (2, "")
    assert reason in ran.err
    assert not (tmp_path / "cors.yaml").exists()


def test_two_apps_are_not_made_one(corsage, tmp_path):
    (tmp_path / "a.py").write_text(STARLETTE)
    (tmp_path / "b.py").write_text(FLASK)
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "c.py").write_text(FLASK)

    ran = corsage("init", "--from", str(tmp_path))

    assert ran.code == 2
    assert "a.py:6 (Starlette)" in ran.err
    assert "b.py:3 (flask-cors)" in ran.err
    assert "c.py" not in ran.err


def test_the_source_is_not_run(corsage, tmp_path):
    ran_it = tmp_path / "ran"
    (tmp_path / "app.py").write_text(f"open({str(ran_it)!r}, 'w')\n{STARLETTE}")

    assert corsage("init", "--from", str(tmp_path / "app.py")).code == 0
    assert not ran_it.exists()


def test_settings_and_a_preset_are_two_sources(corsage):
    assert corsage("init", "public-api", "--from", "x.py").code == 2


_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from(["*", "https://a.example", "/api/*", ".*", "null"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_NAMES = ["allow_origins", "allow_origin_regex", "allow_methods", "allow_headers", "max_age"]
_NAMES += [
    "allow_credentials",
    "expose_headers",
    "origins",
    "methods",
    "resources",
    "send_wildcard",
]
_NAMES += ["supports_credentials", "unheard_of"]


@pytest.mark.parametrize("start", ["starlette.middleware.cors CORSMiddleware", "flask_cors CORS"])
@given(options=st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_of_a_setting_crashes_it(tmp_path, start, options):
    """Either a policy that loads, or a refusal."""
    module, name = start.split()
    arguments = ", ".join(f"{key}={value!r}" for key, value in options.items())
    path = tmp_path / "app.py"
    path.write_text(f"from {module} import {name}\n{name}(app, {arguments})\n")
    try:
        carried = carry_over([str(path)])
    except UsageError:
        return
    assert load_policy(carried.text)
