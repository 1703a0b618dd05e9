"""Findings in a policy file, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from corsage.browser import Server, judge
from corsage.check.finding import Finding, Where
from corsage.check.ignores import silence
from corsage.check.rules import RULES
from corsage.policy.asking import requests_of
from corsage.policy.decide import serve
from corsage.policy.load import read_policy_text
from corsage.policy.model import Expectation, Policy
from corsage.policy.origin_lists import ReadFile
from corsage.policy.problems import Problem
from corsage.policy.rules import EXPECTATION_FAILS


def check_policy(
    source: str | bytes, name: str = "cors.yaml", read_file: ReadFile | None = None
) -> tuple[Finding, ...]:
    """Everything to be said about a policy file: what it is refused for, what will surprise,
    and expectations that do not hold.

    The arguments are those of :func:`corsage.policy.load_policy`. Nothing is raised: a file that
    cannot be read is a finding.
    """
    reading = read_policy_text(source, name, read_file)
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    lines = text.split("\n")
    findings = [_of_problem(problem, name, lines) for problem in reading.problems]
    if reading.policy is not None:
        findings.extend(failing_expectations(reading.policy, name, lines))
    return silence(findings, name, text, RULES)


def failing_expectations(policy: Policy, name: str, lines: list[str]) -> Iterator[Finding]:
    """The expectations that the policy itself does not meet."""
    server = faithful(policy)
    for expectation in policy.expectations:
        for request in requests_of(policy, expectation):
            verdict = judge(request, server)
            if verdict.allowed != expectation.allowed:
                is_now = "allowed" if verdict.allowed else "blocked"
                message = f"{expectation.text} does not hold: {request.origin} is {is_now}"
                yield Finding(
                    EXPECTATION_FAILS.id,
                    EXPECTATION_FAILS.severity,
                    message,
                    _where(expectation, name, lines),
                    evidence=verdict.sentence,
                )
                break


def faithful(policy: Policy) -> Server:
    """The policy as a server whose services do as it says on the routes that they own."""
    owned = tuple(replace(route, owner="gateway") for route in policy.routes)
    return serve(policy, serve(replace(policy, routes=owned)))


def _where(expectation: Expectation, name: str, lines: list[str]) -> Where:
    source = lines[expectation.line - 1].rstrip("\r")
    column = len(source) - len(source.lstrip(" -")) + 1
    return Where(name, expectation.line, column, source)


def _of_problem(problem: Problem, name: str, lines: list[str]) -> Finding:
    own = problem.file == name and 0 < problem.line <= len(lines)
    source = lines[problem.line - 1].rstrip("\r") if own else ""
    return Finding(
        problem.rule,
        problem.severity,
        problem.message,
        Where(problem.file, problem.line, problem.column, source),
        fix=problem.fix,
        why=problem.why,
    )
