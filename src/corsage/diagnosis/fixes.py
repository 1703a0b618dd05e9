"""What to write: one row for a class and a product, else for a class and a hop, else for the class.

The texts name directives of the products as of 2026: nginx 1.31, ingress-nginx 1.15, Envoy 1.40,
Istio 1.31, Traefik 3.7, Kong 3.9, Caddy 2.11, HAProxy 3.x, Spring Cloud Gateway 5, Starlette 1.x.
"""

from __future__ import annotations

from corsage.diagnosis.settings import where_to_write

_PRODUCT: dict[tuple[str, str], str] = {
    ("error-no-cors", "nginx"): (
        "Append `always` to every `add_header Access-Control-*` line (without it nginx adds "
        "headers to 200, 201, 204, 206, 301-304, 307 and 308 only), at server level so that 413 "
        "and 502 to 504 get it too; then fix the error itself."
    ),
    ("error-no-cors", "ingress-nginx"): (
        "Upgrade the controller (add_header without `always` in old ones); give "
        "custom-http-errors backends CORS headers of their own; then fix the error itself."
    ),
    ("error-no-cors", "Traefik"): (
        "Put the `headers` middleware first in the router's list, before forwardAuth, rateLimit "
        "and errors, and run a version later than 2.2; then fix the error itself."
    ),
    ("error-no-cors", "AWS API Gateway"): (
        "Define gateway responses DEFAULT_4XX and DEFAULT_5XX (SAM: GatewayResponses) with the "
        "Access-Control-Allow-Origin response parameter; map the header on every status of a "
        "non-proxy integration."
    ),
    ("error-no-cors", "Starlette"): (
        "Wrap the whole application: `app = CORSMiddleware(app, ...)`; add_middleware stands "
        "inside ServerErrorMiddleware, so unhandled exceptions pass it by."
    ),
    ("error-no-cors", "Express"): (
        "`app.use(cors(...))` first, at application level, before body parsers, limiters and "
        "routers."
    ),
    ("error-no-cors", "ASP.NET Core"): (
        "Call UseCors right after UseRouting and before authentication, rate limiting and "
        "anything that answers by itself; UseExceptionHandler goes before UseCors and must not "
        "clear the headers."
    ),
    ("error-no-cors", "Spring"): (
        "Register the CorsFilter with the highest precedence (or http.cors()), so that errors of "
        "later filters carry the headers."
    ),
    ("error-no-cors", "Django"): (
        "CorsMiddleware first in MIDDLEWARE, above anything that can answer by itself."
    ),
    ("error-no-cors", "Flask"): (
        "Use flask-cors on the app (CORS(app)), not per view, so that error handlers are covered."
    ),
    ("error-no-cors", "Spring Cloud Gateway"): (
        "Let globalcors stand at the gateway and set `add-to-simple-url-handler-mapping: true`; "
        "errors of filters need the headers from a WebFilter with the highest precedence."
    ),
    ("error-no-cors", "Envoy"): (
        "Put envoy.filters.http.cors before ratelimit, ext_authz and jwt_authn in http_filters: "
        "local replies of filters behind it then pass its encoder."
    ),
    ("error-no-cors", "Istio"): (
        "Failed JWTs and rate limits answer before the route's cors filter: let an EnvoyFilter "
        "put cors first, or strip and stamp the headers in the gateway's response_headers_to_add."
    ),
    ("error-no-cors", "Kong"): (
        "Enable the cors plugin globally (priority 2000 runs before authentication and rate "
        "limiting); a plugin on the route does not cover what is refused before routing."
    ),
    ("error-no-cors", "HAProxy"): (
        "Use `http-after-response set-header` (2.2 and later): `http-response` leaves out what "
        "HAProxy answers itself."
    ),
    ("error-no-cors", "Caddy"): (
        "Repeat the header in `handle_errors`; the `header` directive of a route does not run "
        "for errors."
    ),
    ("error-no-cors", "CloudFront"): (
        "Attach a response headers policy with CORS (origin override on) to the behaviour: it is "
        "applied to CloudFront's own error answers too."
    ),
    ("error-no-cors", "oauth2-proxy"): (
        "Put the owner of CORS in front of oauth2-proxy; list API paths in `api_routes` so that "
        "it says 401 and not 302."
    ),
    ("error-no-cors", "a load balancer"): (
        "A balancer cannot add CORS headers to its own 502 to 504: raise its idle timeout above "
        "the service's, fix health and latency, or put a proxy that stamps its own errors in "
        "front."
    ),
    ("multi-writer", "nginx"): (
        "One owner: `proxy_hide_header Access-Control-Allow-Origin;` (and the other "
        "Access-Control-*) beside add_header, or delete add_header where the service answers for "
        "itself."
    ),
    ("multi-writer", "Spring Cloud Gateway"): (
        "Add the default filter `DedupeResponseHeader=Access-Control-Allow-Origin "
        "Access-Control-Allow-Credentials Vary, RETAIN_FIRST`, and turn CORS off in the services."
    ),
    ("multi-writer", "Zuul"): (
        "zuul.ignored-headers: Access-Control-Allow-Origin, Access-Control-Allow-Credentials (or "
        "turn CORS off in the services)."
    ),
    ("multi-writer", "Caddy"): (
        "`header_down -Access-Control-*` in reverse_proxy, or `header { defer ... }`, so that "
        "one value remains."
    ),
    ("multi-writer", "HAProxy"): (
        "`http-response del-header Access-Control-Allow-Origin` before set-header; never "
        "add-header."
    ),
    ("multi-writer", "Apache httpd"): (
        "`Header always unset Access-Control-Allow-Origin` (and without always) before one "
        "`Header always set`."
    ),
    ("multi-writer", "Envoy"): (
        "response_headers_to_remove: [access-control-allow-origin, ...] for the upstream, and "
        "one cors policy."
    ),
    ("multi-writer", "NGINX Gateway Fabric"): (
        "Turn CORS off in the service, or remove its headers with a ResponseHeaderModifier "
        "filter: the CORS filter adds its own line beside them."
    ),
    ("multi-writer", "an API gateway that merges"): (
        "Strip the service's Access-Control-* in the gateway (KrakenD: martian header.Modifier; "
        "Tyk: global_response_headers_delete), or turn CORS off in one of the two."
    ),
    ("multi-writer", "CloudFront"): (
        "Set origin override to true in the response headers policy, or remove CORS at the origin."
    ),
    ("preflight-auth", "Spring"): (
        "`http.cors(withDefaults())` in the SecurityFilterChain and a CorsConfigurationSource "
        "bean: CORS then stands before authentication."
    ),
    ("preflight-auth", "Spring Cloud Gateway"): (
        "`http.cors(...)` in the ServerHttpSecurity chain, so that globalcors is asked before "
        "the resource server."
    ),
    ("preflight-auth", "ingress-nginx"): (
        '`enable-cors: "true"` on the Ingress (preflights are answered before auth-url); for '
        "client certificates `auth-tls-verify-client: optional` and a check of "
        "$ssl_client_verify on everything but OPTIONS."
    ),
    ("preflight-auth", "nginx"): (
        "Answer preflights before auth_request/auth_basic: `if ($request_method = OPTIONS) { "
        "return 204; }` with the headers, guarded by $http_access_control_request_method."
    ),
    ("preflight-auth", "Istio"): (
        "Allow preflights in the AuthorizationPolicy: a rule with methods [OPTIONS] and `when: "
        "request.headers[access-control-request-method] values ['*']`."
    ),
    ("preflight-auth", "Linkerd"): (
        "Add an HTTPRoute with method OPTIONS and an AuthorizationPolicy for the ingress, or let "
        "the ingress answer preflights."
    ),
    ("preflight-auth", "Envoy"): (
        "Put envoy.filters.http.cors before jwt_authn, ext_authz and rbac; jwt_authn: "
        "bypass_cors_preflight: true."
    ),
    ("preflight-auth", "Kong"): (
        "Give the route a cors plugin with preflight_continue false (priority 2000, before "
        "auth), or set run_on_preflight: false on the auth plugin."
    ),
    ("preflight-auth", "Traefik"): (
        "List the `headers` middleware before basicAuth and forwardAuth."
    ),
    ("preflight-auth", "AWS API Gateway"): (
        "OPTIONS without an authorizer (SAM: AddDefaultAuthorizerToCorsPreflight: false) and a "
        "mock integration with the headers."
    ),
    ("preflight-auth", "Cloudflare"): (
        "Access: bypass OPTIONS requests to origin, or let Access answer CORS; WAF and "
        "challenges: skip for method OPTIONS."
    ),
    ("preflight-auth", "a managed platform"): (
        "The platform's own authentication never lets an anonymous OPTIONS in: allow "
        "unauthenticated calls and check the token in the service, or call through the page's "
        "own origin."
    ),
    ("preflight-auth", "ASP.NET Core"): (
        "UseCors before UseAuthentication and UseAuthorization in the pipeline."
    ),
    ("preflight-auth", "Flask"): (
        "Return early in before_request for OPTIONS with Access-Control-Request-Method; "
        "flask-cors then answers."
    ),
    ("preflight-auth", "Starlette"): (
        "Register CORSMiddleware last: the last one added is the outermost and answers before "
        "authentication."
    ),
    ("preflight-auth", "Apache httpd"): (
        "<LimitExcept OPTIONS> Require valid-user </LimitExcept>, and answer the preflight."
    ),
    ("preflight-auth", "Rails"): (
        "config.middleware.insert_before 0, Rack::Cors, so that it stands before Warden."
    ),
    ("preflight-unrouted", "Spring Cloud Gateway"): (
        "spring.cloud.gateway.globalcors.add-to-simple-url-handler-mapping: true, or OPTIONS in "
        "the Method predicate."
    ),
    ("preflight-unrouted", "Kong"): (
        "Add OPTIONS to the route's methods (or drop methods): the cors plugin runs only on a "
        "matched route."
    ),
    ("preflight-unrouted", "Traefik"): (
        "Add OPTIONS to the Method() matcher, or drop it: the headers middleware runs only on a "
        "matched router."
    ),
    ("preflight-unrouted", "CloudFront"): (
        "AllowedMethods of the behaviour: GET, HEAD, OPTIONS (or all seven), and forward Origin "
        "and Access-Control-Request-*."
    ),
    ("preflight-unrouted", "object storage"): (
        "Give the bucket a CORS rule with this origin, method and headers (put-bucket-cors, "
        "gsutil cors set)."
    ),
    ("preflight-unrouted", "Azure API Management"): (
        "Put <cors> into the global (all APIs) inbound policy; versioning by header cannot work "
        "for a preflight: use the path or query."
    ),
    ("preflight-unrouted", "Envoy"): (
        "Add a route for OPTIONS with origin and access-control-request-method headers: the cors "
        "filter runs only on a matched route."
    ),
    ("preflight-unrouted", "Istio"): (
        "Do not match the route by method or header, or add a match for OPTIONS with the same "
        "corsPolicy."
    ),
    ("preflight-unrouted", "AWS API Gateway"): (
        "Create the OPTIONS method on the resource (Enable CORS) and deploy the stage."
    ),
    ("policy-inert", "ingress-nginx"): (
        '`nginx.ingress.kubernetes.io/enable-cors: "true"` beside the other cors-* annotations, '
        "without which they are ignored."
    ),
    ("policy-inert", "nginx"): (
        "add_header is inherited only where a level has none of its own, and the last `if` wins: "
        "put the CORS lines (with always) into the very location that answers."
    ),
    ("policy-inert", "Traefik"): (
        "Put the accessControl* options into one headers middleware and reference it from the "
        "router; a preflight needs Origin and Access-Control-Request-Method, and an unmatched "
        "one gets an empty 200."
    ),
    ("policy-inert", "Istio"): (
        "allowOrigins: [{exact: https://...}] instead of allowOrigin (gone since 1.6), in the "
        "VirtualService that the gateway really uses."
    ),
    ("policy-inert", "Envoy"): (
        "The cors filter does nothing without a CorsPolicy in typed_per_filter_config of the "
        "route or virtual host."
    ),
    ("policy-inert", "Azure API Management"): (
        "Write <cors> into the policy itself: fragments are not evaluated for preflights."
    ),
    ("policy-inert", "Django"): (
        "corsheaders.middleware.CorsMiddleware at the top of MIDDLEWARE, before CommonMiddleware."
    ),
    ("policy-inert", "Express"): "app.use(cors(...)) before the routes.",
    ("policy-inert", "ASP.NET Core"): (
        "UseCors between UseRouting and UseEndpoints (before MapControllers), with the policy's "
        "name."
    ),
    ("redirect", "Starlette"): (
        "Run uvicorn with --proxy-headers --forwarded-allow-ips=<the proxy>, and call the exact "
        "path (or redirect_slashes=False)."
    ),
    ("redirect", "ingress-nginx"): (
        "Call https from the page; on API ingresses leave out auth-signin, so that an expired "
        "session is a 401 and not a login page."
    ),
    ("redirect", "oauth2-proxy"): (
        "List API paths in api_routes (401 instead of 302), and let the page navigate to the "
        "login itself."
    ),
    ("redirect", "CloudFront"): "Call https from the page (the behaviour redirects http to https).",
    ("redirect", "Django"): "Call the URL with its slash, or APPEND_SLASH = False for the API.",
    ("preflight-wrong-responder", "Kong"): (
        "preflight_continue: false (the gateway answers), or remove the plugin where the service "
        "owns CORS."
    ),
    ("preflight-wrong-responder", "Envoy"): (
        "forward_not_matching_preflights: false, a CorsPolicy on the route, and strip the "
        "upstream's Access-Control-*."
    ),
    ("preflight-wrong-responder", "Istio"): (
        "unmatchedPreflights: IGNORE, and strip the service's Access-Control-* headers."
    ),
    ("preflight-wrong-responder", "ingress-nginx"): (
        "Look at the rendered nginx.conf; list every origin at the ingress, or leave CORS to the "
        "service alone."
    ),
    ("preflight-wrong-responder", "Spring Cloud Gateway"): (
        "Choose one owner: globalcors answers every preflight, so services behind it must not be "
        "expected to."
    ),
    ("preflight-wrong-responder", "Traefik"): (
        "Leave all accessControl* options out of the middleware where the service owns CORS: one "
        "of them is enough to answer OPTIONS."
    ),
    ("cache-vary", "CloudFront"): (
        "Put Origin into the cache key (cache policy), or set CORS with a response headers "
        "policy (origin override)."
    ),
    ("cache-vary", "ingress-nginx"): (
        'The controller never adds Vary: add `more_set_headers "Vary: Origin"` in a '
        "configuration-snippet, or let the owner add it."
    ),
    ("cache-vary", "nginx"): "add_header Vary Origin always; and $http_origin in proxy_cache_key.",
    ("over-permissive", "Traefik"): (
        "Anchor and escape: accessControlAllowOriginListRegex matches anywhere in the string."
    ),
    ("over-permissive", "Express"): (
        "Anchor and escape the pattern (/^https:\\/\\/([a-z0-9-]+\\.)?example\\.com$/), never "
        "origin: true with credentials."
    ),
}

