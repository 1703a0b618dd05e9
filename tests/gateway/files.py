"""Policy files for tests that start the gateway as its users do."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = """\
version: 1
gateway:
  listen: {listen}
services:
  api: {service}
policies:
  session:
    allow_origins: {origins}
    allow_credentials: true
    allow_methods: [GET, PUT]
routes:
  - {{path: /api, service: api, cors: session}}
"""


def policy_text(
    service: str, origins: str = "[https://app.example.com]", listen: str = "127.0.0.1:8080"
) -> str:
    return TEMPLATE.format(service=service, origins=origins, listen=listen)


def replace_file(path: Path, text: str) -> None:
    """As editors and deployments do: a new file takes the name in one step."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
