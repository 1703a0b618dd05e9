"""Every setting, entry and doubt has its place, in whichever file it stands."""

from __future__ import annotations

from corsage.check.edits import apply
from corsage.layers.javascript_apps import READER as JAVASCRIPT
from corsage.layers.python_apps import READER as PYTHON
from corsage.layers.source import Reading
from corsage.layers.spring.read import READER as SPRING
from tests.layers.apps.asked import only, read

_CONFIG = """
export const origins = [
  'https://shop.example.com',
  'https://ädmin.example.com/',   /* é */ 'https://B.example.com',
];
"""
_APP = """
import express from 'express';
import cors from 'cors';
import { origins } from './config/cors';
const app = express();
app.use(cors({ origin: [...origins, process.env.MORE], credentials: true }));
"""


def _reading() -> Reading:
    return read(JAVASCRIPT, ("src/config/cors.ts", _CONFIG), ("src/app.ts", _APP))


def test_an_entry_stands_where_it_is_written_in_another_file() -> None:
    grant = only(_reading()).sites[0].grant
    assert grant is not None

    places = [(e.where.file, e.where.line, e.where.column) for e in grant.entries]
    assert places == [
        ("src/config/cors.ts", 3, 3),
        ("src/config/cors.ts", 4, 3),
        ("src/config/cors.ts", 4, 43),
    ]


def test_what_is_not_known_says_why_and_where() -> None:
    grant = only(_reading()).sites[0].grant
    assert grant is not None

    [unknown] = grant.unknown
    assert (unknown.clause, unknown.why) == ("allow_origins", "MORE is an environment variable")
    assert (unknown.where.file, unknown.where.line) == ("src/app.ts", 6)


def test_an_edit_replaces_the_entry_and_nothing_else() -> None:
    edits = [edit for slip in _reading().slips for edit in slip.edits]

    assert apply(edits, _CONFIG) == _CONFIG.replace("https://B.", "https://b.")


def test_cookies_are_read_with_their_attributes() -> None:
    django = read(PYTHON, ("s/settings.py", "CSRF_COOKIE_SAMESITE = 'None'\n"))
    starlette = read(PYTHON, ("a.py", "r.set_cookie('sid', 'x', samesite='lax', secure=True)\n"))
    express = read(JAVASCRIPT, ("a.js", "res.cookie('sid', 1, { sameSite: true }); // cors\n"))
    spring = read(
        SPRING,
        ("application.properties", "server.servlet.session.cookie.same-site=strict\n"),
    )

    read_as = [
        (cookie.name, cookie.same_site, cookie.secure)
        for reading in (django, starlette, express, spring)
        for cookie in reading.cookies
    ]
    assert read_as == [
        ("csrftoken", "None", False),
        ("sid", "lax", True),
        ("sid", "strict", False),
        ("JSESSIONID", "strict", False),
    ]
