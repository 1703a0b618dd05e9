"""The contenders: how each is installed, run and read."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.audit.conftest import Zoo

ROOT = Path(__file__).parents[2]
RESOLVE = Path(__file__).parent / "resolve"
PACKAGES = ("corscanner==0.9.7", "sorx==0.4.0", "overreacher==1.0.2", "setuptools<81")
NAMES = ("api.example.com", "app.example.com")

Claims = dict[str, set[str]]


@dataclass(frozen=True)
class Scanner:
    """``command`` makes the arguments from the list's file and the result's; ``claims`` reads what
    is called a vulnerability, by URL."""

    name: str
    command: Callable[[Path, Path, Zoo], Sequence[object]]
    claims: Callable[[Any], Claims]
    own_resolver: bool = False


def environment() -> Path:
    """A virtual environment with the scanners, made once for these versions."""
    digest = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / "benchmarks" / f"scanners-{digest}"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *PACKAGES], check=True)
        (folder / "complete").touch()
    return folder / "bin"


def run(scanner: Scanner, urls: Sequence[str], zoo: Zoo, folder: Path) -> Claims:
    """Scan ``urls`` and return the claims."""
    targets, result = folder / "targets", folder / "result"
    targets.write_text("".join(f"{url}\n" for url in urls))
    result.unlink(missing_ok=True)
    extra = {
        "ZOO": json.dumps({"names": NAMES, "http": zoo.http, "https": zoo.https}),
        "PYTHONPATH": str(RESOLVE),
        "REQUESTS_CA_BUNDLE": str(folder / "cert.pem"),
        "PYTHONWARNINGS": "ignore",
    }
    ran = subprocess.run(
        list(map(str, scanner.command(targets, result, zoo))),
        cwd=ROOT if scanner.own_resolver else folder,
        env={**os.environ, **({} if scanner.own_resolver else extra)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    text = ran.stdout if scanner.own_resolver else result.read_text() if result.exists() else ""
    if not text:
        raise RuntimeError(f"{scanner.name} wrote nothing:\n{ran.stdout[-2000:]}{ran.stderr}")
    return scanner.claims(json.loads(text))


def _corsage(*options: str) -> Callable[[Path, Path, Zoo], Sequence[object]]:
    def command(targets: Path, _: Path, zoo: Zoo) -> Sequence[object]:
        resolve = [
            word
            for name in NAMES
            for scheme, port in (("http", zoo.http), ("https", zoo.https))
            for word in ("--resolve", f"{scheme}://{name}=127.0.0.1:{port}")
        ]
        fast = ("--rate", "0", "--concurrency", "200", "--per-host", "200", "--retries", "0")
        form = ("--format", "json", "--fail-on", "never", "--insecure")
        return [sys.executable, "-m", "corsage", "audit", targets, *resolve, *fast, *form, *options]

    return command


def _corsage_claims(report: dict[str, Any]) -> Claims:
    claims: Claims = {}
    for finding in report["findings"]:
        # What a stranger's page reads with credentials; the rest is no vulnerability by itself.
        if finding["rule"] < "CORS220" and finding["severity"] != "note":
            claims.setdefault(finding["file"], set()).add(finding["rule"])
    return claims


def _corscanner_claims(results: list[dict[str, Any]]) -> Claims:
    claims: Claims = {}
    for result in results:
        claims.setdefault(result["url"], set()).add(result["type"])
    return claims


def _sorx_claims(report: dict[str, list[dict[str, Any]]]) -> Claims:
    serious = {
        url: {finding["id"] for finding in findings if finding["severity"] != "info"}
        for url, findings in report.items()
    }
    return {url: ids for url, ids in serious.items() if ids}


def _overreacher_claims(report: dict[str, Any]) -> Claims:
    active = {
        url: {attack["attack_name"] for attack in attacks} - {"Passive Tests"}
        for url, attacks in report["scan_res"].items()
    }
    return {url: names for url, names in active.items() if names}


def contenders(trusted: Sequence[str]) -> list[Scanner]:
    """Corsage as it is, with all probes, and told whom the policy trusts; then the others."""
    bin_ = environment()
    trust = [word for origin in trusted for word in ("--trust", origin)]
    return [
        Scanner("corsage", _corsage(), _corsage_claims, own_resolver=True),
        Scanner("corsage --exhaustive", _corsage("--exhaustive"), _corsage_claims, True),
        Scanner("corsage --trust ...", _corsage(*trust), _corsage_claims, True),
        Scanner(
            "CORScanner 0.9.7",
            lambda targets, result, _: [
                bin_ / "corscanner", "-i", targets, "-t", "50", "-o", result,
            ],
            _corscanner_claims,
        ),
        Scanner(
            "sorx 0.4.0",
            lambda targets, result, _: [
                bin_ / "sorx", "-l", targets, "-m", "deep", "-t", "15", "-j", result,
            ],
            _sorx_claims,
        ),
        Scanner(
            "overreacher 1.0.2",
            lambda targets, result, _: [
                bin_ / "overreacher", "-i", targets, "-t", "50", "-r", "100000", "-o", result,
            ],
            _overreacher_claims,
        ),
    ]  # fmt: skip
