import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from corsage import __version__
from corsage.cli import VERBS
from tests.cli.configuration import ingress


def test_help_names_every_verb(corsage):
    for arguments in ((), ("--help",)):
        ran = corsage(*arguments)
        assert ran.code == 0
        assert all(f"  {verb} " in ran.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(corsage, verb):
    ran = corsage(verb, "--help")
    assert ran.code == 0
    assert f"usage: corsage {verb}" in ran.out


def test_version_is_printed(corsage):
    assert corsage("--version").out == f"corsage {__version__}\n"


def test_an_unknown_verb_names_the_nearest_one(corsage):
    ran = corsage("chekc")
    assert ran.code == 2
    assert "did you mean `check`?" in ran.err


def test_misused_arguments_are_exit_code_2(corsage, policy):
    assert corsage("explain", policy, "GET").code == 2


@pytest.mark.parametrize("verb", ["serve", "check", "map", "render nginx"])
def test_a_policy_that_is_not_there_is_exit_code_2_and_says_how_to_get_one(corsage, verb):
    ran = corsage(*verb.split(), "nowhere.yaml")
    assert ran.code == 2
    assert "nowhere.yaml" in ran.out + ran.err
    assert "corsage init" in ran.out + ran.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version: 1\n\xff", "not UTF-8"),
        (b"# " + b"x" * 9 * 2**20, "8 MiB"),
        (b"\tversion: 1\n", "tab"),
        (b"version: 1\nversion: 1\n", "version"),
        (b"verison: 1\n", "version"),
        (b"", "empty"),
        (b"a: &a [x, x]\nb: [*a, *a]\n", "anchor"),
        (b"[" * 100_000, ""),
    ],
)
@pytest.mark.parametrize("verb", ["serve", "map"])
def test_an_unreadable_policy_is_exit_code_2_with_its_name(corsage, tmp_path, verb, content, said):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    ran = corsage(verb, str(path))
    assert ran.code == 2
    assert "bad.yaml" in ran.err
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("verb", ["map", "diff", "explain", "render"])
def test_a_folder_with_nothing_to_read_is_told_once(corsage, policy, tmp_path, verb):
    folder = tmp_path / "nothing"
    folder.mkdir()
    given = {
        "map": [folder],
        "diff": [folder, policy],
        "explain": [folder, "GET", "/", "--origin", "https://a.example"],
        "render": ["nginx", folder],
    }
    ran = corsage(verb, *map(str, given[verb]))
    assert ran.code == 2
    assert ran.err == f"corsage: {folder}: nothing below it that Corsage reads\n"


def test_a_pipe_that_nobody_writes_to_does_not_hang(corsage, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    assert corsage("map", str(tmp_path / "pipe.yaml")).code == 2


def test_every_problem_is_named_at_once(corsage, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("version: 2\nrouts: []\nservices: {a: ftp://x}\n")
    ran = corsage("map", str(path))
    assert f"{path}:1:" in ran.err
    assert f"{path}:2:" in ran.err
    assert f"{path}:3:" in ran.err


@contextmanager
def closed_pipe():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


def test_help_that_nobody_reads_ends_quietly():
    with closed_pipe() as closed:
        command = [sys.executable, "-m", "corsage", "map", "--help"]
        ran = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert ran.stderr == b""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_goes_away_is_told_nothing_and_takes_nothing_for_an_answer(policy, form):
    """`corsage map cors.yaml | true` ends quietly, as other tools do."""
    command = [sys.executable, "-m", "corsage", "map", policy, "--format", form]
    with closed_pipe() as closed:
        ran = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (141, b"")


@pytest.mark.parametrize("form", ["text", "json"])
def test_output_that_cannot_be_written_is_an_error_and_no_crash(policy, form):
    command = [sys.executable, "-m", "corsage", "map", policy, "--format", form]
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == "corsage: the output could not be written: No space left on device\n"


def test_control_characters_of_a_policy_do_not_reach_the_terminal(corsage, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text('version: 1\n"\\e]0;owned\\a": 1\n')
    ran = corsage("map", str(path))
    assert ran.code == 2
    assert "\x1b" not in ran.err
    assert "\x07" not in ran.err


# Each with what it takes: `why` and `judge` need nothing.
BARE = {
    ("check", "cors.yaml"): "rich",
    ("init", "--from", "app.js"): "rich",
    ("render", "nginx", "cors.yaml"): "rich",
    ("why", "CORS012"): "",
    ("judge", "cases.jsonl"): "",
}


@pytest.mark.parametrize("arguments", BARE)
def test_a_verb_without_what_it_needs_says_what_to_install(policy, arguments):
    folder = Path(policy).parent
    (folder / "app.js").write_text("app.use(cors())\n")
    (folder / "cases.jsonl").touch()
    without = "import sys; sys.modules.update(dict.fromkeys(('rich', 'yaml', 'publicsuffixlist')))"
    run = f"{without}; from corsage.cli import main; sys.exit(main({arguments!r}))"
    ran = subprocess.run(
        [sys.executable, "-c", run], cwd=folder, capture_output=True, text=True, check=False
    )
    needed = BARE[arguments]
    told = f"`{arguments[0]}` needs the Python package {needed}: pip install 'corsage[tools]'"
    assert ran.stderr == (f"corsage: {told}\n" if needed else "")
    assert ran.returncode == (2 if needed else 0)


def test_a_folder_is_not_written_over(corsage, policy, tmp_path):
    for force in ((), ("--force",)):
        ran = corsage("map", policy, "-o", str(tmp_path), *force)
        assert (ran.code, ran.err) == (2, f"corsage: {tmp_path} is a folder; name a file in it\n")


INGRESS = ingress('cors-allow-origin: "https://app.example.com"')


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("map -", 0),
        ("explain - GET /orders --origin https://app.example.com", 0),
        ("render gateway-api -", 0),
        ("diff - cors.yaml", 1),
    ],
)
def test_configuration_that_is_piped_in_is_read_for_what_it_is(policy, words, code):
    assert piped(words, INGRESS, policy) == code


def test_a_policy_that_is_piped_in_is_compared(policy):
    text = Path(policy).read_text()
    assert piped("diff - cors.yaml", text, policy) == 0
    assert piped("diff - cors.yaml", text.replace("POST", "PUT"), policy) == 1


def piped(words, given, policy):
    command = [sys.executable, "-m", "corsage", *words.split()]
    folder = Path(policy).parent
    ran = subprocess.run(
        command, input=given, cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.stdout, ran.stderr
    return ran.returncode
