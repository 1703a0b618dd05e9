"""What is written and does not do what it looks like is found, where it stands."""

from __future__ import annotations

import pytest

from corsage.layers import rules
from tests.layers.nginx_read.conftest import read

LOCATION = (
    "server {{\n    location / {{\n        {}\n        proxy_pass http://app:3000;\n    }}\n}}\n"
)
SERVER = "server {{\n    {}\n    location / {{ proxy_pass http://app:3000; }}\n}}\n"
STAR = "add_header Access-Control-Allow-Origin * always;"


def slips(text, **others):
    return [(slip.rule, slip.where.line) for slip in read(text, **others).slips]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("add_header Access-Control-Allow-Origin *;", rules.NOT_ON_ERRORS),
        ("add_header Access-Control-Allow-Orgin * always;", rules.INERT),
        ("add_header Access-Control-Allow-Header X-A always;", rules.INERT),
        ("add_header Access-Control-Request-Method GET always;", rules.INERT),
        ("add_header Access-Control-Allow-Origin: * always;", rules.INERT),
        ("add_header Access-Control-Allow-Credentials True always;", rules.INERT),
        ("proxy_set_header Access-Control-Allow-Origin *;", rules.INERT),
        ('more_set_headers "Access-Control-Allow-Origin *";', rules.INERT),
        ("add_headers Access-Control-Allow-Origin *;", rules.NOT_KNOWN_HERE),
        (
            'add_header Access-Control-Allow-Origin "https://a.example, https://b.example" always;',
            rules.SEVERAL_IN_ONE,
        ),
        (
            'add_header Access-Control-Allow-Origin "https://a.example https://b.example" always;',
            rules.SEVERAL_IN_ONE,
        ),
        ("add_header Access-Control-Allow-Origin https://a.example/ always;", rules.NEVER_MATCHES),
        ("add_header Access-Control-Allow-Origin a.example.com always;", rules.NEVER_MATCHES),
        ("add_header Access-Control-Allow-Origin HTTPS://a.example always;", rules.NEVER_MATCHES),
        (
            "add_header Access-Control-Allow-Origin https://a.b:443 always;",
            rules.NEVER_MATCHES,
        ),
        (
            'add_header Access-Control-Allow-Origin "https://*.a.b" always;',
            rules.NEVER_MATCHES,
        ),
        ("add_header Access-Control-Allow-Origin $http_referer always;", rules.NEVER_MATCHES),
        ('more_set_headers "Access-Control-Allow-Origin: a.example.com";', rules.NEVER_MATCHES),
        ('if ($http_origin = "https://a.example/") { set $ok 1; }', rules.NEVER_MATCHES),
        ('if ($http_origin ~ "^https://a.example/$") { set $ok 1; }', rules.NEVER_MATCHES),
    ],
)
def test_a_line_of_a_location_is_found(line, rule):
    assert slips(LOCATION.format(line)) == [(rule, 3)]


@pytest.mark.parametrize(
    "line",
    [
        STAR,
        'add_header Access-Control-Allow-Origin "$allowed" always;',
        "add_header Access-Control-Allow-Origin null always;",
        'add_header Access-Control-Allow-Origin "" always;',
        "add_header Access-Control-Allow-Credentials $with always;",
        "add_header Access-Control-Allow-Private-Network true always;",
        "add_header X-Access-Control 1;",
        "add_header Access-Control-Something-Of-Ours 1;",
        'more_set_headers "Access-Control-Allow-Origin: https://a.example";',
        "more_clear_headers Access-Control-Allow-Origin;",
        "proxy_hide_header Access-Control-Allow-Origin;",
        'if ($http_origin ~ "^$") { set $no 1; }',
        'if ($http_origin !~ "^(https://a\\.example)?$") { return 403; }',
        "if ($request_method = OPTIONS) { add_header Access-Control-Allow-Origin *; return 204; }",
    ],
)
def test_a_line_that_works_is_left_alone(line):
    assert slips(LOCATION.format(line)) == []


@pytest.mark.parametrize(
    "key",
    [
        "https://a.example/",
        "a.example.com",
        "https://*.a.example",
        '"~^https://a\\.example/$"',
        '"~^https://A\\.example$"',
        "https://a.example:443",
    ],
)
def test_a_key_of_a_map_that_no_origin_equals_is_found(key):
    text = f"map $http_origin $ok {{\n    {key} $http_origin;\n}}\n"
    header = "add_header Access-Control-Allow-Origin $ok always;"
    assert slips(text + LOCATION.format(header)) == [(rules.NEVER_MATCHES, 2)]


