"""A policy becomes an nginx.conf, and no value in it can become anything but a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from corsage.layers.nginx import NginxFeatures, NginxWriteError, write
from corsage.policy.model import CorsPolicy, Gateway, Policy, Route, Service, Tls
from corsage.policy.origins import OriginPattern, OriginSet

APP = "https://app.example.com"
SYNTAX = (
    "; } server { listen 1; } #",
    '"; add_header X-Evil 1; "',
    "'; add_header X-Evil 1; '",
    '\\"; add_header X-Evil 1;',
    "\\",
    "$http_host ${uri} $1",
    "~.*",
    "# comment",
    "{",
    "}",
    "é\u202e",
)
HOSTILE = (*SYNTAX, "a b", "default", "hostnames", "x" * 1500)


def policy(
    *,
    name: str = "session",
    service: str = "api",
    words: tuple[str, ...] = ("X-A",),
    **route: str,
) -> Policy:
    rules = CorsPolicy(name, OriginSet((APP,)), ("GET",), words, words, max_age=1)
    return Policy(
        Gateway(),
        {service: Service(service, "http://127.0.0.1:3001")},
        {name: rules},
        (Route(route.get("path", "/a"), service, name, host=route.get("host")),),
    )


def directives(text: str) -> Iterator[str]:
    """The first word of every directive, as nginx would read the text."""
    word = re.compile(
        r"""\s+ | \#[^\n]* | (?P<end>[;{}]) |
        (?P<word>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | (?:\\.|\$\{|[^\s;{}"'\\])[^\s;{}]*)""",
        re.VERBOSE | re.DOTALL,
    )
    at, first = 0, True
    while at < len(text):
        found = word.match(text, at)
        assert found, text[at : at + 40]
        at = found.end()
        if found["end"]:
            first = True
        elif found["word"] and first:
            first = False
            yield found["word"]


HARMLESS = list(directives(write(policy())))


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("field", ["name", "service", "path", "words"])
def test_a_hostile_value_adds_no_directive(field: str, value: str) -> None:
    given = {"words": (value,), "path": f"/{value}"}.get(field, value)
    text = write(policy(**{field: given}))
    # Constants may add `geo` and its `default`; a map's keys are directives here as well.
    constant = {"geo", "default"}
    written = [word for word in directives(text) if word not in constant]
    assert written == [word for word in HARMLESS if word not in constant]


@pytest.mark.parametrize("value", ["x" * 3000, "a\tb", "UPPER.example", "a/b", "a b", "", *SYNTAX])
def test_what_is_no_host_name_is_refused(value: str) -> None:
    with pytest.raises(NginxWriteError, match="is not a host name"):
        write(policy(host=value))


@pytest.mark.parametrize("value", ["\n", "\r", "\0", "\x7f", "\ud800"])
@pytest.mark.parametrize("field", ["path", "words"])
def test_control_characters_are_refused(field: str, value: str) -> None:
    with pytest.raises(NginxWriteError, match="control character"):
        write(policy(**{field: (f"a{value}",) if field == "words" else f"/a{value}"}))


@pytest.mark.parametrize(
    "origin",
    ["", "default", "https://APP.example.com", "https://a.example/", f"{APP} {APP}", "~.*", "$uri"],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    base = policy()
    rules = replace(base.policies["session"], allow_origins=OriginSet((origin,)))
    with pytest.raises(NginxWriteError, match="is not an origin as a browser sends it"):
        write(replace(base, policies={"session": rules}))


@pytest.mark.parametrize(
    ("scheme", "host"), [("https", "a;b"), ("ht.tp", "a.example"), ("https", "")]
)
def test_what_is_no_pattern_is_refused(scheme: str, host: str) -> None:
    base = policy()
    origins = OriginSet(patterns=(OriginPattern(scheme, host, subdomains=True),))
    rules = replace(base.policies["session"], allow_origins=origins)
    with pytest.raises(NginxWriteError, match="is not a pattern"):
        write(replace(base, policies={"session": rules}))


@pytest.mark.parametrize(
    "gateway",
    [
        Gateway(listen="127.0.0.1:80; server {"),
        Gateway(listen="8080"),
        Gateway(tls=Tls("$ssl_server_name.pem", "key.pem")),
        Gateway(access_log="/var/log/$host"),
        Gateway(error_log="a\nb"),
    ],
    ids=lambda gateway: str(gateway)[8:48],
)
def test_a_listener_that_nginx_would_read_otherwise_is_refused(gateway: Gateway) -> None:
    with pytest.raises(NginxWriteError):
        write(replace(policy(), gateway=gateway))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a",
        "http://a/path",
        "http://u:p@a",
        "http://a?b",
        "http://a b",
        "http://$host",
        "ftp://a:1",
        "http://a:99999",
        "http://[::1",
        "http://",
    ],
)
def test_a_service_is_a_scheme_a_host_and_a_port(url: str) -> None:
    with pytest.raises(NginxWriteError, match=r"is not http\(s\)://host"):
        write(replace(policy(), services={"api": Service("api", url)}))


def test_a_method_that_nginx_cannot_read_is_refused_with_the_one_to_write() -> None:
    base = policy()
    rules = replace(base.policies["session"], allow_methods=("GET", "patch"))
    with pytest.raises(NginxWriteError, match="the method 'patch', to which nginx answers 400"):
        write(replace(base, policies={"session": rules}))


def test_names_that_nginx_takes_for_one_stay_apart() -> None:
    names = ("a-b", "A-B", "a_b", "a b", "a.b", "é", "", "-")
    base = policy()
    policies = {
        name: replace(
            base.policies["session"], name=name, allow_origins=OriginSet((f"https://{n}.example",))
        )
        for n, name in enumerate(names)
    }
    services = {name: Service(name, f"http://127.0.0.1:{3000 + n}") for n, name in enumerate(names)}
    routes = tuple(Route(f"/{n}", name, name) for n, name in enumerate(names))
    text = write(replace(base, policies=policies, services=services, routes=routes))
    defined = re.findall(r"^    map \S+ (\$\S+) \{", text, re.MULTILINE)
    assert len({name.lower() for name in defined}) == len(defined)
    upstreams = re.findall(r"^    upstream (\S+) \{", text, re.MULTILINE)
    assert len({name.lower() for name in upstreams}) == len(names)


def test_no_variable_of_ours_can_be_one_of_nginx_s() -> None:
    text = write(policy(name="http"))
    defined = re.findall(r"^    (?:map \S+|geo) (\$\S+) \{", text, re.MULTILINE)
    assert all(name.startswith(("$cors_", "$gateway_")) for name in defined)


def test_the_same_policy_is_the_same_text() -> None:
    assert write(policy()) == write(policy())


def test_long_lists_of_headers_are_kept_whole() -> None:
    words = tuple(f"X-Header-{n:04}" for n in range(1000))
    text = write(policy(words=words))
    constants = dict(re.findall(r"geo \$(gateway_text_\d+) \{ default \"?(.*?)\"?; \}", text))
    assert max(map(len, text.splitlines())) < 4096
    assert ", ".join(words) == "".join(constants.values())


@pytest.mark.parametrize(
    ("version", "listen", "directive"),
    [((1, 22), "listen 127.0.0.1:8080 default_server ssl http2;", False),
     ((1, 25, 1), "listen 127.0.0.1:8080 default_server ssl;", True)],
)  # fmt: skip
def test_http_2_is_said_as_the_version_has_it(
    version: tuple[int, ...], listen: str, directive: bool
) -> None:
    tls = replace(policy(), gateway=Gateway(tls=Tls("cert.pem", "key.pem")))
    text = write(tls, NginxFeatures(version=version))
    assert listen in text
    assert ("http2 on;" in text) == directive


def test_what_only_some_engines_know_or_need_is_written_for_them_alone() -> None:
    assert "keepalive_min_timeout" not in write(policy(), NginxFeatures((1, 27, 3)))
    assert "keepalive_min_timeout" in write(policy(), NginxFeatures((1, 27, 4)))
    assert "request_pool_size" not in write(policy())
    assert "request_pool_size" in write(policy(), NginxFeatures(musl=True))
