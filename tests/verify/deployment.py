"""A deployment to verify: one nginx that is the gateway and, on ports of their own, the services.

The gateway's part is what Corsage writes for :data:`POLICY`; a test plants a drift by changing the
text.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corsage.layers import load_target
from corsage.policy import load_policy
from tests.conformance.engines.process import free_port, process

POLICY = """\
version: 1
gateway:
  listen: {gateway}
  public: https://api.example.com
origins:
  app: [https://app.example.com, https://admin.example.com]
  partner: https://partner.example.com
services:
  orders: http://{orders}
  search: http://{search}
  files: http://{files}
policies:
  session:
    allow_origins: [app]
    allow_credentials: true
    allow_methods: [GET, PUT, PATCH]
    allow_headers: [Content-Type, X-Request-Id]
    expose_headers: [ETag]
    max_age: 600
  public:
    allow_origins: "*"
    allow_methods: [GET]
  uploads:
    allow_origins: [app, partner]
    allow_methods: [PUT]
routes:
  - {{path: /orders, service: orders, cors: session}}
  - {{path: /search, service: search, cors: public}}
  - {{path: /files, service: files, cors: uploads, owner: service}}
  - {{path: /internal, service: orders, cors: none}}
expect:
  - PATCH /orders/1 with credentials from https://admin.example.com: allowed
  - GET /orders from https://app.example.com.evil.example: blocked
"""

# The services: hostile (orders), plain (search), and one that owns its CORS (files).
SERVICES = """
    map $http_origin $files_origin {{
        "~^https://(app|admin|partner)[.]example[.]com$" $http_origin;
    }}
    map $request_method$http_access_control_request_method $files_preflight {{
        OPTIONS "";
        "~^OPTIONS." $files_answer;
    }}
    map $files_origin $files_answer {{
        ""      refused;
        default allowed;
    }}
    server {{
        listen {orders};
        add_header Access-Control-Allow-Origin * always;
        add_header Access-Control-Expose-Headers * always;
        location / {{ return 200 "orders"; }}
        location = /orders/x {{ return 404; }}
    }}
    server {{
        listen {search};
        location / {{ return 200 "search"; }}
    }}
    server {{
        listen {files};
        location / {{
            if ($files_preflight = allowed) {{
                add_header Access-Control-Allow-Origin $files_origin;
                add_header Access-Control-Allow-Methods PUT;
                return 204;
            }}
            if ($files_preflight = refused) {{ return 403; }}
            add_header Access-Control-Allow-Origin $files_origin always;
            add_header Vary Origin always;
            return 200 "files";
        }}
    }}
"""


@dataclass(frozen=True)
class Deployment:
    """``url`` is the gateway's, ``services`` are the services' own, ``policy`` the file's path."""

    url: str
    services: dict[str, str]
    policy: Path

    @property
    def text(self) -> str:
        return self.policy.read_text(encoding="utf-8")


@contextmanager
def deployed(
    folder: Path, change: Callable[[str], str] = lambda text: text, policy: str = POLICY
) -> Iterator[Deployment]:
    """What Corsage writes, after ``change``, with the services behind it."""
    names = ("gateway", "orders", "search", "files")
    places = {name: f"127.0.0.1:{free_port()}" for name in names}
    text = policy.format_map(places)
    (folder / "cors.yaml").write_text(text, encoding="utf-8")
    (written,) = load_target("nginx").files(load_policy(text))
    body, brace, _ = written.text.rpartition("}")
    configuration = change(f"{body}{SERVICES.format_map(places)}{brace}")
    (folder / "nginx.conf").write_text(configuration, encoding="utf-8")
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert program is not None, "there is no nginx on this machine"
    command = [program, "-p", str(folder), "-c", "nginx.conf"]
    port = int(places["gateway"].rpartition(":")[2])
    with process(command, folder, port):
        services = {name: f"http://{places[name]}" for name in names[1:]}
        yield Deployment(f"http://{places['gateway']}", services, folder / "cors.yaml")
