"""The strategies of each class, the strongest evidence first."""

from __future__ import annotations

from corsage.diagnosis.blame import hops
from corsage.diagnosis.blame.answers import error_by_status, where_redirect_is_made, wrong_address
from corsage.diagnosis.blame.choices import fixed, front, service, when, when_at
from corsage.diagnosis.blame.evidence import (
    alone,
    guard,
    maker,
    passed_by,
    policy_in_front,
    revealed,
    written,
    written_in_front,
)
from corsage.diagnosis.blame.found import FRONT, Strategy
from corsage.diagnosis.blame.page import added_by_a_library, lower_case_method
from corsage.diagnosis.blame.values import (
    literal_wildcard,
    path_past_the_app,
    second_writer,
    where_origin_is_wrong,
    who_leaves_out_vary,
)

_SDK = (
    r"\bbaggage\b|sentry|traceparent|tracestate|open ?telemetry|datadog|new ?relic|\bsdk\b|polyfill"
    r"|propagat\w+|app ?insights|library|client lib|axios default|third-party api|interceptor adds"
    r"|instrument\w+|patches fetch|\brum\b|bugsnag|rollbar|honeybadger|browser plugin"
)

STRATEGIES: dict[str, tuple[Strategy, ...]] = {
    "error-no-cors": (
        hops.traced(hops.made_or_owns_the_error),
        maker,
        error_by_status,
        written_in_front,
        alone,
        written,
        passed_by,
        service("nothing points at a hop in front"),
    ),
    "origin-mismatch": (
        literal_wildcard,
        hops.traced(hops.alters_the_origin),
        where_origin_is_wrong,
        fixed("config", "the list of origins is what is wrong, and every hop obeys it"),
    ),
    "multi-writer": (
        hops.traced(hops.doubles),
        second_writer,
        written_in_front,
        front(*FRONT),
        alone,
        fixed("gateway", "the outermost hop can strip what the others write"),
    ),
    "preflight-auth": (
        hops.traced(hops.made_the_preflight),
        maker,
        when_at(
            r"waf|challenge|\biam\b|invoker|iap\b|cf_clearance|easy ?auth", ("edge", "platform")
        ),
        guard,
        written_in_front,
        front("auth proxy", "API Gateway", "edge", "platform"),
        service("the service demands credentials"),
    ),
    "preflight-unrouted": (
        hops.traced(hops.made_the_preflight),
        maker,
        when(
            r"req\.method|res\.status|(from|in|by) the handler|router has",
            "service",
            "its own code turns OPTIONS away",
        ),
        when_at(r"handler|code\b|controller|rejects options|lambda returns", ("service",), "SC"),
        written_in_front,
        front("storage", "CDN", "gateway", "API Gateway", "mesh", "ingress", "nginx", "platform"),
        service("the service has no route for OPTIONS"),
    ),
    "policy-inert": (
        hops.traced(hops.loses_the_policy),
        path_past_the_app,
        written,
        hops.traced(hops.answers_without_a_policy),
        front("gateway", "ingress", "mesh", "API Gateway", "nginx", "proxy", "CDN"),
        revealed,
        service("the policy is written in the service"),
    ),
    "redirect": (
        hops.traced(hops.made_the_redirect),
        where_redirect_is_made,
        maker,
        when(r"called? http\b|base ?url", "client", "the page asks the wrong address", "SC"),
        service("slashes and schemes are redirected by the service"),
    ),
    "preflight-wrong-responder": (
        hops.traced(hops.should_have_answered),
        front("gateway", "ingress", "mesh", "API Gateway", "nginx", "proxy", "CDN", "edge"),
        written_in_front,
        service("the service answers what is not its own"),
    ),
    "header-not-allowed": (
        added_by_a_library,
        when(_SDK, "client", "a library adds the header"),
        hops.traced(hops.made_the_preflight),
        policy_in_front,
        service("the service has the list"),
    ),
    "over-permissive": (
        when(
            r"leak|upstream|express default|passes for|app sends|\*.{0,20}backend",
            "service",
            "the wider policy comes from inside",
        ),
        written_in_front,
        service("the service compares origins"),
    ),
    "cache-vary": (
        hops.traced(hops.loses_the_policy),
        when(
            r"crossorigin|<?\bimg\b|disk cache",
            "browser",
            "its own cache holds the answer to another kind of request",
        ),
        who_leaves_out_vary,
        front("CDN", "edge"),
        passed_by,
        written,
        service("the answer does not say that it varies"),
    ),
    "wildcard-credentials": (
        hops.traced(hops.alters_the_origin),
        when(
            r"over-?ask|client-wide|everywhere|on (all|every) (call|request)s?|drop include"
            r"|not needed|unneeded|default(s)? to include",
            "client",
            "credentials are sent where none are needed",
            "SCP",
        ),
        written_in_front,
        service("the service answers with the wildcard"),
    ),
    "expose-missing": (
        hops.traced(hops.alters_the_origin),
        front("storage"),
        written_in_front,
        alone,
        service("the service owns the header"),
    ),
    "not-cors-transport": (
        hops.traced(hops.falls_silent),
        wrong_address,
        when(
            r"extension|noscript|ad[- ]?block|blocked_by_client|ublock|brave|privacy badger"
            r"|service worker",
            "browser",
            "something in the browser stops the request",
        ),
        when(
            r"servers?\b( url|\[\]|:)|openapi|base ?url|inner host|wrong (host|port|url|scheme)"
            r"|mixed content|http:// from https",
            "config",
            "the page asks the wrong address",
        ),
        service("nothing answers at that address"),
    ),
    "method-not-allowed": (
        lower_case_method,
        hops.traced(hops.made_the_preflight),
        when(
            r"lower[- ]?case|client sent '[a-z]+'|'patch'",
            "client",
            "the method is not in upper case",
        ),
        front("emulator"),
        policy_in_front,
        alone,
        service("the service has the list"),
    ),
    "cookie": (
        when_at(r"access|cloudflare|sso|edge", ("edge", "auth proxy")),
        fixed("cookie", "its own attributes keep it from travelling"),
    ),
    "instance-drift": (
        front("gateway", "ingress", "mesh"),
        revealed,
        service("one of its instances differs"),
    ),
    "preflight-ratelimit": (
        hops.traced(hops.made_the_preflight),
        maker,
        written_in_front,
        front("edge", "CDN", "gateway", "API Gateway", "ingress", "mesh", "nginx", "proxy"),
        service("the service counts preflights"),
    ),
    "control-plane-incompat": (
        when(
            r"linkerd|istio|mesh|virtualservice",
            "mesh control plane",
            "its controller has its own mind about the object",
        ),
        front("gateway", "ingress"),
        fixed("gateway", "its controller refuses the object"),
    ),
    "preflight-cache": (fixed("browser", "the preflight cache is the browser's"),),
    "private-network": (service("the private server must take part"),),
    "streaming-bypass": (
        hops.traced(hops.sends_the_answer),
        service("the stream leaves past the code that adds CORS"),
    ),
}
