"""The HTTP filters of the gateway's listener, and what a route says to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corsage.browser.exchange import Headers
from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.yaml_text import Noted, Shared, Value
from corsage.policy.model import Policy

TYPE = "type.googleapis.com/"
ORIGIN_HEADER = "x-gateway-origin"
PATH_HEADER = "x-gateway-path"

_MUTATION = f"{TYPE}envoy.extensions.filters.http.header_mutation.v3."
_ROUTE = "route"
_CORS, _VARY, _BODY, _RATE = "cors", "cors_vary", "body_limit", "rate_limit"
_LONGEST_VALUE = 16384  # bytes, of a header value in Envoy's configuration
_LARGEST_BODY = 2**32 - 1  # bytes, of what the buffer filter holds
_UNLIMITED = 2**32 - 1
_MOST_CLIENTS = 100_000  # addresses that the rate limit tells apart; the oldest are forgotten

SetHeader = tuple[str, str]


def header(name: str, value: str, action: str = "OVERWRITE_IF_EXISTS_OR_ADD") -> Value:
    """A header to set; ``%`` in the value begins one of Envoy's own."""
    return {"header": {"key": name, "value": value}, "append_action": action}


def literal(value: str) -> str:
    """The value with nothing in it for Envoy to expand."""
    if len(value.encode()) > _LONGEST_VALUE:
        raise EnvoyWriteError(
            f"{value[:40]!r}... is longer than the {_LONGEST_VALUE} bytes of a header in Envoy's "
            "configuration; split the policy"
        )
    return value.replace("%", "%%")


def answer(headers: Iterable[SetHeader]) -> dict[str, Value]:
    """To the filters: set these headers on the answer that Envoy gives itself."""
    return {_CORS: _mutations([{"append": header(name, value)} for name, value in headers])}


def edit(headers: Iterable[SetHeader]) -> dict[str, Value]:
    """To the filters: remove every CORS header of the service, and set these."""
    everything: Value = {"prefix": "access-control-", "ignore_case": True}
    removals: list[Value] = [
        {"remove_on_match": {"key_matcher": everything}},
        {"remove": "timing-allow-origin"},
    ]
    return {
        _CORS: _mutations(
            [*removals, *({"append": header(name, value)} for name, value in headers)]
        )
    }


def vary() -> dict[str, Value]:
    """To the filters: the answer depends on the origin."""
    added = header("vary", "Origin", "APPEND_IF_EXISTS_OR_ADD")
    return {_VARY: _mutations([{"append": added}])}


def body_limit(limit: int, default: int) -> dict[str, Value]:
    """To the filters: how large a body of unknown length may become, if not as by default."""
    if limit == default:
        return {}
    per_route = f"{TYPE}envoy.extensions.filters.http.buffer.v3.BufferPerRoute"
    if not _is_bufferable(limit):
        return {_BODY: {"@type": per_route, "disabled": True}}
    return {_BODY: {"@type": per_route, "buffer": {"max_request_bytes": limit}}}


def _is_bufferable(limit: int) -> bool:
    return 0 < limit <= _LARGEST_BODY


def _mutations(response: Sequence[Value]) -> Value:
    return {
        "@type": f"{_MUTATION}HeaderMutationPerRoute",
        "mutations": {"response_mutations": list(response)},
    }


def http_filters(policy: Policy) -> tuple[list[Value], list[Value]]:
    """The filters of ordinary requests, and those of WebSockets, whose bodies have no end."""
    limits = _rate_limit(policy)
    before: list[Value] = [Shared("request_id", _request_id()), *limits]
    after: list[Value] = [Shared("cors_vary", _vary_filter()), Shared("cors", _cors_filter())]
    router = Shared("router", _filter("router", "router.v3.Router", suppress_envoy_headers=True))
    again = [*before, *after, router]
    return [*before, *_body_limit(policy), *after, router], again


def _filter(name: str, kind: str, **settings: Value) -> dict[str, Value]:
    typed = {"@type": f"{TYPE}envoy.extensions.filters.http.{kind}", **settings}
    return {"name": name, "typed_config": typed}


