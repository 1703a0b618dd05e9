import os
import pty
import subprocess
import sys

import pytest

from corsage.check import check_policy
from corsage.policy.presets import PRESETS


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_policy_without_findings(corsage, preset):
    ran = corsage("init", preset)
    assert ran.code == 0
    assert check_policy(ran.out) == ()
    assert "#" in ran.out


def test_an_answer_is_put_in(corsage):
    ran = corsage("init", "authenticated-app", "--set", "origins=https://shop.example.org")
    assert "app: [https://shop.example.org]" in ran.out


def test_a_bad_answer_says_what_to_write(corsage):
    ran = corsage("init", "authenticated-app", "--set", "origins=https://Shop.example.org/")
    assert ran.code == 2
    assert "https://shop.example.org" in ran.err


def test_an_unknown_answer_or_preset_lists_the_known_ones(corsage):
    assert "origins" in corsage("init", "authenticated-app", "--set", "x=1").err
    assert "did you mean `public-api`" in corsage("init", "public-app").err


def test_a_file_is_not_overwritten_without_force(corsage, tmp_path):
    target = tmp_path / "cors.yaml"
    target.write_text("mine")
    assert corsage("init", "public-api", "-o", str(target)).code == 2
    assert target.read_text() == "mine"
    assert corsage("init", "public-api", "-o", str(target), "--force").code == 0
    assert check_policy(target.read_text()) == ()


def test_on_a_terminal_it_asks_again_until_the_answer_is_good():
    """The questions go to stderr, the policy to stdout."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "corsage", "init"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(ours, b"authenticated-app\nhttps://A.example\nhttps://a.example\n\n\n\n\n")
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0
    assert "write: https://a.example" in err
    assert "app: [https://a.example]" in out
    assert check_policy(out) == ()
