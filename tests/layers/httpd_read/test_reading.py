"""What is read of Apache's configuration: whom it lets read, where, and what is not known."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.layers.httpd.read import READER
from corsage.layers.readers import detect
from corsage.layers.source import Source
from tests.layers.gateways_read import live
from tests.layers.gateways_read.test_hostile import survives
from tests.layers.httpd_read.test_httpd import cases

TEXTS = {case.name: case.text for case in cases()}


def grant_of(text: str, path: str = "site.conf"):
    (instance,) = READER.link({path: READER.parse(Source(path, text))}).instances
    return instance.sites[0].grant


def test_an_entry_stands_where_its_regex_stands():
    grant = grant_of(TEXTS["group"])
    (entry,) = grant.entries
    line = TEXTS["group"].splitlines()[entry.where.line - 1]
    assert line[entry.where.column - 1 :].startswith(entry.text)
    assert "https://x.app.example.com" in entry.language
    assert "https://app.example.com.evil.test" not in entry.language
    assert grant.credentials
    assert not grant.unknown


def test_a_regex_without_a_start_admits_only_whom_it_echoes_whole():
    (entry,) = grant_of(TEXTS["famous"]).entries
    assert "https://www.evil.test" in entry.language
    assert "https://x.evil.test" not in entry.language


def test_a_regex_without_ends_admits_strangers():
    (entry,) = grant_of(TEXTS["unanchored"]).entries
    assert "https://app.example.com.evil.test" in entry.language


def test_a_part_of_an_origin_is_not_guessed_at():
    text = (
        'SetEnvIf Origin "^https://(.*)$" WHO=$1\n'
        'Header set Access-Control-Allow-Origin "https://%{WHO}e" env=WHO\n'
    )
    assert grant_of(text).unknown


def test_an_htaccess_is_a_site_of_its_own():
    grant = grant_of('Header set Access-Control-Allow-Origin "*"\n', "web/.htaccess")
    assert [entry.text for entry in grant.entries] == ["*"]


def test_a_login_comes_before_the_rules_of_an_htaccess():
    """What answers preflights there is too late."""
    text = (
        "AuthType Basic\nRequire valid-user\nRewriteEngine On\n"
        "RewriteCond %{REQUEST_METHOD} OPTIONS\nRewriteRule ^ - [R=204,L]\n"
    )
    reading = READER.link({".htaccess": READER.parse(Source(".htaccess", text))})
    (instance,) = reading.instances
    preflight = next(live.requests(live.Case("", ""), 80))
    answer = instance.hop(preflight, lambda _: None)
    assert answer is not None
    assert answer.status == 401


def test_its_files_are_found_and_no_others():
    for text in TEXTS.values():
        assert detect("etc/sites-enabled/app.conf", text) == ("httpd",)
    assert "httpd" not in detect("nginx.conf", "server {\n  location / { }\n}\n")


def test_files_that_are_torn_and_mixed_are_read_or_refused():
    pieces = [line for text in TEXTS.values() for line in text.splitlines(keepends=True)]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32))
    def torn(seed):
        dice = random.Random(seed)
        lines = dice.choices(pieces, k=dice.randint(1, 9))
        at = dice.randrange(len(lines))
        characters = list(lines[at])
        characters[dice.randrange(len(characters))] = dice.choice("<>[]\"'#*$%{}\\ \0é(|)")
        lines[at] = "".join(characters)
        survives(READER, ".htaccess", "".join(lines))

    torn()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    survives(READER, ".htaccess", text)
    survives(READER, "a.conf", f'<If "{text}">\nHeader set A "{text}"\n</If>\n')
