"""What you mean: the policy file, its model, and the decision compiled from it."""

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
