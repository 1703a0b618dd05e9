"""A hostile file ends in an answer or in UnreadableError: no crash, no hang, no flood."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.browser import Response, WireRequest
from corsage.layers.nginx.read import READER
from corsage.layers.source import Source, UnreadableError
from tests.layers.nginx_read import live
from tests.layers.nginx_read.conftest import read

_VOCABULARY = """
    server { } ; location http map $http_origin $a ${a} "$a" if ( ($http_origin = != ~ ~* !~ )
    ^~ / /a @b \\.js$ "^https://(a|b)\\.example$" return 204 301 set add_header always
    Access-Control-Allow-Origin * '*' "https://a.example" proxy_pass http://b error_page =200
    404 rewrite last break try_files include nginx.conf a.conf *.conf geo default hostnames upstream
    limit_except GET limit_req zone=a more_set_headers "A: b" auth_basic on off internal =x
    {{ a }} {% if %} {% endif %} # ' " \\ add_header_inherit merge content_by_lua_block
    satisfy any deny all listen 80 [::]:443 ssl server_name api.example *.example.com ~x
"""
_WORDS = st.sampled_from(_VOCABULARY.split())
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=60).map(" ".join))
_REQUESTS = [
    WireRequest(kind, method, f"http://api.example{path}", (("Origin", "https://a.example"),))
    for kind, method, path in (
        ("actual", "GET", "/"),
        ("actual", "POST", "/a/../%2e%2e//b?x=1"),
        ("preflight", "OPTIONS", "/a"),
    )
]


def survives(text: str) -> None:
    """Read a file, and ask whatever was read."""
    READER.detect("nginx.conf", text)
    try:
        reading = read(text, a=text)
    except UnreadableError:
        return
    for instance in reading.instances:
        for request in _REQUESTS:
            instance.route(request)
            instance.hop(request, lambda _: Response(200))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TEXTS)
def test_any_text_is_read_or_refused(text):
    survives(text)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_a_configuration_with_words_out_of_place_is_read_or_refused(seed):
    choice = random.Random(seed)
    words = re.split(r"(\s+|[;{}])", choice.choice(live.cases()).text)
    for _ in range(choice.randint(1, 6)):
        at, other = choice.randrange(len(words)), choice.randrange(len(words))
        kind = choice.randrange(3)
        if kind == 0:
            words[at] = ""
        elif kind == 1:
            words[at], words[other] = words[other], words[at]
        else:
            words.insert(at, words[other])
    survives("".join(words))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("server {\n  listen 80", 2, 'has no ";"'),
        ("server {\n", 1, "never closed"),
        ("}\n", 1, "no block is open"),
        ("{\n", 1, "no directive"),
        ('server {\n  add_header X "a;\n}', 2, "quote"),
        ("server {\n  content_by_lua_block { if x then {\n}", 2, "Lua"),
        ("a {" * 100, 1, "blocks are open"),
        ("server { listen 80 }", 1, 'has no ";"'),
    ],
)
def test_what_nginx_would_not_read_is_refused_with_its_place(text, line, said):
    with pytest.raises(UnreadableError, match=re.escape(said)) as caught:
        READER.parse(Source("nginx.conf", text))
    assert (caught.value.where.file, caught.value.where.line) == ("nginx.conf", line)


LINES = {
    "a map of 3,000 origins": "map $http_origin $o {"
    + "".join(f"https://a{n}.example $http_origin;\n" for n in range(3_000))
    + "}\nserver { location / { add_header Access-Control-Allow-Origin $o; return 200; } }",
    "a hundred ifs about the origin": "server { location / {"
    + "".join(
        f'if ($http_origin ~ "^https://a{n}\\.example$") {{ set $o{n} 1; }}\n' for n in range(100)
    )
    + "add_header Access-Control-Allow-Origin $http_origin; proxy_pass http://a; } }",
    "maps of maps": "".join(f'map $m{n} $m{n + 1} {{ default "$m{n}$m{n}"; }}\n' for n in range(60))
    + "server { location / { add_header Access-Control-Allow-Origin $m60; return 200; } }",
    "maps in a circle": "map $a $b { default $a; }\nmap $b $a { default $b; }\n"
    "server { location / { add_header Access-Control-Allow-Origin $a; return 200; } }",
    "a regex that backtracks": "server { location ~ ^/(a+)+$ { return 204; } "
    "location ~ (x*x*x*x*x*x*)*y { return 204; } }",
    "files that include each other": "server { include *.conf; include a.conf; include a.conf; "
    "location / { include *.conf; } }",
    "a value that doubles": "server { "
    "set $a aaaaaaaaaaaaaaaa; "
    + 'set $a "$a$a$a$a"; ' * 40
    + "location / { add_header Access-Control-Allow-Origin $a; return 200; } }",
}


@pytest.mark.parametrize("name", LINES)
def test_what_grows_without_bound_is_stopped(name):
    begun = time.process_time()
    survives(LINES[name])
    assert time.process_time() - begun < 20
