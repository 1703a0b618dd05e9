"""Findings in a policy file, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from corsage.browser import Server, judge
from corsage.check.finding import Finding, Where
from corsage.check.ignores import silence
from corsage.check.rules import RULES
from corsage.policy.asking import requests_of, url_of
from corsage.policy.decide import Decisions, serve
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
    alike = _Alike(policy)
    for expectation in policy.expectations:
        asked = replace(expectation, origins=alike.one_of_each(expectation))
        for request in requests_of(policy, asked):
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


class _Alike:
    """Origins that no browser and no policy tells apart on a route: of a group of ten thousand
    tenants one has to be judged, not ten thousand."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._routes = Decisions(policy)
        self._known: dict[tuple[int, str, tuple[str, ...]], tuple[str, ...]] = {}

    def one_of_each(self, expectation: Expectation) -> tuple[str, ...]:
        """The first origin of each kind: by the policies that allow it, its scheme (for mixed
        content) and whether it is the gateway's own."""
        url = urlsplit(url_of(self._policy, expectation.host, expectation.path))
        own = f"{url.scheme}://{url.netloc}"
        names = self._deciding(url.netloc, expectation.path)
        # Expectations that name one group share its tuple of origins.
        key = (id(expectation.origins), own, names)
        if key not in self._known:
            sets = [self._policy.policies[name].allow_origins for name in names]
            first: dict[tuple[object, ...], str] = {}
            for origin in expectation.origins:
                allowed = tuple(origin in origins for origins in sets)
                first.setdefault((allowed, origin.partition(":")[0], origin == own), origin)
            self._known[key] = tuple(first.values())
        return self._known[key]

    def _deciding(self, host: str, path: str) -> tuple[str, ...]:
        """The policies on which the answer depends; for the gateway's own 404 all of them."""
        route = self._routes.route(host, path)
        if route is None:
            return tuple(self._policy.policies)
        return () if route.cors is None else (route.cors,)


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
