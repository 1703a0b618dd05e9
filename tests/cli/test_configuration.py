"""``diff``, ``map``, ``explain`` and ``init`` on configuration."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.chain.system import System
from corsage.layers.reading import read
from corsage.layers.source import Source
from corsage.policy import load_policy
from tests.cli.configuration import MEANT, NGINX, ingress, write

APP = "https://app.example.com"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a policy and the nginx.conf that does as it says."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, nginx_conf=NGINX, cors_yaml=MEANT)
    return tmp_path


def test_a_policy_and_configuration_that_does_it_do_not_differ(corsage, here):
    ran = corsage("diff", "cors.yaml", "nginx.conf")
    assert (ran.code, ran.out) == (0, "no difference\n")


def test_a_difference_is_a_request_that_one_allows_and_the_other_blocks(corsage, here):
    write(here, other__nginx_conf=NGINX.replace('"GET, PUT"', '"GET, PUT, PATCH"'))
    ran = corsage("diff", "nginx.conf", "other")
    assert ran.code == 1
    assert f"other allows, nginx.conf blocks: PATCH /orders from {APP} with credentials" in ran.out
    [difference] = json.loads(corsage("diff", "other", "cors.yaml", "--format", "json").out)[
        "differences"
    ]
    assert (difference["method"], difference["origin"]) == ("PATCH", APP)
    assert (difference["a"]["allowed"], difference["b"]["allowed"]) == (True, False)


def test_everybody_is_one_difference(corsage, here):
    write(here, other__ingress_yaml=ingress('cors-allow-origin: "*"'))
    write(here, one__ingress_yaml=ingress(f'cors-allow-origin: "{APP}"'))
    found = json.loads(corsage("diff", "other", "one", "--format", "json").out)["differences"]
    allowed_by_all = [one for one in found if one["a"]["allowed"]]
    assert len(allowed_by_all) == 1
    assert allowed_by_all[0]["count"] > 1


@pytest.mark.parametrize("arguments", [("cors.yaml", "nowhere"), ("empty", "empty")])
def test_sources_that_say_nothing_are_exit_code_2(corsage, here, arguments):
    write(here, empty__nginx_conf="server { listen 80; location / { return 200; } }\n")
    assert corsage("diff", *arguments).code == 2


def test_the_map_has_who_reads_and_who_owns(corsage, here):
    ran = corsage("map", "nginx.conf")
    assert ran.code == 0
    assert "https://api.example.com/orders" in ran.out
    assert f"{APP} may read, with cookies" in ran.out
    assert "owner of CORS: nginx api.example.com" in ran.out
    paths = json.loads(corsage("map", "nginx.conf", "--format", "json").out)["paths"]
    assert paths[0]["url"] == "https://api.example.com/orders"
    assert corsage("map", "nginx.conf", "--format", "mermaid").out.startswith("flowchart LR\n")


def test_a_pattern_is_drawn_as_an_origin_that_it_admits(corsage, here):
    write(here, other__ingress_yaml=ingress('cors-allow-origin: "https://*.example.com"'))
    assert "https://a.example.com may read, with cookies" in corsage("map", "other").out


def test_pictures_are_well_formed_whatever_names_they_show(corsage, here):
    hostile = NGINX.replace("/orders", "/<script>alert(1)</script>&\"'")
    write(here, hostile__nginx_conf=hostile.replace("orders:3000", "a&b:3000"))
    svg = corsage("map", "hostile", "--format", "svg").out
    root = ElementTree.fromstring(svg)
    assert not [one for one in root.iter() if one.tag.endswith("script")]
    html = corsage("map", "hostile", "--format", "html").out
    assert "<script" not in html
    ElementTree.fromstring(
        html.partition("<body>")[2].partition("</body>")[0].join(["<b>", "</b>"])
    )
    assert "\x1b" not in corsage("map", "hostile").out


def test_a_map_is_written_to_a_file_once(corsage, here):
    assert corsage("map", "nginx.conf", "--format", "svg", "-o", "map.svg").code == 0
    assert corsage("map", "nginx.conf", "--format", "svg", "-o", "map.svg").code == 2
    assert corsage("map", "nginx.conf", "--format", "svg", "-o", "map.svg", "--force").code == 0


def test_a_request_is_explained_hop_by_hop(corsage, here):
    ran = corsage("explain", "nginx.conf", "PUT", "/orders", "--origin", APP, "--credentials")
    assert ran.code == 0
    assert "nginx api.example.com (location /orders, nginx.conf:8) answers: 204" in ran.out
    assert f"Access-Control-Allow-Origin appears at nginx api.example.com: {APP}" in ran.out


def test_a_blocked_request_says_why_and_what_to_mend(corsage, here):
    write(
        here,
        other__nginx_conf=NGINX.replace("proxy_pass", "return 301 https://www.example.com; #"),
    )
    ran = corsage("explain", "nginx.conf", "PATCH", "/orders", "--origin", APP, "--format", "json")
    answer = json.loads(ran.out)
    assert (ran.code, answer["allowed"], answer["reason"]) == (1, False, "method-not-allowed")
    ran = corsage("explain", ".", "GET", "orders", "--origin", APP)
    assert ran.code == 2
    assert "must start with a slash" in ran.err


@pytest.mark.parametrize(
    "files",
    [
        {"nginx_conf": NGINX.replace("location /orders {", "location / {")},
        {"ingress_yaml": ingress(f'cors-allow-origin: "{APP}"', 'cors-max-age: "600"')},
        {
            "app__main_py": f"""\
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["{APP}"],
    allow_credentials=True,
    allow_methods=["GET", "POST", "PUT"],
)
""",
            "nginx_conf": """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location / { proxy_pass http://app:8000; }
}
""",
            "compose_yaml": "services: {app: {build: ./app}}\n",
        },
    ],
    ids=["nginx", "ingress-nginx", "an app behind nginx"],
)
def test_a_policy_from_configuration_has_its_verdicts(corsage, tmp_path, files):
    folder = write(tmp_path, **files)
    ran = corsage("init", "--from", folder)
    assert ran.code == 0, ran.err
    sources = [
        Source(str(path), path.read_text()) for path in tmp_path.rglob("*") if path.is_file()
    ]
    before = of_system(System(read(sources)), "before")
    assert differences(before, of_policy(load_policy(ran.out, "cors.yaml"), "after")) == []
    assert "changes:" not in ran.err


@pytest.mark.parametrize(
    ("origin", "witness"),
    [
        ("https://*.github.io", "https://*.github.io"),
        ("http://app.example.com, https://app.example.com", "http://app.example.com"),
    ],
)
def test_holes_are_refused_and_named(corsage, tmp_path, origin, witness):
    folder = write(tmp_path, ingress_yaml=ingress(f'cors-allow-origin: "{origin}"'))
    ran = corsage("init", "--from", folder)
    assert witness in ran.err
    assert "ingress.yaml:7" in ran.err
    assert f'"{witness}"' not in ran.out
    assert f"[{witness}" not in ran.out


def test_what_grants_nothing_makes_no_policy(corsage, tmp_path):
    folder = write(tmp_path, nginx_conf="server { listen 80; location / { return 200; } }\n")
    ran = corsage("init", "--from", folder)
    assert (ran.code, ran.out) == (2, "")
    assert "nothing in it allows any origin to read" in ran.err
