"""Ingresses of the controllers that drive HAProxy: what is predicted is what HAProxy answers, with
the rules that they write."""

from __future__ import annotations

import shutil
from typing import Any
from urllib.parse import urlsplit

from corsage.layers import rules
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.manifests.served import differences, read_objects, requests

APP = "https://app.example.com"
OURS, THEIRS = "haproxy-ingress.github.io/", "haproxy.org/"
ORIGINS = (
    None,
    "null",
    APP,
    "https://a.b.example.com",
    "https://appxexample.com",
    "https://app.example.com.stranger.example",
)
CASES: list[tuple[str, dict[str, str]]] = [
    (OURS, {}),
    (OURS, {"cors-enable": "true"}),
    (OURS, {"cors-enable": "true", "cors-allow-origin": APP}),
    (OURS, {"cors-enable": "true", "cors-allow-origin": f"{APP},https://*.b.example.com"}),
    (OURS, {"cors-enable": "true", "cors-allow-origin-regex": r"https://app.example.com"}),
    (OURS, {"cors-enable": "true", "cors-allow-credentials": "false", "cors-max-age": "60"}),
    (OURS, {"cors-enable": "true", "cors-allow-methods": "*", "cors-allow-headers": "*"}),
    (OURS, {"cors-enable": "true", "cors-expose-headers": "X-Total"}),
    (THEIRS, {"cors-allow-origin": APP}),
    (THEIRS, {"cors-enable": "true"}),
    (THEIRS, {"cors-enable": "true", "cors-allow-credentials": "true"}),
    (THEIRS, {"cors-enable": "true", "cors-allow-origin": APP}),
    (THEIRS, {"cors-enable": "true", "cors-allow-origin": APP, "cors-respond-to-options": "true"}),
    (THEIRS, {"cors-enable": "true", "cors-allow-methods": "get, put", "cors-max-age": "10m"}),
    (THEIRS, {"cors-enable": "true", "cors-allow-headers": "X-One, X-Two"}),
]
DEFAULT_HEADERS = (
    "DNT,X-CustomHeader,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,"
    "Content-Type,Authorization"
)


def ours(values: dict[str, str]) -> list[str]:
    """The rules of haproxy-ingress 0.17, its Lua service as a plain return."""
    if "cors-enable" not in values:
        return []
    lists = {
        "Methods": values.get("cors-allow-methods", "GET, PUT, POST, DELETE, PATCH, OPTIONS"),
        "Headers": values.get("cors-allow-headers", DEFAULT_HEADERS),
    }
    exact = [each for each in values.get("cors-allow-origin", "*").split(",") if each != "*"]
    found = "if cors_ok"
    rules_ = ["http-request set-var(txn.origin) req.hdr(Origin) if { req.hdr(Origin) -m found }"]
    for name in lists:
        asked = f"req.fhdr(Access-Control-Request-{name[:-1] if name == 'Methods' else name})"
        rules_.append(f"http-request set-var(txn.{name}) {asked} if {{ {asked} -m found }}")
    age = values.get("cors-max-age", "86400")
    answer = f"http-request return status 204 hdr Access-Control-Max-Age {age} if METH_OPTIONS"
    rules_.append(answer)
    if exact:
        rules_.append(f"acl cors_ok var(txn.origin) -m str {' '.join(exact)}")
    if "cors-allow-origin-regex" in values:
        rules_.append(f"acl cors_ok var(txn.origin) -m reg {values['cors-allow-origin-regex']}")
    elif not exact:
        rules_.append("acl cors_ok var(txn.origin) -m found")
    after = "http-after-response set-header"
    rules_.append(f"{after} Access-Control-Allow-Origin %[var(txn.origin)] {found}")
    for name, value in lists.items():
        asked, when = f"%[var(txn.{name})]", f"{found} {{ var(txn.{name}) -m found }}"
        told = f"{asked} {when}" if value == "*" else f'"{value}" {found}'
        rules_.append(f"{after} Access-Control-Allow-{name} {told}")
    if values.get("cors-allow-credentials") != "false":
        rules_.append(f'{after} Access-Control-Allow-Credentials "true" {found}')
    if "cors-expose-headers" in values:
        exposed = values["cors-expose-headers"]
        rules_.append(f'{after} Access-Control-Expose-Headers "{exposed}" {found}')
    if exact:
        varies = '{ res.hdr(Vary) -m found } !{ res.hdr(Vary) -m str "Origin" }'
        rules_.append(f"{after} Vary %[res.fhdr(Vary)],Origin {found} {varies}")
        rules_.append(f"{after} Vary Origin {found} !{{ res.hdr(Vary) -m found }}")
    return rules_


