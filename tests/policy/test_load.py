"""From a file to a policy, or to everything that is wrong with it."""

from __future__ import annotations

import time

import pytest

from corsage.policy import (
    CorsPolicy,
    Gateway,
    OriginPattern,
    OriginSet,
    Policy,
    PolicyError,
    Route,
    Service,
    Tls,
    load_policy,
)
from corsage.policy.load import read_nodes, read_policy_text
from corsage.policy.nodes import Mapping, Scalar, Sequence
from corsage.policy.report import MOST_ERRORS

SERVICES = "services: {a: 'http://a'}\n"
ROUTES = "routes: [{path: /, service: a, cors: p}]\n"
HEAD = "version: 1\n" + SERVICES


def _found(reading):
    return {(p.rule, p.line, p.column): p for p in reading.problems}


def _rules(source, read_file=None):
    return [p.rule for p in read_policy_text(source, read_file=read_file).problems]


def test_the_example_of_the_manual_means_what_it_says():
    policy = load_policy(
        """\
version: 1
gateway:
  listen: 127.0.0.1:8443
  public: https://api.example.com
  tls: {certificate: tls.pem, key: tls.key}
  max_body: 10m
origins:
  app: [https://app.example.com, https://admin.example.com]
  previews: https://*.preview.example.com
services:
  billing: http://billing.internal:3002
policies:
  session:
    allow_origins: [app, previews, https://partner.example.com]
    allow_credentials: true
    allow_methods: [GET, PUT]
    allow_headers: Authorization
    expose_headers: [ETag]
    max_age: 600
routes:
  - {path: /billing/, service: billing, cors: session, max_body: 0, rate_limit: 50/s, timeout: 2m}
  - {exact: /health, host: ops.example.com, service: billing, cors: none}
  - {path: /old, service: billing, cors: session, owner: service, timeout: 30}
"""
    )
    app = OriginSet(("https://app.example.com", "https://admin.example.com"))
    previews = OriginSet(patterns=(OriginPattern("https", "preview.example.com", True),))
    assert policy == Policy(
        Gateway(
            "127.0.0.1:8443",
            "https://api.example.com",
            Tls("tls.pem", "tls.key"),
            max_body=10 * 1024**2,
        ),
        {"billing": Service("billing", "http://billing.internal:3002")},
        {
            "session": CorsPolicy(
                "session",
                app | previews | OriginSet(("https://partner.example.com",)),
                ("GET", "PUT"),
                ("Authorization",),
                ("ETag",),
                allow_credentials=True,
                max_age=600,
            )
        },
        (
            Route("/billing/", "billing", "session", max_body=0, rate_limit=50, timeout=120),
            Route("/health", "billing", None, "exact", "ops.example.com"),
            Route("/old", "billing", "session", owner="service", timeout=30),
        ),
        {"app": app, "previews": previews},
    )


def test_everything_that_is_wrong_is_found_at_once_at_its_place():
    source = """\
version: 2
gatewy: {}
services:
  billing: http://billing.internal:3002/v1
policies:
  session:
    allow_origins: [ap, https://App.example.com]
    allow_credentials: yes
    allow_methods: [patch]
routes:
  - {path: billing, service: biling, cors: sesion}
  - {path: /x, service: billing}
"""
    found = _found(read_policy_text(source))
    assert set(found) == {
        ("CORS007", 1, 10),
        ("CORS004", 2, 1),
        ("CORS050", 4, 12),
        ("CORS008", 7, 21),
        ("CORS010", 7, 25),
        ("CORS006", 8, 24),
        ("CORS033", 9, 21),
        ("CORS041", 11, 12),
        ("CORS008", 11, 30),
        ("CORS008", 11, 44),
        ("CORS040", 12, 5),
    }
    assert found["CORS004", 2, 1].fix == "gateway"
    assert found["CORS008", 11, 30].fix == "billing"
    assert found["CORS006", 8, 24].fix == "true"
    assert found["CORS040", 12, 5].fix == "cors: session"
    with pytest.raises(PolicyError) as refused:
        load_policy(source, "my.yaml")
    assert len(refused.value.problems) == len(found)
    assert str(refused.value).startswith("my.yaml:1:10: ")
    assert "write: gateway" in str(refused.value)