def _unless(
    extension: dict[str, Value], kind: str, name: str, pattern: str, why: str
) -> dict[str, Value]:
    """The filter, skipped where a header (``kind``: Request, Response) matches."""
    skip = "envoy.extensions.filters.common.matcher.action.v3.SkipFilter"
    matcher: Value = {
        "predicate": {"single_predicate": {**input_of(name, kind), **regex(pattern)}},
        "on_match": {"action": {"name": "skip", "typed_config": {"@type": f"{TYPE}{skip}"}}},
    }
    return {
        "name": extension["name"],
        "typed_config": Noted(
            why,
            {
                "@type": f"{TYPE}envoy.extensions.common.matching.v3.ExtensionWithMatcher",
                "extension_config": extension,
                "xds_matcher": {"matcher_list": {"matchers": [matcher]}},
            },
        ),
    }


def input_of(name: str, kind: str = "Request") -> dict[str, Value]:
    """A matcher's input: the header of that name, its lines joined."""
    typed = f"{TYPE}envoy.type.matcher.v3.Http{kind}HeaderMatchInput"
    return {"input": {"name": name, "typed_config": {"@type": typed, "header_name": name}}}


def regex(pattern: str) -> dict[str, Value]:
    """A matcher's test: the whole value matches."""
    return {"value_match": {"safe_regex": {"google_re2": {}, "regex": pattern}}}


def _cors_filter() -> dict[str, Value]:
    return _filter(_CORS, "header_mutation.v3.HeaderMutation")


def _vary_filter() -> dict[str, Value]:
    names_it = r"(?i)(?:.*,)?\s*(?:origin|\*)\s*(?:,.*)?"
    why = "`Vary: Origin` beside what the service sent, unless that names Origin or `*` already."
    adds = _filter(_VARY, "header_mutation.v3.HeaderMutation")
    return _unless(adds, "Response", "vary", names_it, why)


def _request_id() -> dict[str, Value]:
    made = {"append": header("x-request-id", "%UNIQUE_ID%")}
    makes = _filter(
        "request_id",
        "header_mutation.v3.HeaderMutation",
        mutations={"request_mutations": [made]},
    )
    why = "A caller's request id is kept if it can do no harm in a log."
    return _unless(makes, "Request", "x-request-id", "[A-Za-z0-9._:+/=@-]{1,128}", why)


def _body_limit(policy: Policy) -> list[Value]:
    default = policy.gateway.max_body
    limits = [default, *(r.max_body for r in policy.routes if r.max_body is not None)]
    if not any(map(_is_bufferable, limits)):
        return []
    size = default if _is_bufferable(default) else _LARGEST_BODY
    buffer = _filter(_BODY, "buffer.v3.Buffer", max_request_bytes=size)
    why = (
        "Bodies of known length stream: a route refuses one that is too long before it comes.\n"
        "Others must be read first."
    )
    unless = _unless(buffer, "Request", "content-length", ".+", why)
    return [unless if _is_bufferable(default) else {**unless, "disabled": True}]


def _rate_limit(policy: Policy) -> list[Value]:
    limited = [
        (number, route.rate_limit)
        for number, route in enumerate(policy.routes, 1)
        if route.rate_limit is not None
    ]
    if not limited:
        return []
    descriptors: list[Value] = [
        {
            "entries": [{"key": _ROUTE, "value": str(number)}, {"key": "remote_address"}],
            "token_bucket": _bucket(rate),
        }
        for number, rate in limited
    ]
    counted: Value = {
        "metadata": {
            "descriptor_key": _ROUTE,
            "metadata_key": {"key": _RATE, "path": [{"key": _ROUTE}]},
            "source": "ROUTE_ENTRY",
        }
    }
    filter_ = _filter(
        _RATE,
        "local_ratelimit.v3.LocalRateLimit",
        stat_prefix="rate_limit",
        filter_enabled=_always(),
        filter_enforced=_always(),
        token_bucket=Noted("For routes without a limit.", _bucket(_UNLIMITED)),
        always_consume_default_token_bucket=False,
        max_dynamic_descriptors=_MOST_CLIENTS,
        rate_limits=[{"actions": [counted, {"remote_address": {}}]}],
        descriptors=Noted("A bucket for each route and client address.", descriptors),
    )
    return [Shared(_RATE, filter_)]


def limited(number: int) -> Value:
    """A route's metadata if it has a rate limit: what it is counted by."""
    return {"filter_metadata": {_RATE: {_ROUTE: str(number)}}}


def _bucket(rate: int) -> Value:
    return {"max_tokens": rate, "tokens_per_fill": rate, "fill_interval": "1s"}


def _always() -> Value:
    return {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def echoed(headers: Headers, witness: str) -> list[SetHeader]:
    """The headers of a decision about ``witness``, for whatever origin stands in its place."""
    return [
        (name, "%REQ(origin)%" if value == witness else literal(value)) for name, value in headers
    ]
