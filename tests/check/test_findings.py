"""What is wrong is found once: by its cause, and not again by all that follows from it."""

from __future__ import annotations

import pytest

from corsage.check.configuration import grouped
from tests.check.test_incidents import findings


def _ingress(*annotations: str, paths: int = 1) -> str:
    told = "".join(f"    nginx.ingress.kubernetes.io/{one}\n" for one in annotations)
    rows = "".join(
        f"          - {{path: /{number}, pathType: Prefix, "
        f"backend: {{service: {{name: s{number}, port: {{number: 80}}}}}}}}\n"
        for number in range(paths)
    )
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  annotations:
{told}spec:
  ingressClassName: nginx
  rules:
    - host: api.example.com
      http:
        paths:
{rows}"""


WRONG = {
    "a regex that reads like an origin, and is found in others": (
        {
            "dynamic.yaml": """\
http:
  routers:
    api: {rule: "Host(`api.example.com`)", service: api, middlewares: [cors]}
  middlewares:
    cors:
      headers:
        accessControlAllowOriginListRegex: ["https://app.example.com"]
        accessControlAllowMethods: [GET, PUT]
        accessControlMaxAge: 600
        addVaryHeader: true
  services:
    api: {loadBalancer: {servers: [{url: "http://api:3000"}]}}
"""
        },
        ["CORS102 dynamic.yaml:7"],
    ),
    "a list beside which everything is allowed": (
        {
            "settings.py": """\
INSTALLED_APPS = ["corsheaders"]
MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware", "django.middleware.common.CommonMiddleware"]
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOWED_ORIGINS = ["https://shop.example.com"]
"""
        },
        ["CORS111 settings.py:4"],
    ),
    "the wildcard with credentials that nobody asked for, on all paths of an Ingress": (
        {
            "ingress.yaml": _ingress(
                'enable-cors: "true"', 'cors-allow-origin: "*"', 'cors-max-age: "600"', paths=4
            )
        },
        ["CORS101 ingress.yaml:6"],
    ),
    "every website with cookies, which is worse than a missing Vary": (
        {
            "app.py": """\
from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
CORS(app, supports_credentials=True, resources={r"/api/*": {"origins": "*"}})
"""
        },
        ["CORS100 app.py:5"],
    ),
    "response headers that are sent to the service": (
        {
            "nginx.conf": """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location / {
        proxy_set_header Access-Control-Allow-Origin *;
        proxy_set_header Access-Control-Allow-Methods "GET, POST";
        proxy_set_header Access-Control-Allow-Headers Content-Type;
        proxy_pass http://127.0.0.1:3000;
    }
}
"""
        },
        ["CORS112 nginx.conf:5"],
    ),
    "`always` left out in several places": (
        {
            "nginx.conf": """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location /a {
        add_header Access-Control-Allow-Origin *;
        proxy_pass http://127.0.0.1:3000;
    }
    location /b {
        add_header Access-Control-Allow-Origin *;
        proxy_pass http://127.0.0.1:3000;
    }
}
"""
        },
        ["CORS115 nginx.conf:5"],
    ),
    "methods and credentials for nobody": (
        {
            "main.py": """\
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_credentials=True, allow_methods=["GET", "PUT"])
"""
        },
        ["CORS112 main.py:5"],
    ),
    "a guard that is asked before CORS, and the login that follows": (
        {
            "main.py": """\
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse

app = FastAPI()
app.add_middleware(
    CORSMiddleware, allow_origins=["https://shop.example.com"], allow_methods=["GET", "PUT"]
)


@app.middleware("http")
async def guard(request, call_next):
    if "authorization" not in request.headers:
        return JSONResponse({}, status_code=401)
    return await call_next(request)
"""
        },
        ["CORS126 main.py:6"],
    ),
    "entries that admit strangers, each of them": (
        {
            "server.js": """\
const express = require("express");
const cors = require("cors");
const app = express();
app.use(cors({
  origin: [
    /https:\\/\\/shop.example\\.com$/,
    /shop\\.example\\.org/,
  ],
  credentials: true,
}));
app.listen(3000);
"""
        },
        ["CORS102 server.js:6", "CORS102 server.js:7"],
    ),
    "a login that is asked of a preflight, though nobody knows the origins": (
        {
            "src/main/java/Config.java": """\
@Configuration
class Config implements WebMvcConfigurer {
  @Value("${app.origins}")
  private String[] origins;
  @Override
  public void addCorsMappings(CorsRegistry registry) {
    registry.addMapping("/**").allowedOrigins(origins).allowedMethods("GET", "PUT");
  }
  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(all -> all.anyRequest().authenticated())
        .httpBasic(withDefaults()).build();
  }
}
"""
        },
        ["CORS160 src/main/java/Config.java:3", "CORS121 src/main/java/Config.java:7"],
    ),
    "a route of the application behind a proxy that sends the header, too": (
        {
            "nginx.conf": """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location / {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin "https://shop.example.com" always;
            add_header Access-Control-Allow-Methods "GET, PUT" always;
            return 204;
        }
        add_header Access-Control-Allow-Origin "https://shop.example.com" always;
        proxy_pass http://orders:8080;
    }
}
""",
            "compose.yaml": "services: {orders: {build: ./orders}}\n",
            "orders/src/main/java/Orders.java": """\
@RestController
class Orders {
  @CrossOrigin(origins = "https://shop.example.com")
  @GetMapping("/orders/all")
  String all() { return ""; }
}
""",
        },
        ["CORS131 nginx.conf:10"],
    ),
}


@pytest.mark.parametrize(("files", "expected"), WRONG.values(), ids=WRONG)
def test_a_cause_is_one_finding(files, expected):
    found = [one for one in grouped(findings(files)) if one.severity != "note" or "160" in one.rule]
    assert [f"{one.rule} {one.where.file}:{one.where.line}" for one in found] == expected


def test_a_witness_of_a_pattern_is_no_origin_that_it_is_meant_for():
    configuration = """\
map $http_origin $cors {
    default "";
    "~example.org$" $http_origin;
}
server {
    listen 443 ssl;
    server_name api.example.com;
    add_header Access-Control-Allow-Origin $cors always;
    add_header Vary Origin always;
    root /srv;
}
"""
    [finding] = [one for one in findings({"nginx.conf": configuration}) if one.rule == "CORS102"]
    assert finding.witness == "https://aexample.org"


def test_what_is_said_once_names_the_other_lines():
    files, _ = WRONG["`always` left out in several places"]
    [finding] = grouped(findings(files))
    assert finding.message.endswith("(and on line 9)")
    assert {edit.start[0] for edit in finding.edits} == {5, 9}