SEVERAL = [
    # allow_origins, further keys of the policy, the rules found
    ('"*"', {}, []),
    ('"*"', {"allow_credentials": "true"}, ["CORS012"]),
    ('"*"', {"allow_credentials": "yes"}, ["CORS012", "CORS006"]),
    ('"*"', {"allow_credentials": "no"}, ["CORS006"]),
    ('["*", https://a.example]', {}, ["CORS016"]),
    ("[https://a.example, '*']", {"allow_credentials": "true"}, ["CORS012", "CORS016"]),
    ('"null"', {}, ["CORS013"]),
    ("[null]", {}, ["CORS013"]),
    ("[null]", {"dangerously_allow_null_origin": "true"}, ["CORS019"]),
    ("null", {"dangerously_allow_null_origin": "false"}, ["CORS013"]),
    ("[~]", {}, ["CORS008"]),
    ("", {}, ["CORS008"]),
    ("[]", {}, ["CORS007"]),
    ("http://a.example", {}, []),
    ("http://a.example", {"allow_credentials": "true"}, ["CORS014"]),
    ("http://*.a.example", {"allow_credentials": "true"}, ["CORS014"]),
    ("http://localhost:3000", {"allow_credentials": "true"}, []),
    ('"http://127.0.0.1:*"', {"allow_credentials": "true"}, []),
    (
        "http://a.example",
        {"allow_credentials": "true", "dangerously_allow_insecure_origins": "true"},
        ["CORS019"],
    ),
    ("http://a.example", {"dangerously_allow_insecure_origins": "true"}, ["CORS018"]),
    ("https://*.co.uk", {}, ["CORS015"]),
    ("https://*.vercel.app", {}, ["CORS015"]),
    ("https://*.my-team.vercel.app", {}, []),
    ("https://*.vercel.app", {"dangerously_allow_public_suffix_origins": "true"}, ["CORS019"]),
    ("https://a.example", {"dangerously_allow_public_suffix_origins": "true"}, ["CORS018"]),
    ("nobody", {}, ["CORS008"]),
    ("[https://a.example, https://a.example]", {}, ["CORS016"]),
    ("[https://x.a.example, https://*.a.example]", {}, ["CORS016"]),
    ("https://a.example/", {}, ["CORS010"]),
    ('"*"', {"allow_methods": '["*"]', "allow_credentials": "false"}, []),
    (
        "https://a.example",
        {"allow_methods": '"*"', "allow_headers": '["*"]', "expose_headers": '["*"]'},
        ["CORS031"],
    ),
    (
        "https://a.example",
        {
            "allow_credentials": "true",
            "allow_methods": '"*"',
            "allow_headers": '["*"]',
            "expose_headers": '["*"]',
        },
        ["CORS030", "CORS030", "CORS030"],
    ),
    ('"*"', {"allow_headers": '["*", authorization]'}, []),
    ('"*"', {"allow_headers": "[X-A, x-a]"}, ["CORS037"]),
    ('"*"', {"allow_methods": "[PUT, PUT]"}, ["CORS037"]),
    ('"*"', {"allow_methods": "[PUT, TRACE, put]"}, ["CORS032", "CORS033"]),
    ('"*"', {"max_age": "86400"}, ["CORS038"]),
    ('"*"', {"max_age": "-1"}, []),
    ('"*"', {"max_age": "-2"}, ["CORS007"]),
    ('"*"', {"max_age": "86401"}, ["CORS007"]),
    ('"*"', {"max_age": "0600"}, ["CORS007"]),
    ('"*"', {"max_age": "1" * 30}, ["CORS007"]),
    ('"*"', {"max_age": '"600"'}, ["CORS006"]),
    ('"*"', {"max_age": "6.0"}, ["CORS006"]),
    ('"*"', {"allow_timing": "on"}, ["CORS006"]),
    ('"*"', {"allow_timing": "[]"}, ["CORS006"]),
    ('"*"', {"allow_timing": "True"}, []),
]


@pytest.mark.parametrize(("origins", "keys", "rules"), SEVERAL)
def test_a_policy_is_found_fault_with_for_each_reason_and_for_no_other(read, origins, keys, rules):
    reading = read(origins, **keys)
    assert [problem.rule for problem in reading.problems] == rules
    errors = [p for p in reading.problems if p.severity == "error"]
    assert (reading.policy is None) == bool(errors)