@pytest.mark.parametrize(
    "row",
    [
        "HTTPS://A.example $http_origin;",  # a map does not mind the case
        '"~*^HTTPS://A\\.example$" $http_origin;',
        '"~[A-Z]" "";',
        '"" "";',
        "null $http_origin;",
        "default $http_origin;",
        "~^$ none;",
    ],
)
def test_a_key_of_a_map_that_means_something_is_left_alone(row):
    text = f"map $http_origin $ok {{\n    {row}\n}}\n"
    assert slips(text + LOCATION.format("add_header X-Origin $ok;")) == []


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("location /a { add_header X-A 1; proxy_pass http://app; }", 3),
        ("location ~ \\.js$ { expires 1d; add_header Cache-Control public; root /srv; }", 3),
        ("location /a {\n location /a/b {\n  add_header X-B 1; proxy_pass http://app; } }", 5),
    ],
)
def test_a_deeper_block_that_loses_the_headers_is_found(block, line):
    assert slips(SERVER.format(f"{STAR}\n    {block}")) == [(rules.OVERRIDDEN, line)]


@pytest.mark.parametrize(
    "block",
    [
        "location /a { proxy_pass http://app; }",
        f"location /a {{ add_header X-A 1; {STAR} proxy_pass http://app; }}",
        "location = /health { add_header Content-Type text/plain; return 200 ok; }",
        "location /a { add_header X-A 1; deny all; }",
        "location /a { internal; add_header X-A 1; proxy_pass http://app; }",
        "location /a { add_header_inherit merge; add_header X-A 1; proxy_pass http://app; }",
    ],
)
def test_a_deeper_block_that_keeps_them_or_needs_none_is_left_alone(block):
    assert slips(SERVER.format(f"{STAR}\n    {block}")) == []


def test_headers_lost_to_an_if_are_found():
    text = LOCATION.format(f"{STAR}\n if ($request_method = POST) {{\n add_header X-Post 1; }}")
    assert slips(text) == [(rules.OVERRIDDEN, 5)]


def test_an_add_header_that_nginx_does_not_start_with_is_found():
    text = SERVER.format("if ($http_origin = https://a.example) {\n" + STAR + " }")
    assert slips(text) == [(rules.INERT, 3)]


def test_the_missing_always_is_added_to_every_header_of_the_block():
    text = LOCATION.format(
        'add_header Access-Control-Allow-Origin "https://a.example";\n'
        "        add_header 'Access-Control-Allow-Credentials' true ;\n"
        "        add_header Vary Origin always;\n"
        "        add_header X-Other 1;"
    )
    [slip] = read(text).slips
    lines = text.splitlines()
    for edit in slip.edits:
        assert edit.start == edit.end
        line, column = edit.start
        lines[line - 1] = (
            f"{lines[line - 1][: column - 1]}{edit.text}{lines[line - 1][column - 1 :]}"
        )
    assert lines[2].strip() == 'add_header Access-Control-Allow-Origin "https://a.example" always;'
    assert lines[3].strip() == "add_header 'Access-Control-Allow-Credentials' true always ;"
    assert lines[4:6] == text.splitlines()[4:6]
    assert not read("\n".join(lines)).slips


def test_static_files_need_no_always():
    assert (
        slips("server { location /fonts { root /srv; add_header Access-Control-Allow-Origin *; } }")
        == []
    )


ZONE = "limit_req_zone {} zone=api:1m rate=5r/s;\n"
LIMITED = "limit_req zone=api burst=5;"


def test_a_limit_that_counts_preflights_is_found():
    text = ZONE.format("$binary_remote_addr") + LOCATION.format(f"{LIMITED}\n        {STAR}")
    assert slips(text) == [(rules.PREFLIGHT_COUNTED, 4)]


@pytest.mark.parametrize(
    "lines",
    [
        f"{LIMITED} {STAR} if ($request_method = OPTIONS) {{ return 204; }}",
        LIMITED,
        STAR,
    ],
)
def test_a_limit_that_preflights_do_not_reach_is_left_alone(lines):
    assert slips(ZONE.format("$binary_remote_addr") + LOCATION.format(lines)) == []


def test_a_limit_whose_key_is_empty_for_preflights_is_left_alone():
    limited = 'map $request_method $key { OPTIONS ""; default $binary_remote_addr; }\n'
    assert slips(limited + ZONE.format("$key") + LOCATION.format(LIMITED + STAR)) == []


def test_the_place_is_that_of_the_file_in_which_the_line_stands():
    text = "http { server { listen 80; location / { include cors.conf; proxy_pass http://app; } } }"
    reading = read(
        text, cors="\n  add_header Access-Control-Allow-Origin https://a.example/ always;"
    )
    [slip] = reading.slips
    assert (slip.where.file, slip.where.line, slip.where.column) == ("cors.conf", 2, 3)
    assert len(reading.instances) == 1
