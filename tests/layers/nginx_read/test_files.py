"""Files as repositories have them: parts, includes, templates, and what is no nginx at all."""

from __future__ import annotations

import pytest

from corsage.browser import Response, WireRequest
from corsage.layers import readers
from corsage.layers.nginx.read import READER
from corsage.layers.source import Source
from tests.layers.nginx_read.conftest import read

STAR = "add_header Access-Control-Allow-Origin * always;"


def link(**files):
    """Files by path, with ``__`` for a slash."""
    paths = {name.replace("__", "/") + ".conf": text for name, text in files.items()}
    return READER.link({path: READER.parse(Source(path, text)) for path, text in paths.items()})


def granting(reading):
    return [site for each in reading.instances for site in each.sites if site.grant is not None]


@pytest.mark.parametrize(
    "pattern",
    ["conf.d/*.conf", "/etc/nginx/conf.d/*.conf", "./conf.d/api.conf", "../deploy/conf.d/a?i.conf"],
)
def test_an_include_finds_the_file_where_the_repository_has_it(pattern):
    reading = link(
        deploy__nginx=f"events {{}} http {{ include {pattern}; }}",
        **{"deploy__conf.d__api": f"server {{ location / {{ {STAR} proxy_pass http://a; }} }}"},
    )
    assert len(reading.instances) == 1
    [site] = granting(reading)
    assert site.where.file == "deploy/conf.d/api.conf"


def test_an_include_of_another_folder_is_not_taken():
    reading = link(
        one__nginx="server { location / { include cors.conf; proxy_pass http://a; } }",
        two__cors=STAR,
    )
    assert [site.where.file for site in granting(reading)] == ["two/cors.conf"]


@pytest.mark.parametrize(
    "text",
    [
        f"server {{ location / {{ {STAR} proxy_pass http://a; }} }}",
        f"listen 80; location / {{ {STAR} proxy_pass http://a; }}",
        f"location / {{ {STAR} proxy_pass http://a; }}",
        STAR,
        f"if ($request_method = OPTIONS) {{ {STAR} return 204; }} {STAR}",
    ],
)
def test_a_part_of_a_configuration_is_read_as_what_it_is_part_of(text):
    [site] = granting(read(text))
    request = WireRequest("actual", "GET", "http://any.example/x", (("Origin", "https://a.b"),))
    answer = site.hop(request, lambda _: Response(200, (("X-App", "1"),)))
    assert answer == Response(200, (("X-App", "1"), ("Access-Control-Allow-Origin", "*")))


def test_a_part_that_says_nothing_about_cors_is_nobody():
    assert read("proxy_set_header Host $host; proxy_http_version 1.1;").instances == ()


def test_a_map_of_a_file_in_the_same_folder_is_found():
    header = "add_header Access-Control-Allow-Origin $ok always;"
    server = f"server {{ location / {{ {header} return 200; }} }}"
    table = "map $http_origin $ok { https://a.example $http_origin; }"
    [site] = granting(link(**{"conf.d__maps": table, "conf.d__api": server}))
    assert [entry.text for entry in site.grant.entries] == ["https://a.example"]
    assert site.grant.entries[0].where.file == "conf.d/maps.conf"
    [site] = granting(link(elsewhere__maps=table, here__api=server))
    assert site.grant.unknown


def test_a_template_is_read_around_what_it_fills_in():
    text = """
server {
    listen {{ port }};
    server_name {{ name }};
    {# add_header Access-Control-Allow-Origin https://comment.example; #}
    {% for path in paths %}
    location {{ path }} {
        {% if cookies %}
        add_header Access-Control-Allow-Credentials true always;
        {% else %}
        add_header Access-Control-Allow-Credentials false always;
        {% endif %}
        add_header Access-Control-Allow-Origin https://app.example.com always;
        proxy_pass http://{{ upstream }};
    }
    {% endfor %}
    location /go {
        {{- if .Values.cors }}
        add_header Access-Control-Allow-Origin https://{{ .Values.host }} always;
        {{- end }}
        proxy_pass http://${UPSTREAM};
    }
}
"""
    by_name = {site.name: site for site in granting(read(text))}
    first, second = by_name.values()
    assert [entry.text for entry in first.grant.entries] == ["https://app.example.com"]
    assert first.grant.credentials
    assert first.where.line == 7
    assert second.grant.unknown[0].where.line == 19


def test_an_expression_that_writes_whole_directives_is_passed_over():
    text = f"server {{\n  {{{{ tls_settings }}}}\n  location / {{\n {STAR}\n return 200; }}\n}}"
    [site] = granting(read(text))
    assert site.where.line == 3
    assert [entry.text for entry in site.grant.entries] == ["*"]


def test_what_the_http_block_says_holds_in_every_server():
    [site] = granting(read(f"http {{ {STAR} server {{ location / {{ return 200; }} }} }}"))
    assert site.grant.setting("allow_origins").where.column == 8


def test_a_server_is_reached_by_its_names_and_its_port():
    reading = read(
        "server { listen 80; server_name a.example *.b.example ~^c; return 301 https://x; }"
        "server { listen 127.0.0.1:8080 default_server; listen [::]:80; location / { deny all; } }"
    )
    first, second = reading.instances
    assert first.reached_at == ("a.example", "*.b.example", ":80")
    assert second.reached_at == (":8080",)


def test_where_requests_go_next_is_said_by_address():
    reading = read(
        "upstream billing { server billing:3002; server backup:3002 backup; }"
        "server { set $target http://search:9000;"
        "location / { proxy_pass http://billing; }"
        "location /search { proxy_pass $target; }"
        "location /php { fastcgi_pass php:9000; }"
        "location /spa { try_files $uri @app; }"
        "location @app { proxy_pass https://app:8443/x/; }"
        "location /files { root /srv; } }"
    )
    found = {site.name: site.upstream for site in reading.instances[0].sites}
    assert found == {
        "location /": "http://billing:3002",
        "location /search": "http://search:9000",
        "location /php": "http://php:9000",
        "location /spa": "https://app:8443",
        "location /files": "",
    }


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("nginx.conf", "server { listen 80; }"),
        ("deploy/default.conf.template", "server {\n listen ${PORT};\n}"),
        ("roles/web/templates/site.conf.j2", "location / {\n}"),
        ("sites-enabled/api", "server {\n}"),
        ("snippets/cors.conf", "add_header X-A 1;"),
    ],
)
def test_a_file_of_nginx_is_recognised(path, text):
    assert "nginx" in readers.detect(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("httpd.conf", "<VirtualHost *:80>\nProxyPass / http://a/\n</VirtualHost>\n# server {"),
        ("supervisord.conf", "[program:server]\ncommand=nginx"),
        ("docs/nginx.md", "server {\n listen 80;\n}"),
        ("nginx.py", "server = {\n}"),
        ("nginx.yaml", "data:\n  nginx.conf: |\n    server {\n"),
        ("redis.conf", "save 900 1"),
        ("nginx/Dockerfile", "FROM nginx\nCOPY server {"),
    ],
)
def test_another_file_is_left_alone(path, text):
    assert "nginx" not in readers.detect(path, text)
