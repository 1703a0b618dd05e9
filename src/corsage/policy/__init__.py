"""What you mean: the policy file, its model, and the decision compiled from it."""

# ruff: noqa: TC004 -- what is exported is imported when it is first asked for
from corsage.lazy import export

TYPE_CHECKING = False  # as type checkers know it; importing typing would double the time
if TYPE_CHECKING:
    from corsage.policy.cases import Case, cases
    from corsage.policy.decide import Decision, Decisions, Edit, serve
    from corsage.policy.load import load_policy
    from corsage.policy.model import (
        CorsPolicy,
        Expectation,
        Gateway,
        Policy,
        Route,
        Service,
        Tls,
    )
    from corsage.policy.origins import OriginPattern, OriginSet
    from corsage.policy.problems import PolicyError, Problem

__all__ = [
    "Case",
    "CorsPolicy",
    "Decision",
    "Decisions",
    "Edit",
    "Expectation",
    "Gateway",
    "OriginPattern",
    "OriginSet",
    "Policy",
    "PolicyError",
    "Problem",
    "Route",
    "Service",
    "Tls",
    "cases",
    "load_policy",
    "serve",
]

export(
    __name__,
    {
        "cases": ("Case", "cases"),
        "decide": ("Decision", "Decisions", "Edit", "serve"),
        "load": ("load_policy",),
        "model": ("CorsPolicy", "Expectation", "Gateway", "Policy", "Route", "Service", "Tls"),
        "origins": ("OriginPattern", "OriginSet"),
        "problems": ("PolicyError", "Problem"),
    },
)
