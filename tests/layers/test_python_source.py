"""Python source is read, not run: what it shows is known, and all else is said to be unknown."""

from __future__ import annotations

import ast
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corsage.layers.python_source import SourceError, uses

IMPORT = "from starlette.middleware.cors import CORSMiddleware\n"
CALL = "app.add_middleware(CORSMiddleware, allow_origins=ORIGINS)\n"


def _origins(source: str) -> object:
    """The origins that Starlette is given, or why they are not known."""
    [use] = uses(IMPORT + source)
    return use.values.get("allow_origins", [u.why for u in use.unknown])


@pytest.mark.parametrize(
    "source",
    [
        "app.add_middleware(CORSMiddleware, allow_origins=['https://a.example'])",
        "CORSMiddleware(app, allow_origins=('https://a.example',))",
        "[Middleware(CORSMiddleware, allow_origins=['https://' + 'a.example'])]",
        "A = 'https://a.example'\nORIGINS: list[str] = [A]\n" + CALL,
        "A = ['https://a.example']\nORIGINS = [*A]\nOTHER = ORIGINS\n" + CALL,
        "ORIGINS = list(('https://a.example',))\ndef make():\n    " + CALL,
    ],
)
def test_literals_and_names_that_are_bound_once_are_known(source: str) -> None:
    assert _origins(source) == ["https://a.example"]


@pytest.mark.parametrize(
    "source",
    [
        "import os\nORIGINS = os.environ['ORIGINS'].split()\n" + CALL,
        "from settings import ORIGINS\n" + CALL,
        "ORIGINS = []\nORIGINS = ['https://a.example']\n" + CALL,
        "ORIGINS = []\nORIGINS += ['https://a.example']\n" + CALL,
        "ORIGINS = []\nORIGINS.append('https://a.example')\n" + CALL,
        "ORIGINS = []\nOTHER = ORIGINS\nOTHER.append('https://a.example')\n" + CALL,
        "ORIGINS = []\nOTHER = ORIGINS\nLAST = OTHER\nLAST.append('')\n" + CALL,
        "ORIGINS = []\nBOX = {'o': ORIGINS}\nBOX['o'].append('https://a.example')\n" + CALL,
        "ORIGINS = ['']\nORIGINS[0] = 'https://a.example'\n" + CALL,
        "ORIGINS = []\nfill(ORIGINS)\n" + CALL,
        "if DEBUG:\n    ORIGINS = ['https://a.example']\n" + CALL,
        "ORIGINS = []\nfrom settings import *\n" + CALL,
        "ORIGINS = []\nglobals()['ORI' + 'GINS'] = ['https://a.example']\n" + CALL,
        "ORIGINS = []\ndef make(ORIGINS):\n    " + CALL,
        "ORIGINS = []\nfor ORIGINS in lists:\n    " + CALL,
        "ORIGINS = [f'https://{HOST}']\n" + CALL,
        "ORIGINS = ORIGINS\n" + CALL,
        CALL + "ORIGINS = []\n",
        "CORSMiddleware(app, ['https://a.example'])",
        "CORSMiddleware(app, **options)",
    ],
)
def test_whatever_may_be_something_else_is_unknown(source: str) -> None:
    [why] = _origins(source)  # type: ignore[misc]  # a list of one reason

    assert isinstance(why, str)


def test_a_class_of_the_same_name_is_not_starlettes() -> None:
    assert uses("from mine import CORSMiddleware\nCORSMiddleware(app, allow_origins=[])") == []


def test_djangos_settings_are_read_by_their_old_names_too() -> None:
    [use] = uses(
        "from corsheaders.defaults import default_headers\n"
        "CORS_ORIGIN_WHITELIST = ('https://a.example',)\n"
        "CORS_ALLOW_HEADERS = [*default_headers, 'x-mine']\n"
        "if DEBUG:\n    CORS_ALLOW_ALL_ORIGINS = True\n"
    )

    assert (use.library, use.line) == ("django-cors-headers", 2)
    assert use.values["CORS_ALLOWED_ORIGINS"] == ["https://a.example"]
    assert use.values["CORS_ALLOW_HEADERS"][-1] == "x-mine"
    assert [(u.name, u.line) for u in use.unknown] == [("CORS_ALLOW_ALL_ORIGINS", 5)]


def test_what_a_star_import_may_set_is_unknown() -> None:
    [use] = uses("from base import *\nCORS_ALLOWED_ORIGINS = ['https://a.example']\n")

    assert use.values == {"CORS_ALLOWED_ORIGINS": ["https://a.example"]}
    assert [u.name for u in use.unknown] == ["*"]


@pytest.mark.parametrize(
    "source",
    [
        "from flask_cors import CORS\ncors = CORS()\ncors.init_app(app, origins='*')",
        "from flask_cors import cross_origin\n@cross_origin(origins='*')\ndef view(): ...",
        "import flask_cors\nflask_cors.CORS(app)\napp.config['CORS_ORIGINS'] = other()",
    ],
)
def test_flask_cors_that_is_told_elsewhere_is_unknown(source: str) -> None:
    assert all(use.unknown and not use.values for use in uses(source))
    assert uses(source)


def test_doubling_a_list_again_and_again_ends_soon() -> None:
    names = [f"A{n} = A{n - 1} + A{n - 1}\n" for n in range(1, 200)]

    assert _origins("A0 = ['x']\n" + "".join(names) + "ORIGINS = A199\n" + CALL) == [
        "it is too large to be read"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000,
        "1" + "+1" * 50_000,
        "\0",
        "def",
        "x = '\ud800'",
        "-" * 50_000 + "1",
        "a." * 20_000,
    ],
)
def test_hostile_source_is_read_or_refused(source: str) -> None:
    with suppress(SourceError):
        uses(IMPORT + source)


_WORDS = st.sampled_from(
    [
        *(IMPORT, CALL, "from flask_cors import *\n", "import re\n", "CORS_ALLOWED_ORIGINS"),
        *("ORIGINS", " = ", "[", "]", "(", ")", "{", "}", "*", "**", ",", ":", "\n", "'x'", "1"),
        *("None", "+", ".", "re.compile", "list", "lambda", "if x:\n ", "def f(a):\n "),
        *("match x:\n case ", "\\", "\0"),
    ]
)


@given(st.one_of(st.text(), st.lists(_WORDS, max_size=30).map("".join)))
def test_no_source_crashes_the_reader(source: str) -> None:
    source = IMPORT + source
    try:
        found = uses(source)
    except SourceError:
        with pytest.raises((SyntaxError, ValueError, RecursionError, MemoryError)):
            ast.parse(source)
    else:
        assert [use.line for use in found] == sorted(use.line for use in found)
