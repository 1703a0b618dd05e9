"""The ``policies`` of a policy file."""

from __future__ import annotations

from collections.abc import Callable

from corsage.policy import names, rules, shapes
from corsage.policy.model import ANY, CorsPolicy
from corsage.policy.nodes import Node
from corsage.policy.origin_groups import Groups
from corsage.policy.problems import quoted
from corsage.policy.report import Reporter

NO_POLICY = "none"
"""The reserved word of ``cors:`` for routes that no browser may read."""

LONGEST_CACHED = 7200
"""Seconds. Chromium caps Access-Control-Max-Age at two hours, Firefox at a day, Safari at ten
minutes."""


def read_policies(node: Node | None, groups: Groups, reporter: Reporter) -> dict[str, CorsPolicy]:
    """The policies by name."""
    policies = {}
    for key, value in shapes.pairs(node):
        reporter.name(key, "policy")
        if key.text == NO_POLICY:
            why = "`cors: none` means that no browser may read the route."
            message = f"{quoted(key.text)} is a reserved word"
            reporter.at(key, rules.BAD_NAME, message, why, None)
        policies[key.text] = _read_policy(key.text, value, groups, reporter)
    return policies


def _read_policy(name: str, node: Node, groups: Groups, reporter: Reporter) -> CorsPolicy:
    given = shapes.fields(node)
    credentials = shapes.boolean(given.get("allow_credentials"))

    def listed(key: str, read: Callable[[str], str]) -> tuple[str, ...]:
        return _read_list(given.get(key), read, credentials, reporter)

    policy = CorsPolicy(
        name,
        groups.allowed(name, given.get("allow_origins"), credentials, given),
        allow_methods=listed("allow_methods", names.method),
        allow_headers=listed("allow_headers", names.request_header),
        expose_headers=listed("expose_headers", names.response_header),
        allow_credentials=credentials,
        max_age=shapes.integer(given.get("max_age")),
        allow_timing=shapes.boolean(given.get("allow_timing")),
    )
    _check_authorization(policy, given, reporter)
    _check_max_age(policy, given, reporter)
    return policy


def _read_list(
    node: Node | None, read: Callable[[str], str], credentials: bool, reporter: Reporter
) -> tuple[str, ...]:
    """Names of methods or headers, each once."""
    listed: dict[str, str] = {}
    for item in shapes.scalars(node):
        name = item.text if item.text == ANY else reporter.value(item, read)
        if name is None:
            continue
        if name == ANY and credentials:
            why = "With credentials a browser takes * for a header or method of that name."
            message = "a wildcard means nothing where credentials are allowed"
            reporter.at(item, rules.WILDCARD_WITH_CREDENTIALS, message, why, None)
        # Header names are the same in any case; methods were found to be in upper case.
        if name.lower() in listed:
            reporter.at(item, rules.REPEATED_NAME, f"{name} is listed twice", "", None)
        listed.setdefault(name.lower(), name)
    return tuple(listed.values())


def _check_authorization(policy: CorsPolicy, given: dict[str, Node], reporter: Reporter) -> None:
    named = {name.lower() for name in policy.allow_headers}
    if ANY in named and "authorization" not in named and not policy.allow_credentials:
        why = "The standard wants it named; today's Chromium and Firefox still let it pass."
        message = 'allow_headers: "*" does not cover Authorization'
        fix = '["*", Authorization]'
        reporter.at(given["allow_headers"], rules.AUTHORIZATION_NOT_NAMED, message, why, fix)


def _check_max_age(policy: CorsPolicy, given: dict[str, Node], reporter: Reporter) -> None:
    if policy.max_age is not None and LONGEST_CACHED < policy.max_age <= 86400:
        message = f"Chromium remembers a preflight for {LONGEST_CACHED} seconds at most"
        why = "Safari takes 600, Firefox 86400: after that a browser asks again."
        fix = str(LONGEST_CACHED)
        reporter.at(given["max_age"], rules.MAX_AGE_CAPPED, message, why, fix)
