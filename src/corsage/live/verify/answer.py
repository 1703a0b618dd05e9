"""What came back to a question, and what should have. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corsage.browser import Response, Verdict, WireRequest, judge
from corsage.live.verify.plan import Question
from corsage.policy.decide import Decisions
from corsage.policy.model import Policy
from corsage.policy.paths import requested_path


@dataclass(frozen=True, slots=True)
class Answer:
    """The exchanges that a question led to, and the browser's verdict on them.

    ``exchanges`` are what really went over the wire. ``assumed`` are requests that were not sent
    (another origin's, or a method that must not be): they were taken to be readable, so that the
    verdict rests on the rest. ``silence`` says why no answer came, where none did.
    """

    question: Question
    exchanges: tuple[tuple[WireRequest, Response | None], ...]
    got: Verdict
    assumed: tuple[WireRequest, ...] = ()
    silence: str = ""


def readable(request: WireRequest) -> Response:
    """A response that the page of ``request`` may read in any case."""
    origin = next((value for name, value in request.headers if name == "Origin"), "*")
    headers = (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", _asked(request, "Access-Control-Request-Method")),
        ("Access-Control-Allow-Headers", _asked(request, "Access-Control-Request-Headers")),
    )
    return Response(200, headers)


class Meant:
    """What the policy makes of the deployment's own answers: the same status and other headers,
    with the CORS headers of a correct owner. On a route that its service owns, those that the
    service has to send."""

    def __init__(self, policy: Policy) -> None:
        owned = tuple(replace(route, owner="gateway") for route in policy.routes)
        self.policy = policy
        self._decisions = Decisions(replace(policy, routes=owned))

    def response(self, request: WireRequest, answered: Response) -> Response:
        """The response that should have come instead of ``answered``."""
        url = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers}
        path = requested_path(url.path)
        decision = self._decisions.decide(request.method, url.netloc, path, headers)
        return decision.preflight or decision.edit.apply(answered)

    def verdict(self, answer: Answer) -> Verdict:
        """The verdict on what should have come."""
        answered = dict(answer.exchanges)

        def server(request: WireRequest) -> Response | None:
            if not _is_own(request, answer):
                return readable(request)
            response = answered.get(request, Response(200))
            return None if response is None else self.response(request, response)

        return judge(answer.question.case.request, server)


def _is_own(request: WireRequest, answer: Answer) -> bool:
    """Whether the request stays where the question was asked; a redirect may lead elsewhere."""
    own, url = urlsplit(answer.question.case.request.url), urlsplit(request.url)
    asked = any(request == sent for sent, _ in answer.exchanges)
    return asked or (url.scheme, url.netloc) == (own.scheme, own.netloc)


def _asked(request: WireRequest, name: str) -> str:
    return next((value for key, value in request.headers if key == name), "")
