"""Configuration that the tests of several commands speak of."""

from __future__ import annotations

from pathlib import Path

NGINX = """\
map $http_origin $cors {
    default "";
    https://app.example.com $http_origin;
}
server {
    listen 443 ssl;
    server_name api.example.com;
    location /orders {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin $cors always;
            add_header Access-Control-Allow-Credentials true always;
            add_header Access-Control-Allow-Methods "GET, PUT" always;
            add_header Access-Control-Allow-Headers "Content-Type" always;
            add_header Vary Origin always;
            return 204;
        }
        add_header Access-Control-Allow-Origin $cors always;
        add_header Access-Control-Allow-Credentials true always;
        add_header Vary Origin always;
        proxy_pass http://orders:3000;
    }
}
"""

SLOPPY = """\
server {
    listen 443 ssl;
    server_name api.example.com;
    location /orders {
        add_header Access-Control-Allow-Origin "https://app.example.com";
        proxy_pass http://orders:3000;
    }
}
"""

MEANT = """\
version: 1
gateway: {public: https://api.example.com}
services: {orders: 'http://orders:3000'}
policies:
  app:
    allow_origins: https://app.example.com
    allow_credentials: true
    allow_methods: [GET, PUT]
    allow_headers: [Content-Type]
routes:
  - {path: /orders, service: orders, cors: app}
"""


def ingress(*annotations: str, more: str = "") -> str:
    """An Ingress of ingress-nginx for https://api.example.com/orders with CORS turned on."""
    told = "".join(f"    nginx.ingress.kubernetes.io/{one}\n" for one in annotations)
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: orders
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
{told}{more}spec:
  ingressClassName: nginx
  rules:
    - host: api.example.com
      http:
        paths:
          - path: /orders
            pathType: Prefix
            backend: {{service: {{name: orders, port: {{number: 80}}}}}}
"""


def write(folder: Path, **files: str) -> str:
    """Files (``nginx_conf`` is nginx.conf) in a folder; the folder's name."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)