@pytest.mark.parametrize(
    ("routes", "rules"),
    [
        ("{path: /, service: a, cors: p}", []),
        ("{path: /, service: a}", ["CORS040"]),
        ("{path: /, service: a, cors: }", ["CORS006"]),
        ("{path: /, service: a, cors: nope}", ["CORS008"]),
        ("{path: /, service: nope, cors: p}", ["CORS008"]),
        ("{service: a, cors: p}", ["CORS044"]),
        ("{path: /, exact: /, service: a, cors: p}", ["CORS044"]),
        ("{path: /, service: a, cors: none, owner: service}", ["CORS045"]),
        ("{path: /, service: a, cors: p, owner: mesh}", ["CORS007"]),
        ("{path: /, service: a, cors: p, owner: servise}", ["CORS007"]),
        ("{path: /, service: a, cors: p, host: 'a:80'}", ["CORS054"]),
        ("{path: /, service: a, cors: p, rate_limit: 50}", ["CORS006"]),
        ("{path: /, service: a, cors: p, rate_limit: 50/m}", ["CORS007"]),
        ("{path: /, service: a, cors: p, timeout: 0}", ["CORS007"]),
        ("{path: /, service: a, cors: p, max_body: -1}", ["CORS007"]),
        ("{path: /, service: a, cors: p, max_body: 5.5}", ["CORS006"]),
        ("{path: /, service: a, cors: p}, {path: /, service: a, cors: p}", ["CORS042"]),
        ("{path: /b, service: a, cors: p}, {path: /b/, service: a, cors: none}", ["CORS042"]),
        ("{path: /b, service: a, cors: p}, {exact: /b, service: a, cors: none}", []),
        ("{exact: /b, service: a, cors: p}, {exact: /b/, service: a, cors: none}", []),
        (
            "{path: /, host: x.example, service: a, cors: p}, {path: /, service: a, cors: p}",
            [],
        ),
        ("{path: x, service: a, cors: p}, {path: x, service: a, cors: p}", ["CORS041"] * 2),
        ("text", ["CORS006"]),
    ],
)
def test_a_route_is_found_fault_with_for_each_reason_and_for_no_other(routes, rules):
    source = HEAD + f"policies: {{p: {{allow_origins: '*'}}}}\nroutes: [{routes}]\n"
    found = [rule for rule in _rules(source) if rule != "CORS043"]
    assert found == rules


@pytest.mark.parametrize(
    ("gateway", "rules"),
    [
        ("{}", []),
        ("{listen: '0.0.0.0:80'}", ["CORS053"]),
        ("{listen: '[::]:80', public: https://api.example}", []),
        ("{listen: '80'}", ["CORS051"]),
        ("{public: https://api.example/}", ["CORS052"]),
        ("{tls: {certificate: a}}", ["CORS005"]),
        ("{max_body: big}", ["CORS007"]),
        ("{access_log: 1}", ["CORS006"]),
        ("{public: http://api.example}", ["CORS055"]),
        ("{public: 'http://localhost:8080'}", []),
        ("[]", ["CORS006"]),
    ],
)
def test_the_gateway_is_found_fault_with_for_each_reason_and_for_no_other(gateway, rules):
    policies = "policies: {p: {allow_origins: https://app.example}}\n"
    assert _rules(HEAD + f"gateway: {gateway}\n" + policies + ROUTES) == rules


def test_a_plain_gateway_for_plain_pages_is_no_mixed_content():
    policies = "policies: {p: {allow_origins: http://app.example}}\n"
    assert _rules(HEAD + "gateway: {public: http://api.example}\n" + policies + ROUTES) == []


@pytest.mark.parametrize(
    ("listen", "tls", "origin"),
    [
        ("127.0.0.1:8080", None, "http://127.0.0.1:8080"),
        ("127.0.0.1:80", None, "http://127.0.0.1"),
        ("localhost:443", Tls("c", "k"), "https://localhost"),
        ("localhost:80", Tls("c", "k"), "https://localhost:80"),
    ],
)
def test_without_a_public_origin_the_listen_address_is_one(listen, tls, origin):
    assert Gateway(listen=listen, tls=tls).public_origin == origin


def test_a_warning_alone_refuses_nothing():
    source = HEAD + "policies: {p: {allow_origins: '*'}, q: {allow_origins: '*'}}\n" + ROUTES
    reading = read_policy_text(source)
    assert [(p.rule, p.severity) for p in reading.problems] == [("CORS043", "warning")]
    assert load_policy(source) == reading.policy


