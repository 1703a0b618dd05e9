"""Source that was written to hurt, or is broken, is read or refused; soon, and without a crash."""

from __future__ import annotations

import pickle
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.layers.apps import grammar
from corsage.layers.javascript_apps import READER as JAVASCRIPT
from corsage.layers.python_apps import READER as PYTHON
from corsage.layers.source import Reader, Source, UnreadableError
from corsage.layers.spring.read import READER as SPRING
from tests.layers.apps import express_apps, fastify_apps
from tests.layers.apps.test_spring_predictions import _SOURCES

_PYTHON = """
import os
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
ORIGINS = os.getenv("ORIGINS", "https://a.example.com").split(",")
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=[*ORIGINS], allow_credentials=True)
@app.middleware("http")
async def own(request, call_next):
    response = await call_next(request)
    if request.headers.get("origin") in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = request.headers["origin"]
    return response
CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://.*$"]
"""
_SEEDS: list[tuple[Reader, str, str]] = [
    (PYTHON, "a.py", _PYTHON),
    *((JAVASCRIPT, "a.js", text) for text in express_apps.SOURCES.values()),
    *((JAVASCRIPT, "a.ts", text) for text in fastify_apps.SOURCES.values()),
    *((SPRING, "A.java", path.read_text(encoding="utf-8")) for path in _SOURCES.glob("*.java")),
    (
        SPRING,
        "application.yml",
        "management:\n  endpoints:\n    web:\n      cors:\n        max-age: 1\n",
    ),
]
_PIECES = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "...",
    "'",
    '"',
    "`",
    "=>",
    "*",
    "if",
    "\\",
    "\0",
    "\n",
    "é",
    "/",
]


def _read(reader: Reader, path: str, text: str) -> None:
    try:
        parsed = reader.parse(Source(path, text))
    except UnreadableError:
        return
    reader.link({path: pickle.loads(pickle.dumps(parsed))})


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_broken_source_is_read_or_refused(data: st.DataObject) -> None:
    reader, path, text = data.draw(st.sampled_from(_SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        until = min(len(text), at + data.draw(st.integers(0, 30)))
        text = text[:at] + data.draw(st.sampled_from(_PIECES)) + text[until:]
    _read(reader, path, text)


_DEEP = 3000
_HOSTILE: dict[str, tuple[Reader, str, str]] = {
    "nested lists": (PYTHON, "a.py", "CORS_ALLOWED_ORIGINS = " + "[" * 80 + "]" * 80),
    "a long sum": (PYTHON, "a.py", "CORS_A = 1" + "+1" * 20_000),
    "a long chain": (PYTHON, "a.py", "CORS_A = a" + ".b(1)" * 400),
    "doubling": (
        PYTHON,
        "a.py",
        "CORS_0 = ['x']\n"
        + "".join(f"CORS_{n} = CORS_{n - 1} + CORS_{n - 1}\n" for n in range(1, 99)),
    ),
    "doubling a text": (
        PYTHON,
        "a.py",
        "CORS_0 = 'x'\n"
        + "".join(f"CORS_{n} = CORS_{n - 1} + CORS_{n - 1}\n" for n in range(1, 99)),
    ),
    "calling itself": (
        PYTHON,
        "a.py",
        "def cors(a):\n    return cors(cors(a)) + cors(a)\ncors(1)\n",
    ),
    "calling each other": (
        PYTHON,
        "a.py",
        "".join(f"def cors{n}():\n    return cors{n + 1}() + cors{n + 1}()\n" for n in range(60)),
    ),
    "many branches": (
        PYTHON,
        "a.py",
        "CORS_A = []\n" + "".join(f"if x{n}:\n    CORS_A = CORS_A + [{n}]\n" for n in range(300)),
    ),
    "nested parentheses": (JAVASCRIPT, "a.js", "cors(" + "(" * _DEEP + ")" * _DEEP + ")"),
    "nested arrays": (JAVASCRIPT, "a.js", "cors(" + "[" * _DEEP + "]" * _DEEP + ")"),
    "nested functions": (JAVASCRIPT, "a.js", "cors(" + "() => (" * 500 + "1" + ")" * 500 + ")"),
    "nested blocks": (JAVASCRIPT, "a.js", "cors();" + "if (a) {" * _DEEP + "}" * _DEEP),
    "a chain": (JAVASCRIPT, "a.js", "app" + ".use(cors())" * 2000),
    "an unclosed template": (JAVASCRIPT, "a.ts", "cors(`" + "${`" * 500),
    "a hostile regex": (
        JAVASCRIPT,
        "a.js",
        "app.use(cors({ origin: /^(([a-z])+.)+[A-Z]([a-z])+$/ }))",
    ),
    "a huge repeat": (JAVASCRIPT, "a.js", "app.use(cors({ origin: /(a{1,999}){1,999}/ }))"),
    "nested Java": (
        SPRING,
        "A.java",
        "class A { void cors() { " + "if (a) {" * _DEEP + "}" * _DEEP,
    ),
    "a builder": (SPRING, "A.java", "class A { void cors() { a" + ".b(c -> c.d())" * 500 + "; } }"),
    "a large file": (JAVASCRIPT, "a.js", "cors();\n" + "f(a, b, 'x');\n" * 12_000),
    "a large file of Python": (PYTHON, "a.py", "CORS_A = 1\n" + "f(a, b, 'x')\n" * 13_000),
    "a large file of Java": (
        SPRING,
        "A.java",
        "class A { void cors() {" + "f(a, b);\n" * 100_000 + "}}",
    ),
    "deep properties": (SPRING, "application.properties", "cors" + ".a" * 5000 + "=1"),
    "surrogates": (JAVASCRIPT, "a.js", "cors('\ud800')"),
    "a path that backtracks": (
        PYTHON,
        "a.py",
        "from flask_cors import CORS\nCORS(app, resources={r'/(a+)+$': {'origins': '*'}})",
    ),
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_hostile_source_ends_soon(name: str) -> None:
    reader, path, text = _HOSTILE[name]
    began = time.process_time()

    _read(reader, path, text)

    assert time.process_time() - began < 15


def test_a_function_with_many_early_ends_is_read_soon() -> None:
    checks = "".join(
        f"  if (a{n} && b{n}) {{ x = a{n} || x; return next(); }}\n" for n in range(60)
    )
    text = f"app.use(function cors(req, res, next) {{\n  let x = 1;\n{checks}  next();\n}});\n"
    began = time.process_time()

    _read(JAVASCRIPT, "a.js", text)

    assert time.process_time() - began < 5


def test_thousands_of_origins_are_read_soon() -> None:
    origins = [f"https://tenant{n}.example.com" for n in range(5000)]
    text = f"""
app.use(cors({{ origin: (origin, cb) => cb(null, !origin || {origins!r}.includes(origin)) }}));
"""
    parsed = JAVASCRIPT.parse(Source("a.js", text))
    began = time.process_time()

    reading = JAVASCRIPT.link({"a.js": parsed})

    [instance] = reading.instances
    assert instance.sites[0].grant is not None
    assert len(instance.sites[0].grant.entries) == len(origins)
    assert time.process_time() - began < 10


def test_without_the_parsers_a_file_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    grammar._parser.cache_clear()

    with pytest.raises(UnreadableError, match=r"pip install 'corsage\[source\]'"):
        JAVASCRIPT.parse(Source("a.js", "cors()"))
    grammar._parser.cache_clear()
