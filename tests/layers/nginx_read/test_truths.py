"""Whether a configuration lets a stranger read is said as it is: found where it does, and not
where it only looks like it. (Checked by hand, and by asking nginx in test_predictions.)"""

from __future__ import annotations

import pytest

from corsage.layers import rules
from corsage.layers.site import OriginEntry
from corsage.patterns import strangers
from tests.layers.nginx_read.conftest import read

TRUSTED = "https://app.example.com"
ECHO = "add_header Access-Control-Allow-Origin $http_origin always;"

ALLOWED = "add_header Access-Control-Allow-Origin $allowed always;"


def location(*lines):
    body = "\n".join((*lines, "proxy_pass http://app:3000;"))
    return f"server {{\nlocation / {{\n{body}\n}}\n}}\n"


def gated(condition):
    return location(f"if ($http_origin {condition}) {{\n{ECHO}\n}}")


def mapped(*rows, source="$http_origin", header=ALLOWED):
    return f"map {source} $allowed {{\n" + "\n".join(rows) + "\n}\n" + location(header)


def origins_of(text):
    [instance] = read(text).instances
    [site] = [site for site in instance.sites if site.grant is not None]
    return site.grant


LEAKING = {
    "reflection": location(ECHO),
    "reflection by way of a variable": location("set $cors $http_origin;", "add_header "
    "Access-Control-Allow-Origin $cors always;"),
    "no anchor at all": gated(r"~* (https?://app\.example\.com)"),
    "no anchor at the end": gated(r"~ ^https://app\.example\.com"),
    "no anchor at the start": gated(r"~* example\.com$"),
    "no dot before the domain": gated(r"~ ^https://.*example\.com$"),
    "a dot that is any character": gated(r"~ ^https://app.example\.com$"),
    "an alternative that ends the anchor": gated(r"~ ^https://app\.example\.com|admin\.example\.com$"),
    "a long quantifier": gated(r'~ "^https://[a-z]{6,}example\.com$"'),
    "a map without anchors": mapped(r"~https://app\.example\.com $http_origin;"),
    "a map whose default echoes": mapped("default $http_origin;", 'https://evil.test "";'),
    "a map of true and false": mapped(
        "default 0;", r"~example\.com$ 1;",
        header="if ($allowed) { " + ECHO + " }"),
    "two maps in a row": r"map $http_origin $known { ~^https://.*\.example\.com 1; }"
    + mapped("1 $http_origin;", source="$known"),
    "a deny-list": location("if ($http_origin = https://evil.test) { return 403; }", ECHO),
    "a word in steps": location(
        r'if ($http_origin ~* (https?://[^/]*\.example\.com(:[0-9]+)?)) { set $cors "true"; }',
        'if ($request_method = POST) { set $cors "${cors}post"; }',
        f'if ($cors = "true") {{ {ECHO} }}', f'if ($cors = "truepost") {{ {ECHO} }}'),
    "headers-more": location('more_set_headers "Access-Control-Allow-Origin: $http_origin";'),
    "everybody for one method": location(f"if ($request_method = POST) {{ {ECHO} }}"),
    "a mask without its dot": mapped("hostnames;", "*.com $http_origin;"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKING)
def test_a_stranger_who_may_read_is_found(name):
    grant = origins_of(LEAKING[name])
    assert not grant.unknown
    found = [strangers(entry.language, entry.text) for entry in grant.entries]
    assert any(witness is not None and witness.kind == "anyone" for witness in found) or any(
        "https://stranger.example" in entry.language for entry in grant.entries
    )


SOUND = {
    "a regex with both anchors": gated(r"~ ^https://app\.example\.com$"),
    "its opposite, refused": location(
        r'if ($http_origin !~ "^(https://app\.example\.com)?$") { return 403; }', ECHO),
    "equality": gated("= https://app.example.com"),
    "a map of exact origins": mapped("https://app.example.com $http_origin;"),
    "a map of constants": mapped("https://app.example.com https://app.example.com;"),
    "a map with both anchors": mapped(r"~^https://([a-z0-9-]+\.)*example\.com$ $http_origin;"),
    "one that ignores case": mapped(r"~*^HTTPS://APP\.EXAMPLE\.COM$ $http_origin;"),
    "an echo behind a flag": location(
        'set $ok ""; if ($http_origin ~ "^https://(app|admin)\\.example\\.com$") { set $ok 1; }',
        f"if ($ok) {{ {ECHO} }}"),
    "a variable that the regex fills": location(
        'set $cors ""; if ($http_origin ~ "^https://app\\.example\\.com$") '
        "{ set $cors $http_origin; }",
        "add_header Access-Control-Allow-Origin $cors always;"),
    "a constant": location(f"add_header Access-Control-Allow-Origin {TRUSTED} always;"),
    "a flag that another map reads": r"map $http_origin $known { ~^https://app\.example\.com$ 1; }"
    + mapped("1 $http_origin;", source="$known"),
    "no anchor, and yet only hosts of one owner": gated(r"~ ^https://.*app\.example\.com$"),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_list_that_keeps_strangers_out_is_left_alone(name):
    grant = origins_of(SOUND[name])
    assert not grant.unknown
    assert any(TRUSTED in entry.language for entry in grant.entries)
    for entry in grant.entries:
        assert "https://stranger.example" not in entry.language
        assert entry.text in entry.language or strangers(entry.language, entry.text) is None


UNKNOWN = {
    "Lua that writes headers": location(
        "header_filter_by_lua_block { ngx.header['Access-Control-Allow-Origin'] = '*' }"),
    "a file of Lua": location("header_filter_by_lua_file cors.lua;"),
    "a variable of Lua": location("set_by_lua_block $cors { return ngx.var.http_origin }",
        "add_header Access-Control-Allow-Origin $cors always;"),
    "a variable that nobody sets": location(
        "add_header Access-Control-Allow-Origin $cors_from_elsewhere always;"),
    "a template": location('add_header Access-Control-Allow-Origin "{{ origin }}" always;'),
    "an environment": location('add_header Access-Control-Allow-Origin "${ALLOWED}" always;'),
    "the address of the client": location(f"if ($remote_addr = 10.0.0.1) {{ {ECHO} }}"),
    "a back-reference": mapped(r"~^https://(a)\1\.example$ $http_origin;"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_the_files_do_not_show_is_said_to_be_unknown(name):
    grant = origins_of(UNKNOWN[name])
    assert [unknown.clause for unknown in grant.unknown] == ["allow_origins"]
    assert grant.unknown[0].why
    assert not grant.entries


def test_each_entry_points_at_the_line_that_lets_its_origins_in():
    text = mapped(
        "default '';",
        "https://app.example.com $http_origin;",
        r"~^https://.*\.example\.org$ $http_origin;",
        r"~example\.net$ $http_origin;",
    )

    def key(entry: OriginEntry) -> tuple[int, str]:
        return entry.where.line, entry.text

    assert sorted(map(key, origins_of(text).entries)) == [
        (3, "https://app.example.com"),
        (4, r"~^https://.*\.example\.org$"),
        (5, r"~example\.net$"),
    ]


def test_what_is_granted_beside_the_origins_is_read():
    grant = origins_of(
        location(
            "if ($request_method = OPTIONS) {",
            ECHO,
            'add_header Access-Control-Allow-Methods "GET, PUT";',
            "add_header Access-Control-Allow-Headers $http_access_control_request_headers;",
            "add_header Access-Control-Max-Age 600;",
            "return 204;",
            "}",
            ECHO,
            "add_header Access-Control-Allow-Credentials true;",
            'add_header Access-Control-Expose-Headers "ETag, Link";',
        )
    )
    assert (grant.methods, grant.headers, grant.max_age) == (("GET", "PUT"), None, 600)
    assert (grant.credentials, grant.exposed) == (True, ("ETag", "Link"))
    assert grant.setting("max_age").where.line == 7


def test_lists_are_found_in_maps_and_variables_too():
    several = '"https://a.example https://b.example"'
    text = mapped(f"default {several};")
    assert [slip.rule for slip in read(text).slips] == [rules.SEVERAL_IN_ONE]
