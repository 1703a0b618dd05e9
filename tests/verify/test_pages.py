"""The page of each rule shows an exchange that breaks it, and one that does not."""

from __future__ import annotations

import re

import pytest

from corsage import pages
from corsage.browser import Request, Response, WireRequest
from corsage.check.verify_rules import RULES
from corsage.live.client import NoAnswerError
from corsage.live.verify.answer import Meant
from corsage.live.verify.ask import Asker, Pace
from corsage.live.verify.compare import compare
from corsage.live.verify.plan import question_of
from corsage.policy import Decisions, load_policy
from corsage.policy.cases import Case

POLICY = load_policy("""\
version: 1
gateway: {public: 'https://api.example.com'}
services: {billing: 'http://127.0.0.1:1'}
policies:
  app:
    allow_origins: [https://app.example.com, https://admin.example.com]
    allow_methods: [GET, PUT, PATCH]
    expose_headers: [ETag]
    max_age: 600
routes:
  - {path: /billing, service: billing, cors: app}
""")


def example(rule: str, heading: str) -> tuple[Request, Response | None]:
    """The page's request as a script makes it, and what is answered to its last request."""
    text = re.search(rf"## {heading}\n\n```http\n(.*?)\n```", pages.read(rule), re.DOTALL)[1]
    asked, _, answered = text.partition("\n\n")
    (method, path, _), headers = asked.split("\n")[0].split(" "), fields(asked)
    method = headers.get("Access-Control-Request-Method", method)
    request = Request(f"https://api.example.com{path}", headers["Origin"], method)
    if not answered.startswith("HTTP/"):
        return request, None
    lines = [tuple(line.split(": ", 1)) for line in answered.split("\n")[1:]]
    return request, Response(int(answered.split(" ")[1]), tuple(lines))


def fields(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.split("\n")[1:])


def found(request: Request, response: Response | None) -> set[str]:
    def exchange(sent: WireRequest) -> Response:
        if response is None:
            raise NoAnswerError("the connection was reset")
        return response

    question = question_of(POLICY, Decisions(POLICY), Case("", request, "", True), 0)
    answer = Asker(exchange, Pace(None))(question)
    return {difference.rule.id for difference in compare(Meant(POLICY), answer)}


@pytest.mark.parametrize("rule", RULES)
def test_the_page_says_what_it_is_and_shows_it(rule: str) -> None:
    title = f"# {rule}: {RULES[rule].title}\n\nSeverity: {RULES[rule].severity}\n"
    assert pages.read(rule).startswith(title)
    assert rule in found(*example(rule, "Fails"))
    assert rule not in found(*example(rule, "Passes"))
