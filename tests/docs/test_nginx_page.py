"""The page on one's own nginx: its command runs, and nginx takes what it says to write."""

import shlex
import shutil
import subprocess

import pytest

from corsage.cli import main
from tests.docs.conftest import ROOT, blocks

PAGE = ROOT / "docs" / "nginx.md"
POLICY = """\
version: 1
gateway: {public: https://api.example.com}
services: {billing: http://127.0.0.1:3001}
policies:
  session: {allow_origins: [https://app.example.com], allow_credentials: true}
routes: [{path: /billing, service: billing, cors: session}]
"""


@pytest.mark.nginx
def test_nginx_takes_the_configuration_on_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cors.yaml").write_text(POLICY)
    (command,) = blocks(PAGE, "sh")
    assert main(shlex.split(command)[1:]) == 0
    (http,) = blocks(PAGE, "nginx")
    temporary = "".join(
        f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = "error_log stderr;pid nginx.pid;events {}" + http.replace(
        "http {", f"http {{ access_log off; {temporary}"
    )
    (tmp_path / "nginx.conf").write_text(configuration)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    tested = [program, "-p", str(tmp_path), "-c", "nginx.conf", "-t", "-q"]
    ran = subprocess.run(tested, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_the_page_says_of_the_head_is_in_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cors.yaml").write_text(POLICY)
    (command,) = blocks(PAGE, "sh")
    main(shlex.split(command)[1:])
    head = (tmp_path / "cors" / "http.conf").read_text()
    (http,) = blocks(PAGE, "nginx")
    for line in http.splitlines():
        if "location" in line:
            place = line.strip().partition(" proxy_pass")[0]
            assert place in head
