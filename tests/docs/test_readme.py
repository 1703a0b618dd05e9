import json
import shlex
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corsage.cli import main
from corsage.policy import load_policy
from tests.docs.conftest import ROOT, blocks

README = ROOT / "README.md"


@pytest.fixture
def cors_yaml(tmp_path, monkeypatch):
    (policy,) = blocks(README, "yaml")
    (tmp_path / "cors.yaml").write_text(policy)
    (nginx,) = blocks(README, "nginx")
    (tmp_path / "nginx.conf").write_text(nginx)
    monkeypatch.chdir(tmp_path)
    return policy


def test_the_policy_is_valid_without_a_finding(cors_yaml, capsys):
    load_policy(cors_yaml)
    assert main(["check", "cors.yaml"]) == 0


@pytest.mark.parametrize("session", blocks(README, "console"))
def test_what_is_printed_is_what_stands_here(cors_yaml, capsys, session):
    command, *expected = session.splitlines()
    main(shlex.split(command.removeprefix("$ corsage ")))
    printed = capsys.readouterr().out.splitlines()
    assert expected[-1] == "..."
    assert printed[: len(expected) - 1] == expected[:-1]


def commands() -> list[list[str]]:
    """What the README's shell blocks tell a reader to type, without `corsage`."""
    text = "".join(blocks(README, "sh")).replace("\\\n", "")
    lines = text.splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("corsage ")]


# What never ends.
_INSTEAD = {"serve": ["serve", "--check"]}

# Where 1 is the answer: the configuration is broken, and so is the deployment.
_FINDS = {"--console", "--format", "nginx.conf", "https://api.example.com"}


@pytest.fixture
def deployed():
    """A server that knows nothing of CORS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.nginx
@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words[:3]))
def test_every_command_runs(cors_yaml, deployed, capsys, words):
    if words[1] == "trace.har":
        har = {"log": {"entries": []}}
        Path("trace.har").write_text(json.dumps(har))
    verb = _INSTEAD.get(words[0], words[:1])
    code = main([*verb, *(word.replace("https://api.example.com", deployed) for word in words[1:])])
    assert code in ((0, 1) if _FINDS & set(words) else (0,))
    assert capsys.readouterr().out or Path("map.html").exists()


def test_the_first_two_commands_are_targets_of_the_makefile():
    first = blocks(README, "sh")[0].split("\n")
    makefile = (ROOT / "Makefile").read_text()
    for line in filter(None, first):
        target = line.split()[1]
        assert f"\n{target}:" in makefile
