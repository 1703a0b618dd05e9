"""One route of an Envoy that a controller configures: its filters in their order, as a hop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from corsage.browser.exchange import Headers, Response, Server, WireRequest
from corsage.layers.envoy_filter import CorsFilter
from corsage.layers.hops import added, signed_in, with_headers, without


@dataclass(frozen=True, slots=True)
class HeaderEdit:
    """What is done to the headers of responses that the service sent, in this order."""

    removed: tuple[str, ...] = ()
    replaced: dict[str, str] = field(default_factory=dict)
    added: Headers = ()

    def apply(self, response: Response) -> Response:
        """The response as it goes on."""
        return added(with_headers(without(response, self.removed), self.replaced), self.added)

    def __bool__(self) -> bool:
        return bool(self.removed or self.replaced or self.added)


@dataclass(frozen=True, slots=True)
class EnvoyRoute:
    """A route. ``answer`` is a redirect or a direct response, which the CORS filter does not see.
    ``guard`` answers who is not signed in before the CORS filter runs, ``login`` after it."""

    cors: CorsFilter | None = None
    edit: HeaderEdit = HeaderEdit()
    answer: Callable[[WireRequest], Response] | None = None
    guard: Response | None = None
    login: Response | None = None
    rewrite: Callable[[WireRequest], WireRequest] = lambda request: request

    def __call__(self, request: WireRequest, service: Server) -> Response | None:
        """The route as a hop."""
        if self.guard is not None and not signed_in(request):
            return self.guard
        if self.answer is not None:
            return self.answer(request)
        if self.cors is None:
            return self._behind_cors(service)(request)
        return self.cors(request, self._behind_cors(service))

    def _behind_cors(self, service: Server) -> Server:
        def answer(request: WireRequest) -> Response:
            if self.login is not None and not signed_in(request):
                return self.login
            response = service(self.rewrite(request))
            return Response(503) if response is None else self.edit.apply(response)

        return answer