def test_names_must_be_usable_and_none_is_reserved():
    source = HEAD + (
        "origins: {'my group': https://a.example}\n"
        "policies: {none: {allow_origins: '*'}, 'p;q': {allow_origins: '*'}}\n"
        "routes: [{path: /, service: a, cors: none}]\n"
    )
    found = read_policy_text(source).problems
    bad = [(p.message, p.fix) for p in found if p.rule == "CORS009"]
    assert bad == [
        ('"my group" cannot be the name of a group', "my-group"),
        ('"none" is a reserved word', None),
        ('"p;q" cannot be the name of a policy', "p-q"),
    ]


def test_a_group_is_checked_where_it_is_defined_and_warned_of_when_unused():
    source = HEAD + (
        "origins:\n"
        "  one: [https://a.example, https://a.example, https://x.b.example, https://*.b.example]\n"
        "  two: '*'\n"
        "  three: [four, https://c.example/]\n"
        "  four: https://d.example\n"
        "policies: {p: {allow_origins: one}}\n"
    )
    found = [(p.rule, p.line) for p in read_policy_text(source + ROUTES).problems]
    assert found == [
        ("CORS016", 4),
        ("CORS016", 4),
        ("CORS043", 5),
        ("CORS011", 5),
        ("CORS043", 6),
        ("CORS010", 6),
        ("CORS010", 6),
        ("CORS043", 7),
    ]


def test_a_danger_in_a_group_is_reported_once_however_many_policies_use_it():
    source = HEAD + (
        "origins: {g: [http://a.example, http://b.example]}\n"
        "policies:\n"
        "  p: {allow_origins: g, allow_credentials: true}\n"
        "  q: {allow_origins: g, allow_credentials: true}\n"
        "  r: {allow_origins: g}\n"
        "routes:\n"
        "  - {path: /p, service: a, cors: p}\n"
        "  - {path: /q, service: a, cors: q}\n"
        "  - {path: /r, service: a, cors: r}\n"
    )
    assert _rules(source) == ["CORS014", "CORS014"]


LISTED = HEAD + "origins: {t: {file: tenants.txt}}\npolicies: {p: {allow_origins: t}}\n" + ROUTES


def test_a_list_in_a_file_holds_one_origin_a_line_and_comments():
    lists = {"tenants.txt": "\ufeff# ours\nhttps://a.example  # first\n\n  https://*.b.example\r\n"}
    policy = load_policy(LISTED, read_file=lists.__getitem__)
    assert list(policy.policies["p"].allow_origins) == ["https://a.example", "https://*.b.example"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("https://a.example\n https://B.example\n", ("CORS010", "tenants.txt", 2, 2)),
        ("https://a.example\n*\n", ("CORS011", "tenants.txt", 2, 1)),
        ("null", ("CORS013", "tenants.txt", 1, 1)),
        ("https://a.\u202eexample", ("CORS001", "tenants.txt", 1, 11)),
        ("# nobody\n", ("CORS017", "cors.yaml", 3, 21)),
        ("#" * (8 * 1024 * 1024 + 1), ("CORS017", "cors.yaml", 3, 21)),
    ],
)
def test_a_list_that_is_wrong_in_one_line_is_refused_with_that_line(content, problem):
    reading = read_policy_text(LISTED, read_file=lambda _: content)
    assert [(p.rule, p.file, p.line, p.column) for p in reading.problems] == [problem]
    assert reading.policy is None


def test_a_list_that_cannot_be_read_is_said_to_be():
    def missing(name):
        raise FileNotFoundError(2, "No such file or directory", name)

    def undecodable(name):
        return b"\xff".decode()

    for read_file, words in (
        (missing, "No such file or directory"),
        (undecodable, "invalid start byte"),
        (None, "no files are read here"),
    ):
        [problem] = read_policy_text(LISTED, read_file=read_file).problems
        assert problem.rule == "CORS017"
        assert words in problem.message


def test_a_list_without_a_name_is_one_problem():
    assert _rules(LISTED.replace("tenants.txt", "")) == ["CORS006"]
    assert _rules(LISTED.replace("{file: tenants.txt}", "{fil: x}")) == ["CORS005", "CORS004"]