_HOP: dict[tuple[str, str], str] = {
    ("multi-writer", "service"): (
        "Turn CORS off in the component of the service that writes it (or let the gateway strip "
        "it): the gateway owns it."
    ),
    ("multi-writer", "gateway"): (
        "Let the gateway remove the service's Access-Control-* headers before it sets its own, "
        "or turn CORS off in one of the two."
    ),
    ("header-not-allowed", "client"): (
        "Keep the library from adding the header for this host (Sentry: tracePropagationTargets; "
        "OpenTelemetry: propagateTraceHeaderCorsUrls), or have it added to "
        "Access-Control-Allow-Headers."
    ),
    ("method-not-allowed", "client"): (
        "Write the method in upper case: fetch normalises DELETE, GET, HEAD, OPTIONS, POST and "
        "PUT only, so `patch` stays `patch`."
    ),
    ("wildcard-credentials", "client"): (
        "Leave out credentials: 'include' (withCredentials) where no cookie is needed."
    ),
    ("cache-vary", "CDN"): (
        "Put Origin into the cache key, or let the CDN set the CORS headers itself, and purge."
    ),
    ("over-permissive", "service"): (
        "Compare whole origins (or an anchored, escaped pattern), and let the gateway strip what "
        "the service adds for origins that it does not allow."
    ),
    ("redirect", "auth proxy"): (
        "Answer 401 to requests that are not navigations instead of redirecting to the login "
        "page; the page then navigates itself."
    ),
    ("redirect", "client"): (
        "Call the canonical URL: https, and with or without the slash as the server has it."
    ),
    ("not-cors-transport", "browser"): (
        "Allow the request in the extension (ad blocker, NoScript), or serve it from the page's "
        "own origin."
    ),
    ("not-cors-transport", "config"): (
        "Correct the address that the page is told (OpenAPI servers, base URL): scheme, host and "
        "port as the browser reaches it."
    ),
    ("expose-missing", "storage"): "ExposeHeaders: [ETag, ...] in the bucket's CORS rule.",
    ("streaming-bypass", "nginx"): (
        "Stamp the headers at the proxy (with always), and proxy_buffering off for the stream."
    ),
}

