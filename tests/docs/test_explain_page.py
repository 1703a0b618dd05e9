"""The sessions on the page of `corsage explain` are what the command prints."""

import shlex

import pytest

from corsage.cli import main
from tests.docs.conftest import ROOT, blocks
from tests.gateway.upstream import Upstream, reply, serving

PAGE = ROOT / "docs" / "explain.md"
APP = "https://app.example.com"
GRANT = ("Access-Control-Allow-Origin", APP)


def slash_in_the_list(seen):
    """A list whose entry ends in a slash."""
    origin = next(iter(seen.values("Origin")), "")
    lines = (("Access-Control-Allow-Origin", origin),) if origin == f"{APP}/" else ()
    return reply(204 if seen.method == "OPTIONS" else 200, lines)


def doubling(seen):
    return reply(204 if seen.method == "OPTIONS" else 200, (GRANT, GRANT))


@pytest.fixture
def public():
    with serving(Upstream()) as server:
        yield server


@pytest.fixture
def gateway():
    """The same server, where it is reached from inside."""
    with serving(Upstream()) as server:
        yield server


@pytest.fixture
def service():
    with serving(Upstream()) as server:
        server.says(200, GRANT)
        yield server


def sessions():
    """The sessions with output: a command, and its lines."""
    found = [block.splitlines() for block in blocks(PAGE, "console")]
    return [lines for lines in found if any(not line.startswith("$ ") for line in lines)]


@pytest.mark.parametrize("number", [0, 1])
def test_a_session_is_printed_as_on_the_page(number, public, gateway, service, capsys):
    command, *expected = sessions()[number]
    public.answer = gateway.answer = [slash_in_the_list, doubling][number]
    addresses = {
        "https://api.example.com": public.url,
        "http://127.0.0.1:8080": gateway.url,
        "http://127.0.0.1:3001": service.url,
    }
    for name, address in addresses.items():
        command = command.replace(name, address)
    main(shlex.split(command.removeprefix("$ corsage ")))
    printed = capsys.readouterr().out.replace(public.url, "https://api.example.com").splitlines()
    place = 0
    for line in expected:
        if line != "...":  # what the page leaves out
            assert line.rstrip() in [each.rstrip() for each in printed[place:]]
            place += [each.rstrip() for each in printed[place:]].index(line.rstrip()) + 1


def test_configuration_is_asked_as_on_the_page(tmp_path, monkeypatch, capsys):
    [command] = [line for line in PAGE.read_text().splitlines() if "explain nginx.conf" in line]
    (tmp_path / "nginx.conf").write_text(
        "server { server_name a.example; location / { proxy_pass http://a:80;"
        " add_header Access-Control-Allow-Origin capacitor://localhost; } }"
    )
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command.removeprefix("$ corsage "))) == 0
    assert capsys.readouterr().out.startswith("ALLOWED GET ")


def test_every_option_in_the_table_is_one_of_the_command(capsys):
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    known = capsys.readouterr().out
    rows = [
        line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "`-" in line
    ]
    named = {word.strip("`,;") for row in rows for word in row.split() if word.startswith("`-")}
    assert len(named) > 10
    assert {option for option in named if option not in known} == set()
