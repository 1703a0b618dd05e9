"""What is asked: every clause, once for origins that are alike, and no more than was allowed."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corsage.browser import Request
from corsage.live.verify import Scope, Target, Verifier
from corsage.live.verify.plan import Question, aimed, origins_of, questions, way
from corsage.live.verify.sample import choose
from corsage.policy import Policy, load_policy
from examples.shop.demo import shop_policy

ROOT = Path(__file__).parents[2]
POLICIES = {
    "shop": shop_policy(),
    **{
        path.stem: load_policy(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "tests" / "data" / "policies").glob("*.yaml"))
    },
}


@pytest.fixture(params=POLICIES)
def policy(request: pytest.FixtureRequest) -> Policy:
    return POLICIES[request.param]


def tenants(count: int, routes: int = 1) -> Policy:
    origins = ", ".join(f"https://t{n}.example.com" for n in range(count))
    paths = ", ".join(f"{{path: /r{n}, service: s, cors: p}}" for n in range(routes))
    return load_policy(
        "version: 1\ngateway: {public: 'https://api.example.com'}\nservices: {s: http://s}\n"
        f"origins: {{tenants: [{origins}]}}\n"
        f"policies: {{p: {{allow_origins: [tenants], allow_methods: [PUT]}}}}\nroutes: [{paths}]\n"
    )


def test_every_list_is_asked_on_every_route(policy: Policy) -> None:
    asked: dict[str, set[str]] = {}
    for question in questions(policy):
        request = question.case.request
        names = {request.method, *(name for name, _ in request.headers)}
        asked.setdefault(question.place, set()).update(names)
    for route in policy.routes:
        if route.cors is not None:
            rules = policy.policies[route.cors]
            listed = {*rules.allow_methods, *rules.allow_headers, "X-Unlisted", "X-UNLISTED"}
            assert listed - {"*"} <= asked[f"{route.host or ''}{route.path}"]


def test_only_what_a_browser_sends_is_asked(policy: Policy) -> None:
    assert all(question.case.browser for question in questions(policy))


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(POLICIES)), most=st.integers(1, 2000), seed=st.integers(0, 99))
def test_a_sample_has_every_clause_if_there_is_room_and_says_so_if_not(
    name: str, most: int, seed: int
) -> None:
    everything = list(questions(POLICIES[name]))
    clauses = {question.clause for question in everything}
    chosen = choose(everything, most, seed)
    covered = {question.clause for question in chosen.questions}
    assert len(chosen.questions) == len(set(chosen.questions)) == min(most, len(everything))
    assert (chosen.total, chosen.all_clauses) == (len(everything), len(clauses))
    assert covered == clauses or len(covered) == most
    assert ("clauses" in chosen.coverage) == (covered != clauses)
    assert choose(everything, most, seed) == chosen


def test_other_seeds_choose_other_cases_in_the_end_all_of_them() -> None:
    everything = list(questions(POLICIES["shop"]))
    seen: set[str] = set()
    for seed in range(60):
        chosen = choose(everything, 290, seed).questions
        seen |= {question.case.id for question in chosen}
    assert len(seen) == len(everything)


def test_the_coverage_is_said_in_words() -> None:
    everything = list(questions(POLICIES["shop"]))
    total, clauses = len(everything), len({question.clause for question in everything})
    said = choose(everything, 280).coverage
    assert said == f"280 of {total} cases, every clause at least once"
    assert choose(everything, 9).coverage == f"9 of {total} cases, 9 of {clauses} clauses"
    assert choose(everything).coverage == f"all {total} cases"


def test_ten_thousand_origins_on_twenty_routes_are_not_asked_everything_unless_told() -> None:
    policy = tenants(10_000, routes=20)
    few = list(questions(policy))
    assert len(few) < 4000
    assert {question.place for question in few} >= {f"/r{n}" for n in range(20)}
    more = list(islice(questions(policy, everything=True), 5_000))
    assert len(more) == 5_000


def test_a_sample_of_everything_keeps_only_the_sample() -> None:
    everything = questions(tenants(1_000), everything=True)
    chosen = choose(everything, 400)
    assert len(chosen.questions) == 400
    assert chosen.total > 10_000


def test_everything_is_asked_without_being_kept() -> None:
    verifier = Verifier(tenants(300), Target("http://127.0.0.1:1"), Scope(everything=True))
    first, again = list(verifier.chosen.questions), list(verifier.chosen.questions)
    assert first == again
    assert len(first) == verifier.chosen.asked == verifier.chosen.total > 3_000
    assert {question.clause for question in first} == set(verifier.chosen.clauses)
    origins = {question.case.request.origin for question in first}
    assert {f"https://t{n}.example.com" for n in range(300)} <= origins


def test_who_asks_is_the_group_of_the_origin() -> None:
    asked = {q.case.request.origin: q.who for q in questions(shop_policy()) if q.route is not None}
    assert asked["http://localhost:8401"] == "app"
    assert asked["http://127.0.0.1:8403"] == "partner"
    assert asked["https://stranger.example"] == "a stranger"
    assert asked["http://sub.localhost:8401"] == "another origin"


@pytest.mark.parametrize(
    ("method", "headers", "send", "expected"),
    [
        ("GET", (), False, "sent"),
        ("HEAD", (), False, "sent"),
        ("PUT", (), False, "preflight"),
        ("POST", (("X-A", "1"),), False, "preflight"),
        ("POST", (), False, "unasked"),
        ("POST", (), True, "sent"),
        ("DELETE", (), True, "sent"),
    ],
)
def test_what_changes_something_is_not_sent_uninvited(
    method: str, headers: tuple[tuple[str, str], ...], send: bool, expected: str
) -> None:
    request = Request("https://api.example.com/", "https://app.example.com", method, headers)
    assert way(request, send=send) == expected


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://staging.example.com", "https://staging.example.com"),
        ("http://127.0.0.1:8080", "https://127.0.0.1:8080"),  # in clear, behind what ends TLS
    ],
)
def test_the_policy_is_aimed_at_the_url(url: str, public: str) -> None:
    policy = load_policy(
        "version: 1\ngateway: {public: 'https://api.example.com'}\nservices: {s: http://s}\n"
        "policies: {p: {allow_origins: 'https://app.example.com'}}\n"
        "routes: [{path: /, service: s, cors: p},"
        " {path: /, service: s, cors: p, host: files.example.com}]\n"
    )
    there = aimed(policy, url)
    assert there.gateway.public_origin == public
    assert origins_of(there)[0] == public
    assert any("files.example.com" in origin for origin in origins_of(there)[1:])
    asked = list(questions(there))
    assert all(question.case.request.url.startswith("https://") for question in asked)
    assert {q.place for q in asked if isinstance(q, Question)} >= {"/", "files.example.com/"}
