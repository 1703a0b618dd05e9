from pathlib import Path

import pytest

from corsage.layers import TARGETS
from tests.cli.conftest import POLICY


@pytest.fixture
def kept_by_all(policy):
    """The policy without a service that answers for itself: Spring Cloud Gateway refuses that."""
    path = Path(policy)
    path.write_text(POLICY.replace(", owner: service", ""))
    return policy


def test_every_target_prints_or_writes_a_configuration(corsage, kept_by_all, tmp_path):
    policy = kept_by_all
    for target in TARGETS:
        ran = corsage("render", target, policy, "-o", str(tmp_path / target))
        assert (ran.code, ran.out) == (0, "")
        assert (tmp_path / target).exists()


def test_a_single_file_is_printed(corsage, policy):
    ran = corsage("render", "express", policy)
    assert ran.code == 0
    assert ran.out.startswith("// CORS for the routes")


def test_what_is_only_weaker_is_a_warning(corsage, policy):
    assert "warning: express: errors: " in corsage("render", "express", policy).err


def test_the_same_policy_gives_the_same_bytes(corsage, policy):
    for target in TARGETS:
        assert corsage("render", target, policy) == corsage("render", target, policy)


def test_a_target_after_its_source_is_told_where_it_stands(corsage, policy):
    ran = corsage("render", policy, "nginx")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"corsage: TARGET stands before SOURCE: corsage render nginx {policy}\n"


def test_an_unknown_target_is_named_with_the_nearest(corsage, policy):
    ran = corsage("render", "expres", policy)
    assert ran.code == 2
    assert "did you mean `express`?" in ran.err
    assert all(target in ran.err for target in TARGETS)


def test_an_unknown_service_is_named_with_the_nearest(corsage, policy):
    ran = corsage("render", "express", policy, "--service", "biling")
    assert ran.code == 2
    assert "did you mean `billing`?" in ran.err


def test_one_service_gets_its_own_routes_alone(corsage, policy):
    out = corsage("render", "express", policy, "--service", "search").out
    assert "'/search/'" in out
    assert "'/billing/'" not in out


def test_explain_says_how_each_clause_is_kept(corsage, policy):
    ran = corsage("render", "--explain", "express", policy)
    assert ran.code == 0
    assert "Express 5.3.0" in ran.out
    assert "credentials" in ran.out
    assert "idiom" in ran.out


def test_explain_and_render_agree_on_what_is_lost(corsage, tmp_path):
    path = tmp_path / "cors.yaml"
    path.write_text(POLICY + "  - {path: /Billing, service: billing, cors: session}\n")
    explained = corsage("render", "--explain", "express", str(path))
    assert explained.code == 1
    assert "lost" in explained.out
    rendered = corsage("render", "express", str(path), "-o", str(tmp_path / "cors.js"))
    assert rendered.code == 2
    assert "/Billing" in rendered.err
    assert not (tmp_path / "cors.js").exists()


def test_a_form_is_chosen_by_name(corsage, policy, tmp_path):
    ran = corsage("render", "nginx", policy, "--form", "include", "-o", str(tmp_path / "cors"))
    assert ran.code == 0
    assert (tmp_path / "cors" / "http.conf").exists()
    ran = corsage("render", "--explain", "nginx", policy, "--form", "include")
    assert "in a server block of its own" in ran.out


@pytest.mark.parametrize(
    ("target", "form", "said"),
    [("nginx", "includes", "did you mean `include`?"), ("caddy", "include", "leave out --form")],
)
def test_a_form_that_is_not_there_is_named(corsage, policy, target, form, said):
    ran = corsage("render", target, policy, "--form", form)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("latest", "cannot read the version 'latest'"),
        ("4.0", "Traefik 4.0 is not known"),
        ("2.11", "Traefik 2.11 is too old"),
    ],
)
def test_a_release_that_does_not_take_it_leaves_nothing_behind(
    corsage, policy, tmp_path, version, said
):
    output = tmp_path / "out"
    ran = corsage("render", "traefik", policy, "--target-version", version, "-o", str(output))
    assert ran.code == 2
    assert said in ran.err
    assert not output.exists()
    assert corsage("render", "--explain", "traefik", policy, "--target-version", version).code == 2


def test_a_release_is_what_it_is_written_for(corsage, policy):
    assert corsage("render", "express", policy, "--target-version", "v5.1.0").code == 0
    assert "since 4.22: " in corsage("render", "--explain", "express", policy).out


def test_all_writes_a_folder_for_every_target(corsage, kept_by_all, tmp_path):
    policy = kept_by_all
    output = tmp_path / "out"
    ran = corsage("render", "--all", policy, "-o", str(output))
    assert ran.code == 0
    assert sorted(path.name for path in output.iterdir()) == sorted(TARGETS)


def test_all_leaves_out_and_names_what_cannot_keep_the_policy(corsage, tmp_path):
    path = tmp_path / "cors.yaml"
    path.write_text(POLICY + "  - {path: /Billing, service: billing, cors: session}\n")
    ran = corsage("render", "--all", str(path), "-o", str(tmp_path / "out"))
    assert ran.code == 1
    assert "not written: express cannot enforce this policy:\n  " in ran.err
    assert not (tmp_path / "out" / "express").exists()
    assert (tmp_path / "out" / "fastify").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--all",),
        ("nginx", "--all", "-o", "out"),
        ("--all", "-o", "out", "--form", "include"),
        ("--all", "-o", "out", "--target-version", "1.22"),
        (),
    ],
)
def test_misuse_is_exit_code_2(corsage, policy, arguments):
    assert corsage("render", *arguments, policy).code == 2


def test_a_folder_with_something_in_it_is_left_alone(corsage, policy, tmp_path):
    (tmp_path / "mine").write_text("precious")
    ran = corsage("render", "--all", policy, "-o", str(tmp_path))
    assert ran.code == 2
    assert "not empty" in ran.err
    assert [path.name for path in tmp_path.iterdir() if path.name != "cors.yaml"] == ["mine"]


def test_force_replaces_namesakes_and_nothing_else(corsage, kept_by_all, tmp_path):
    policy = kept_by_all
    output = tmp_path / "out"
    (output / "express").mkdir(parents=True)
    (output / "express" / "cors.js").write_text("old")
    (output / "mine").write_text("precious")
    assert corsage("render", "--all", policy, "-o", str(output), "--force").code == 0
    assert "old" not in (output / "express" / "cors.js").read_text()
    assert (output / "mine").read_text() == "precious"


def test_a_file_is_not_overwritten_without_force(corsage, policy, tmp_path):
    path = tmp_path / "cors.js"
    path.write_text("mine")
    assert corsage("render", "express", policy, "-o", str(path)).code == 2
    assert path.read_text() == "mine"
    assert corsage("render", "express", policy, "-o", str(path), "--force").code == 0
    assert path.read_text() != "mine"


def test_what_cannot_be_written_leaves_nothing_behind(corsage, policy, tmp_path):
    (tmp_path / "file").write_text("")
    ran = corsage("render", "--all", policy, "-o", str(tmp_path / "file" / "out"))
    assert ran.code == 2
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_invalid_policy_writes_nothing(corsage, tmp_path):
    path = tmp_path / "cors.yaml"
    path.write_text("version: 1\n")
    assert corsage("render", "--all", str(path), "-o", str(tmp_path / "out")).code == 2
    assert not (tmp_path / "out").exists()
