"""What only the answers tell to ask: methods and headers that a deployment lists and the policy
does not. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from corsage.live.verify.answer import Answer
from corsage.live.verify.compare import tokens
from corsage.live.verify.plan import Question, question_of
from corsage.policy.asking import headers_of
from corsage.policy.cases import Case
from corsage.policy.decide import Decisions
from corsage.policy.model import CorsPolicy, Policy
from corsage.policy.permits import permits

_MOST_HERE = 10
_MOST = 200
_AFTER = 10**9  # follow-ups are numbered after every question
# What the cases of every policy ask, and what no script can set or needs no permission for.
_ASKED_METHODS = {"get", "head", "post", "put", "patch", "delete", "options", "*"}
_ASKED_HEADERS = {"authorization", "content-type", "x-unlisted", "*"}


class Unlisted:
    """Looks at answers, and is the questions that they give rise to."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._decisions = Decisions(policy)
        self._found: dict[tuple[str, str, str], Question] = {}

    def look(self, answer: Answer) -> None:
        """Note what this answer lists beyond the policy."""
        route = answer.question.route
        if route is None or route.cors is None or not answer.got.allowed:
            return
        rules = self._policy.policies[route.cors]
        for request, response in answer.exchanges:
            if request.kind != "preflight" or response is None:
                continue
            for kind, name in _beyond(rules, response.headers):
                key = (answer.question.place, kind, name)
                here = sum(place == key[0] for place, _, _ in self._found)
                if key not in self._found and here < _MOST_HERE and len(self._found) < _MOST:
                    self._found[key] = answer.question

    def __iter__(self) -> Iterator[Question]:
        for number, ((_, kind, name), question) in enumerate(sorted(self._found.items(), key=_key)):
            asked = replace(question.case.request, method="GET", headers=(), body=None)
            if kind == "method":
                request = replace(asked, method=name)
            else:
                request = replace(asked, headers=headers_of([name]))
            what = f"the {'method' if kind == 'method' else 'request header'} {name}"
            allowed = permits(self._policy, request)
            case = Case("", request, what, allowed, question.case.owner, kind=what)
            yield question_of(self._policy, self._decisions, case, _AFTER + number)


def _key(item: tuple[tuple[str, str, str], Question]) -> tuple[str, str, str]:
    return item[0]


def _beyond(rules: CorsPolicy, headers: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    methods = tokens(headers, "access-control-allow-methods")
    known = {method.lower() for method in rules.allow_methods} | _ASKED_METHODS
    yield from (("method", methods[key]) for key in methods.keys() - known)
    names = tokens(headers, "access-control-allow-headers")
    known = {name.lower() for name in rules.allow_headers} | _ASKED_HEADERS
    yield from (("header", names[key]) for key in names.keys() - known)
