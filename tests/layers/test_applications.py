"""What is written for applications, before any of it runs: the conformance suite runs it."""

import ast
import subprocess
from dataclasses import replace

import pytest

from corsage.layers import TARGETS, load_target
from corsage.layers.clauses import CLAUSES
from corsage.layers.target import FidelityError
from corsage.policy import CorsPolicy, Gateway, OriginSet, Policy, Route, Service

APPLICATIONS = [name for name in TARGETS if load_target(name).family == "application"]
PYTHON = ["fastapi", "django", "flask"]
NODE = ["express", "fastify"]

HOSTILE_NAMES = [
    "it's",
    'a "quoted" name',
    "back\\slash",
    "new\nline",
    "`${process.exit()}`",
    "__proto__",
    "*/ //",
    "\u2028",
    "constructor",
]


def policy(*names: str, **changes: object) -> Policy:
    origins = OriginSet(("https://app.example.com",))
    return Policy(
        gateway=Gateway(public="https://api.example.com"),
        services={"api": Service("api", "http://127.0.0.1:3000")},
        policies={name: CorsPolicy(name, origins, ("PUT",), **changes) for name in names},
        routes=tuple(
            Route(f"/{number}", "api", name, owner="service") for number, name in enumerate(names)
        ),
    )


def text(target: str, subject: Policy) -> str:
    (file,) = load_target(target).files(subject)
    return file.text


@pytest.mark.parametrize("target", PYTHON)
def test_names_of_policies_are_data_in_python(target):
    tree = ast.parse(text(target, policy(*HOSTILE_NAMES)))
    table = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "POLICIES"
    )
    assert isinstance(table, ast.Dict)
    assert [ast.literal_eval(key) for key in table.keys if key] == HOSTILE_NAMES


@pytest.mark.node
@pytest.mark.parametrize("target", NODE)
def test_names_of_policies_are_data_in_javascript(target, tmp_path):
    written = text(target, policy(*HOSTILE_NAMES))
    table = written[written.index("const policies = {") : written.index("// The most specific")]
    script = tmp_path / "names.mjs"
    script.write_text(
        f"const policy = () => 1;\n{table}\nconsole.log(JSON.stringify(Object.keys(policies)));"
    )
    ran = subprocess.run(["node", script], capture_output=True, text=True, check=True, timeout=60)
    assert ast.literal_eval(ran.stdout) == HOSTILE_NAMES
    (tmp_path / "cors.mjs").write_text(written)
    subprocess.run(["node", "--check", tmp_path / "cors.mjs"], check=True, timeout=60)


@pytest.mark.parametrize("target", APPLICATIONS)
def test_what_is_written_does_not_need_corsage(target):
    code = [line for line in text(target, policy("a")).splitlines() if "import" in line]
    assert not any("corsage" in line for line in code if not line.lstrip().startswith(("//", "#")))


@pytest.mark.parametrize("target", APPLICATIONS)
def test_hosts_and_timing_are_written_only_where_a_policy_has_them(target):
    plain = text(target, policy("a"))
    assert "host" not in plain.lower()
    subject = policy("a", allow_timing=True)
    named = tuple(replace(route, host="tenant.example.com") for route in subject.routes)
    full = text(target, replace(subject, routes=named))
    assert "tenant.example.com" in full
    assert "Timing-Allow-Origin" in full


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_answers_for_every_clause_that_a_policy_has(target):
    subject = policy("a")
    answered = [clause.clause for clause in load_target(target).fidelity(subject)]
    assert set(answered) >= {name for name, applies in CLAUSES.items() if applies(subject)}


def test_express_refuses_two_routes_that_it_cannot_tell_apart():
    subject = policy("a")
    twins = (*subject.routes, Route("/A", "api", "a"), Route("/a", "api", None))
    with pytest.raises(FidelityError, match=r"/a.*case") as refused:
        load_target("express").files(replace(subject, routes=twins))
    assert refused.value.clauses[0].instead


@pytest.mark.parametrize("target", APPLICATIONS)
def test_an_application_that_owns_nothing_has_no_policy_and_strips(target):
    subject = policy("a")
    routes = tuple(replace(route, owner="gateway") for route in subject.routes)
    written = text(target, replace(subject, routes=routes))
    assert "https://app.example.com" not in written
    assert "access-control-" in written
