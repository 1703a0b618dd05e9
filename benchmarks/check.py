"""``python -m benchmarks.check``: the same files checked by Corsage and by the linters people use.

10,000 Kubernetes documents against checkov, 1,000 nginx files against gixy-ng, 1,000 source files
against semgrep with three CORS rules of our own, since its registry needs a network. Each side is a
fresh process on the same folder, one after the other; seconds are of the wall, start-up included.
The peers live in an environment of their own, made on the first run (about 700 MB).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterable
from pathlib import Path

PEERS = ("checkov==3.3.30", "gixy-ng==0.2.59", "semgrep==1.182.0")
HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "corsage-benchmarks"

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api-{n}
  namespace: team-{team}
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: "https://app-{n}.example.com, https://*.team-{team}.example.com"
    nginx.ingress.kubernetes.io/cors-allow-credentials: "{credentials}"
spec:
  ingressClassName: nginx
  rules:
    - host: api-{n}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {{service: {{name: service-{n}, port: {{number: 80}}}}}}
---
"""
WORKLOAD = """\
apiVersion: v1
kind: Service
metadata: {{name: service-{n}, namespace: team-{team}}}
spec: {{selector: {{app: service-{n}}}, ports: [{{port: 80, targetPort: 3000}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: service-{n}, namespace: team-{team}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: service-{n}}}}}
  template:
    metadata: {{labels: {{app: service-{n}}}}}
    spec:
      containers:
        - name: app
          image: registry.example.com/service-{n}:1.2.3
          ports: [{{containerPort: 3000}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: service-{n}, namespace: team-{team}}}
data: {{LOG_LEVEL: info}}
---
"""
NGINX = """\
events {{}}
http {{
    map $http_origin $cors {{
        default "";
        ~^https://([a-z0-9-]+\\.)*team-{team}\\.example\\.com$ $http_origin;
    }}
    server {{
        listen 80;
        server_name api-{n}.example.com;
        location /orders/ {{
            if ($request_method = OPTIONS) {{
                add_header Access-Control-Allow-Origin $cors always;
                add_header Access-Control-Allow-Methods "GET, PUT" always;
                add_header Vary Origin always;
                return 204;
            }}
            add_header Access-Control-Allow-Origin $cors always;
            add_header Vary Origin always;
            proxy_pass http://127.0.0.1:3000;
        }}
        location / {{
            add_header Access-Control-Allow-Origin "{origin}";
            proxy_pass http://127.0.0.1:3001;
        }}
    }}
}}
"""
EXPRESS = """\
const express = require("express");
const cors = require("cors");
const app = express();
app.use(cors({{ origin: [{origin}, "https://app-{n}.example.com"], credentials: {credentials} }}));
app.get("/orders/:id", (request, response) => response.json({{ id: request.params.id }}));
app.listen(3000);
"""
FASTAPI = """\
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app-{n}.example.com"],
    allow_origin_regex=r"https://.*team-{team}\\.com",
    allow_credentials=True,
)


@app.get("/orders/{{number}}")
def order(number: int) -> dict[str, int]:
    return {{"number": number}}
"""
RULES = """\
rules:
  - id: cors-any-origin
    languages: [python]
    severity: WARNING
    message: every origin is allowed
    pattern: $APP.add_middleware(CORSMiddleware, ..., allow_origins=["*"], ...)
  - id: cors-regex
    languages: [python]
    severity: WARNING
    message: a regex allows origins
    pattern: $APP.add_middleware(CORSMiddleware, ..., allow_origin_regex=$RE, ...)
  - id: cors-express
    languages: [javascript]
    severity: WARNING
    message: a list allows origins
    pattern: "cors({..., origin: $O, ...})"
"""


def kubernetes(folder: Path) -> None:
    """2,500 services of 100 teams in four documents each; one in ten differs from its team."""
    for team in range(100):
        texts = []
        for n in range(team * 25, team * 25 + 25):
            values = {"n": n, "team": team, "credentials": "false" if n % 10 else "true"}
            texts.append(INGRESS.format(**values) + WORKLOAD.format(**values))
        (folder / f"team-{team}.yaml").write_text("".join(texts), "utf-8")


def nginx(folder: Path) -> None:
    for n in range(1000):
        origin = "*" if n % 10 else "$http_origin"
        text = NGINX.format(n=n, team=n // 25, origin=origin)
        (folder / f"server-{n}.conf").write_text(text, "utf-8")


def source(folder: Path) -> None:
    for n in range(500):
        flag = "true" if n % 10 else "false"
        origin = f"/team-{n // 25}\\.com$/"
        text = EXPRESS.format(n=n, origin=origin, credentials=flag)
        (folder / f"service-{n}").mkdir()
        (folder / f"service-{n}" / "server.js").write_text(text, "utf-8")
        text = FASTAPI.format(n=n, team=n // 25)
        (folder / f"service-{n}" / "app.py").write_text(text, "utf-8")


def peers() -> Path:
    """The folder of the peers' programs."""
    bin_ = HOME / "peers" / "bin"
    if not (bin_ / "semgrep").exists():
        print("# installing the peers", flush=True)
        venv.create(HOME / "peers", with_pip=True, clear=True)
        subprocess.run([bin_ / "pip", "install", "--quiet", *PEERS], check=True)
    return bin_


def timed(command: Iterable[str | Path], folder: Path) -> tuple[float, str]:
    """Seconds and standard output. Linters exit with 1 for findings."""
    environment = {**os.environ, "SEMGREP_SEND_METRICS": "off", "PYTHONWARNINGS": "ignore"}
    started = time.monotonic()
    ran = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=3600,
        check=False,
    )
    return time.monotonic() - started, ran.stdout


def corsage(folder: Path) -> tuple[float, int]:
    command = [sys.executable, "-m", "corsage", "check", ".", "--format", "json"]
    seconds, out = timed(command, folder)
    return seconds, len(json.loads(out)["findings"])


def main() -> None:
    """Print seconds and ratios."""
    bin_ = peers()
    print("files                       corsage    findings    peer                ratio")
    rows: tuple[
        tuple[str, Callable[[Path], None], str, Callable[[Path], list[str | Path]]], ...
    ] = (
        (
            "10,000 Kubernetes documents",
            kubernetes,
            "checkov",
            lambda _: [
                bin_ / "checkov",
                "-d",
                ".",
                "--framework",
                "kubernetes",
                "--quiet",
                "--compact",
            ],
        ),
        (
            "1,000 nginx files",
            nginx,
            "gixy-ng",
            lambda folder: [bin_ / "gixy", "-f", "json", *sorted(folder.glob("*.conf"))],
        ),
        (
            "1,000 source files",
            source,
            "semgrep",
            lambda folder: [
                bin_ / "semgrep",
                "scan",
                "--config",
                folder.parent / "rules.yaml",
                "--json",
                "--no-git-ignore",
                "--disable-version-check",
                ".",
            ],
        ),
    )
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "rules.yaml").write_text(RULES, "utf-8")
        for number, (name, make, peer, command) in enumerate(rows):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            make(folder)
            seconds, findings = corsage(folder)
            theirs, _ = timed(command(folder), folder)
            print(
                f"{name:<27} {seconds:6.1f} s {findings:>10}    {peer:<8} {theirs:7.1f} s "
                f"{theirs / seconds:6.1f}x",
                flush=True,
            )


if __name__ == "__main__":
    main()