def theirs(values: dict[str, str]) -> list[str]:
    """The rules of haproxytech's controller 3.2."""
    if "cors-enable" not in values:
        return []
    origin = values.get("cors-allow-origin", "*")
    test = "-m found" if origin == "*" else f"-m reg {origin}"
    found = f"if {{ var(txn.cors_origin) {test} }}"
    methods = values.get("cors-allow-methods", "*").replace(" ", "").upper().replace(",", ", ")
    names = values.get("cors-allow-headers", "*").replace(" ", "")
    after = "http-after-response set-header"
    sent = "*" if origin == "*" else "%[var(txn.cors_origin)]"
    age = {"10m": "600"}.get(values.get("cors-max-age", ""), "5")
    rules_ = [
        "http-request set-var(txn.cors_origin) req.hdr(origin)",
        f"{after} Access-Control-Allow-Origin {sent} {found}",
        f'{after} Access-Control-Allow-Methods "{methods}" {found}',
        f'{after} Access-Control-Allow-Headers "{names}" {found}',
        f'{after} Access-Control-Max-Age "{age}" {found}',
    ]
    if values.get("cors-allow-credentials") == "true":
        rules_.append(f'{after} Access-Control-Allow-Credentials "true" {found}')
    if values.get("cors-respond-to-options") == "true":
        rules_.append("http-request return status 204 if METH_OPTIONS")
    return rules_


def ingress(host: str, prefix: str, values: dict[str, str]) -> Any:
    backend = {"service": {"name": "api", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": host.partition(".")[0],
            "annotations": {"haproxy.org/x": "1", **{prefix + n: v for n, v in values.items()}}
            if prefix == THEIRS
            else {prefix + n: v for n, v in values.items()},
        },
        "spec": {
            "ingressClassName": "haproxy",
            "rules": [{"host": host, "http": {"paths": [path]}}],
        },
    }


def test_what_haproxy_answers_is_predicted_header_for_header(tmp_path):
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, "there is no HAProxy on this machine"
    port = free_port()
    with upstream() as behind:
        hosts = [f"case{number}.example" for number in range(len(CASES))]
        text = "defaults\n mode http\n timeout client 9s\n timeout server 9s\n timeout connect 9s\n"
        text += f"frontend f\n bind 127.0.0.1:{port}\n use_backend %[req.hdr(Host)]\n"
        for host, (prefix, values) in zip(hosts, CASES, strict=True):
            written = ours(values) if prefix == OURS else theirs(values)
            lines = "".join(f" {line}\n" for line in written)
            text += f"backend {host}\n{lines} server s {urlsplit(behind.url).netloc}\n"
        (tmp_path / "haproxy.cfg").write_text(text)
        led = [ingress(host, *case) for host, case in zip(hosts, CASES, strict=True)]
        asked = [request for host in hosts for request in requests(host, "/", ORIGINS)]
        with process([program, "-f", "haproxy.cfg"], tmp_path, port):
            wrong = differences(port, read_objects(led).instances, asked)
    assert not wrong, f"{len(wrong)} of {len(asked)}: {wrong[:3]}"


def test_what_has_no_effect_or_another_meaning_is_told():
    def told(prefix: str, **values: str) -> list[str]:
        written = {name.replace("_", "-"): value for name, value in values.items()}
        return [slip.rule.id for slip in read_objects([ingress("a.b", prefix, written)]).slips]

    inert, misread = [rules.INERT.id], [rules.MISREAD.id]
    assert told(OURS, cors_allow_origin=APP) == inert
    assert told(THEIRS, cors_allow_origin=APP) == inert
    on = {"cors_enable": "true"}
    assert told(THEIRS, **on, cors_allow_origin=f"{APP},https://b.example") == misread
    assert told(OURS, **on, cors_allow_origin="https://*.example.com") == misread
    assert told(OURS, **on, cors_allow_origin=f"{APP},https://b.example") == []


def test_a_plain_origin_is_a_regex_that_strangers_fit():
    (instance,) = read_objects(
        [ingress("a.b", THEIRS, {"cors-enable": "true", "cors-allow-origin": APP})]
    ).instances
    grant = instance.sites[0].grant
    assert grant is not None
    assert "https://app.example.com.stranger.example" in grant.entries[0].language
    assert not grant.credentials
