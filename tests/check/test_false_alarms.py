"""What is right stays silent, though it looks like what is wrong."""

from __future__ import annotations

import pytest

from tests.check.test_incidents import findings

RIGHT = {
    "a service that speaks to browsers of one site, behind a proxy that leaves CORS to it": {
        "nginx.conf": """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location / {
        proxy_set_header Host $host;
        proxy_pass http://orders:3000;
    }
}
""",
        "compose.yaml": "services: {orders: {build: ./orders}}\n",
        "orders/server.js": """\
const express = require("express");
const cors = require("cors");
const app = express();
app.use(cors({ origin: ["https://shop.example.com"], credentials: true, maxAge: 600 }));
app.listen(3000);
""",
    },
    "a font that everybody may load, and no API": {
        "nginx.conf": """\
server {
    listen 443 ssl;
    server_name static.example.com;
    location ~* \\.(woff2?|ttf)$ {
        add_header Access-Control-Allow-Origin * always;
        root /srv/static;
    }
}
""",
    },
    "an origin that is refused with an error, which no cache keeps": {
        "server.js": """\
const express = require("express");
const cors = require("cors");
const known = ["https://shop.example.com"];
const app = express();
app.use(cors({
  origin: (origin, callback) => {
    if (known.includes(origin)) return callback(null, true);
    callback(new Error("not allowed"));
  },
}));
app.listen(3000);
""",
    },
    "development origins on this machine, with cookies over plain http": {
        "server.js": """\
const express = require("express");
const cors = require("cors");
const app = express();
app.use(cors({ origin: ["http://localhost:5173", "http://127.0.0.1:5173"], credentials: true }));
app.listen(3000);
""",
    },
    "CorsMiddleware before everything that may answer": {
        "settings.py": """\
INSTALLED_APPS = ["corsheaders"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
]
CORS_ALLOWED_ORIGINS = ["https://shop.example.com"]
""",
    },
    "an Ingress that says nothing of CORS, with a login for people": {
        "ingress.yaml": """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: admin
  annotations:
    nginx.ingress.kubernetes.io/auth-url: "https://login.example.com/oauth2/auth"
    nginx.ingress.kubernetes.io/auth-signin: "https://login.example.com/oauth2/start"
spec:
  ingressClassName: nginx
  rules:
    - host: admin.example.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}
""",
    },
    "a rate limit where nobody grants anything": {
        "nginx.conf": """\
limit_req_zone $binary_remote_addr zone=api:10m rate=5r/s;
server {
    listen 443 ssl;
    server_name api.example.com;
    location / {
        limit_req zone=api;
        proxy_pass http://127.0.0.1:3000;
    }
}
""",
    },
    "exclusive conditions, each with all of the headers": {
        "nginx.conf": """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location / {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin * always;
            add_header Access-Control-Allow-Methods "GET, POST" always;
            add_header Access-Control-Max-Age 600 always;
            return 204;
        }
        if ($request_method = POST) {
            add_header Access-Control-Allow-Origin * always;
        }
        if ($request_method = GET) {
            add_header Access-Control-Allow-Origin * always;
        }
        proxy_pass http://127.0.0.1:3000;
    }
}
""",
    },
    "documentation of an API on another server than the one that is configured": {
        "openapi.yaml": """\
openapi: 3.1.0
info: {title: partner, version: "1"}
servers: [{url: "http://partner.example.org"}]
paths: {/orders: {patch: {responses: {"200": {description: done}}}}}
""",
        "nginx.conf": """\
server {
    listen 443 ssl;
    server_name static.example.com;
    add_header Access-Control-Allow-Origin * always;
    root /srv/static;
}
""",
    },
}


@pytest.mark.parametrize("files", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_silent(files):
    assert [
        f"{one.rule} {one.where.file}:{one.where.line} {one.message}"
        for one in findings(files)
        if one.severity != "note"
    ] == []