_GENERAL: dict[str, str] = {
    "error-no-cors": (
        "Fix the error that the status names; then let the outermost hop stamp CORS headers on "
        "every answer, its own errors included."
    ),
    "origin-mismatch": (
        "List the origin exactly as the browser sends it: scheme, host and port, lower case, no "
        "slash at the end, one entry an origin; for hosts made on the fly an anchored pattern."
    ),
    "multi-writer": (
        "Choose one owner of CORS for the route, and strip Access-Control-* from everyone else."
    ),
    "preflight-auth": (
        "Answer real preflights (OPTIONS with Origin and Access-Control-Request-Method) before "
        "authentication: CORS stands outside it."
    ),
    "preflight-unrouted": (
        "Route OPTIONS wherever the other methods go, or let the gateway answer preflights "
        "before routing."
    ),
    "policy-inert": (
        "Check the rendered configuration of the running version: the policy must stand where "
        "this path is answered."
    ),
    "redirect": (
        "Answer OPTIONS before any redirect, call the canonical URL, and say 401 instead of "
        "redirecting to a login page."
    ),
    "preflight-wrong-responder": (
        "Say explicitly who answers preflights, let the others pass them on or never see them, "
        "and strip Access-Control-* from the others."
    ),
    "header-not-allowed": (
        "Add the header to Access-Control-Allow-Headers by name (a wildcard does not cover "
        "Authorization, and counts for nothing with credentials)."
    ),
    "over-permissive": "Compare whole origins; strip Access-Control-* of everyone but the owner.",
    "cache-vary": (
        "Vary: Origin on every answer of the route, with and without an allowed origin, and "
        "Origin in the cache key."
    ),
    "wildcard-credentials": (
        "Echo the allowed origin with Access-Control-Allow-Credentials: true and Vary: Origin, "
        "or leave out credentials in the page."
    ),
    "expose-missing": (
        "Access-Control-Expose-Headers with the header's name on the actual response (not on the "
        "preflight, not on the request)."
    ),
    "not-cors-transport": (
        "Make the address answer first: the service up, the name resolving, the certificate "
        "trusted; no CORS setting helps before that."
    ),
    "method-not-allowed": "Add the method, in upper case, to Access-Control-Allow-Methods.",
    "cookie": (
        "SameSite=None; Secure on the cookie, or serve page and API from one site; no CORS "
        "setting sends a cookie that the browser keeps back."
    ),
    "instance-drift": "Compare configuration and image of every instance, and finish the rollout.",
    "preflight-ratelimit": (
        "Exempt preflights from the limit, and set Access-Control-Max-Age so that there are fewer."
    ),
    "control-plane-incompat": (
        "Upgrade the controller that refuses the object, or write the policy where no other "
        "controller owns it."
    ),
    "preflight-cache": (
        "Wait for the old Access-Control-Max-Age to pass (at most 2 hours in Chromium, 24 in "
        "Firefox), and keep it low while a policy is changing; the cache is per URL."
    ),
    "private-network": (
        "Chrome 142 and later ask the user for permission (the page must be https); older ones "
        "want Access-Control-Allow-Private-Network: true on the preflight."
    ),
    "streaming-bypass": (
        "Set the CORS headers before the stream's headers are sent (copy them into the raw "
        "response), or stamp them at the gateway."
    ),
}


def fix(cause: str, hop: str, product: str) -> str:
    """What to write, for this product where we know it."""
    found = _PRODUCT.get((cause, product)) or _HOP.get((cause, hop))
    if found is not None:
        return found
    return " ".join(filter(None, (_GENERAL[cause], where_to_write(cause, product))))