def test_nodes_made_elsewhere_are_held_to_the_same_rules():
    """As the middleware does with keywords, without YAML."""
    path = Scalar(1, 1, "routes", "text"), Sequence(1, 1, ())
    reading = read_nodes(Mapping(1, 1, (path,)), "Cors(...)")
    assert {p.rule for p in reading.problems} == {"CORS005", "CORS007"}
    assert {p.file for p in reading.problems} == {"Cors(...)"}


def test_a_correction_that_is_longer_than_a_line_is_left_out():
    names = ", ".join(f"X-{n}" for n in range(500))
    source = HEAD + f"policies: {{p: {{allow_origins: '*', allow_headers: '{names}'}}}}\n" + ROUTES
    [problem] = read_policy_text(source).problems
    assert problem.rule == "CORS034"
    assert problem.fix is None


def test_suggestions_stop_in_a_file_full_of_mistakes():
    origins = ", ".join(f"grou{n}" for n in range(200))
    source = HEAD + (
        "origins: {group: https://a.example}\n"
        f"policies: {{p: {{allow_origins: [group, {origins}]}}}}\n"
    )
    fixes = [p.fix for p in read_policy_text(source + ROUTES).problems]
    assert len(fixes) == 200
    assert 0 < fixes.count("group") <= 50


def test_a_file_of_nothing_but_mistakes_is_not_read_to_its_end():
    origins = ", ".join(f"https://X{n}" for n in range(5000))
    source = HEAD + f"policies: {{p: {{allow_origins: [{origins}]}}}}\n" + ROUTES
    reading = read_policy_text(source)
    assert reading.policy is None
    assert len(reading.problems) == MOST_ERRORS


def test_any_number_of_warnings_refuses_nothing():
    origins = ", ".join(["https://a.example"] * 3000)
    source = HEAD + f"policies: {{p: {{allow_origins: [{origins}]}}}}\n" + ROUTES
    reading = read_policy_text(source)
    assert len(reading.problems) == 2999
    assert reading.policy is not None


@pytest.mark.parametrize("word", ["y" * 10_000, "https://" + "y" * 10_000, "'" + "1" * 10_000])
def test_messages_are_bounded(word):
    source = HEAD + f'policies: {{p: {{allow_origins: "{word}", {word}: x}}}}\n' + ROUTES
    for problem in read_policy_text(source).problems:
        assert len(str(problem)) < 800


@pytest.mark.parametrize("escape", ["\\e", "\\n", "\\0", "\\u202e", "\\t", "\\x7f"])
def test_a_value_cannot_spell_a_hidden_character(escape):
    """A line break in a path would be a line of its own in a written configuration."""
    source = HEAD + f'gateway: {{access_log: "x{escape}y"}}\n'
    reading = read_policy_text(source + "policies: {p: {allow_origins: '*'}}\n" + ROUTES)
    assert [(p.rule, p.line, p.column) for p in reading.problems] == [("CORS001", 3, 23)]
    assert escape not in str(reading.problems[0])


@pytest.mark.parametrize("value", ["x\n\n    y", "|\n    x\n    y", ">\n    x\n\n    y"])
def test_a_value_is_one_line(value):
    source = HEAD + f"gateway:\n  access_log: {value}\n"
    assert "CORS001" in _rules(source + "policies: {p: {allow_origins: '*'}}\n" + ROUTES)


def test_ten_thousand_origins_may_stand_in_the_policy_itself(read):
    origins = ", ".join(f"https://tenant-{n}.example.com" for n in range(10_000))
    start = time.process_time()
    assert len(read(f"[{origins}]").policy.policies["open"].allow_origins.exact) == 10_000
    assert time.process_time() - start < 8


def test_ten_thousand_origins_and_two_thousand_routes_are_read_in_seconds():
    origins = "".join(f"    - https://tenant-{n}.example.com\n" for n in range(10_000))
    routes = "".join(
        f"  - {{path: /service-{n}/v1, service: a, cors: p, rate_limit: 50/s}}\n"
        for n in range(2_000)
    )
    source = (
        HEAD
        + "policies:\n  p: {allow_origins: tenants, allow_credentials: true}\n"
        + f"origins:\n  tenants:\n{origins}routes:\n{routes}"
    )
    start = time.process_time()
    policy = load_policy(source)
    assert time.process_time() - start < 8  # about one second on an idle machine
    assert len(policy.routes) == 2_000
    assert "https://tenant-9999.example.com" in policy.policies["p"].allow_origins
