"""From the text of a policy file to a :class:`Policy`, or to everything that is wrong with it.

Nothing here opens files: text in, values out. First the structure is checked against
:mod:`corsage.policy.format`, then every value is read by its own small reader; what cannot be
read is reported and left out, so that one run finds everything.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from corsage.policy import shapes
from corsage.policy.expectations import read_expectations
from corsage.policy.format import FILE
from corsage.policy.model import Policy
from corsage.policy.nodes import Node
from corsage.policy.origin_groups import Groups
from corsage.policy.origin_lists import ReadFile
from corsage.policy.problems import PolicyError, Problem
from corsage.policy.read_gateway import check_mixed_content, read_gateway
from corsage.policy.read_policies import read_policies
from corsage.policy.read_routes import read_routes, read_services
from corsage.policy.report import Reporter, TooManyErrors


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: the policy (None when it is refused) and everything found."""

    policy: Policy | None
    problems: tuple[Problem, ...]


def load_policy(
    source: str | bytes, name: str = "cors.yaml", read_file: ReadFile | None = None
) -> Policy:
    """The policy that ``source``, the content of a policy file, means.

    ``name`` is how the file is called in messages. ``read_file`` returns the content of a list
    of origins that the policy names (``{file: tenants.txt}``); it raises OSError when it cannot.

    Raises :class:`PolicyError` with all that is wrong (the first
    :data:`corsage.policy.report.MOST_ERRORS` of it), if the policy must be refused.
    """
    reading = read_policy_text(source, name, read_file)
    if reading.policy is None:
        raise PolicyError(p for p in reading.problems if p.severity == "error")
    return reading.policy


def read_policy_text(
    source: str | bytes, name: str = "cors.yaml", read_file: ReadFile | None = None
) -> Reading:
    """Like :func:`load_policy`, but returns what is wrong, warnings and notes included."""
    # Here and not above: the compiled decision and its middleware run without PyYAML.
    from corsage.policy.yaml_nodes import compose

    reporter = Reporter(name)
    return _read(lambda: compose(source, reporter.report), reporter, read_file)


def read_nodes(root: Node, name: str) -> Reading:
    """Like :func:`read_policy_text`, of a file's nodes made elsewhere (by the middleware, of
    keywords): the same rules without YAML."""
    return _read(lambda: root, Reporter(name), None)


def _read(
    make_root: Callable[[], Node | None], reporter: Reporter, read_file: ReadFile | None
) -> Reading:
    policy = None
    with suppress(TooManyErrors):
        root = make_root()
        if root is not None:
            shapes.check(root, FILE, reporter.report)
            policy = _read_sections(root, reporter, read_file)
    problems = reporter.sorted()
    refused = any(problem.severity == "error" for problem in problems)
    return Reading(None if refused else policy, problems)


def _read_sections(root: Node, reporter: Reporter, read_file: ReadFile | None) -> Policy:
    top = shapes.fields(root)
    gateway = read_gateway(top.get("gateway"), reporter)
    services = read_services(top.get("services"), reporter)
    groups = Groups(top.get("origins"), reporter, read_file)
    policies = read_policies(top.get("policies"), groups, reporter)
    routes = read_routes(top, services, policies, reporter)
    check_mixed_content(top.get("gateway"), gateway, policies.values(), reporter)
    expectations = read_expectations(top.get("expect"), groups, reporter)
    groups.report_unused()
    return Policy(gateway, services, policies, routes, groups.sets, expectations)
