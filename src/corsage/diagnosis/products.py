"""The products that stand on a path: what each is called, how it is configured, which hop it is.

One row a product. ``named`` finds it in a description of the path, ``configured`` finds the words
of its own configuration language. The first row that matches wins, so the special stands before
the general (ingress-nginx before nginx, a Kong ingress before ingress).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Hop: TypeAlias = Literal[
    "client",
    "browser",
    "cookie",
    "config",
    "CDN",
    "edge",
    "storage",
    "platform",
    "emulator",
    "load balancer",
    "ingress",
    "gateway",
    "API Gateway",
    "nginx",
    "proxy",
    "auth proxy",
    "mesh",
    "mesh gateway",
    "mesh control plane",
    "service",
]
"""Who can be to blame. ``config`` and ``cookie`` are no hops: there, every hop does what it is
told, and what it is told is wrong."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product. ``merges``: beside a header of the service it adds a second line of its own.

    (Products that replace the service's line, as Envoy and Traefik do, have ``merges`` False.)
    ``beside``: what must stand somewhere on the path for an ambiguous name to mean this product.
    """

    name: str
    hop: Hop
    named: re.Pattern[str]
    configured: re.Pattern[str] | None = None
    merges: bool = False
    beside: re.Pattern[str] | None = None


def _row(
    name: str,
    hop: Hop,
    named: str,
    configured: str | None = None,
    *,
    merges: bool = False,
    beside: str | None = None,
) -> Product:
    return Product(
        name,
        hop,
        re.compile(named, re.IGNORECASE),
        re.compile(configured, re.IGNORECASE) if configured else None,
        merges,
        re.compile(beside, re.IGNORECASE) if beside else None,
    )


PRODUCTS: tuple[Product, ...] = (
    # Authentication proxies: they answer instead of the service, with their own 401 or 302.
    _row(
        "oauth2-proxy",
        "auth proxy",
        r"oauth2[-_ ]?proxy",
        r"oauth2[-_ ]?proxy|api-routes|skip[-_]auth[-_]preflight",
    ),
    _row("Pomerium", "auth proxy", r"pomerium", r"cors_allow_preflight"),
    _row(
        "an authentication proxy",
        "auth proxy",
        r"\b(authelia|authentik|vouch|gatekeeper|louketo|oathkeeper|auth[- ]?proxy|sso[- ]proxy)\b",
        r"\b(authelia|authentik|vouch|louketo|oathkeeper)\b",
        merges=True,
    ),
    # The edge of the network.
    _row(
        "Cloudflare",
        "edge",
        r"cloudflare|\bCF (access|challenge|waf|worker)",
        r"CF_Authorization|cf_clearance|managed challenge|cloudflare|super bot fight",
    ),
    _row("Cloud Armor", "edge", r"cloud armor|\bWAF\b|imperva|incapsula|f5 asm|sucuri", r"\bWAF\b"),
    _row(
        "CloudFront",
        "CDN",
        r"cloudfront",
        r"cloudfront|allowed ?methods\b.*GET|cache behaviou?r|origin request policy"
        r"|forwarded headers|whitelist headers|response[- ]headers[- ]policy|viewerprotocolpolicy"
        r"|origin override",
    ),
    _row("Fastly", "CDN", r"fastly|varnish", r"\bVCL\b|vcl_|surrogate-key|req\.http\.|beresp\."),
    _row("a CDN", "CDN", r"akamai|\bcdn\b|keycdn|bunny|jsdelivr|azure front ?door", r"\bcdn\b"),
    # Platforms that stand in front of a container or a function.
    _row("LocalStack", "emulator", r"localstack|emulat(ed|or)|ministack|sam local", r"emulator"),
    _row(
        "AWS API Gateway",
        "API Gateway",
        r"\bAPI ?GW\b|\bapigw\b|\bAPI Gateway\b|execute-api|aws (http|rest) api|\bHTTP API\b",
        r"gatewayresponses?\b|gateway responses?\b|x-amazon-apigateway|authorizer"
        r"|integration response|\bsam\b.*cors|cors: ?true|default_[45]xx|\bmock integration|httpApi"
        r"|method response",
        beside=r"\baws\b|lambda|cognito|\bAPI ?GW\b|execute-api|\bsam\b|HTTP API|REST",
    ),
    _row(
        "Azure API Management",
        "gateway",
        r"\bapim\b|api management",
        r"<cors|include-fragment|policy fragment|api-version header",
    ),
    _row(
        "Azure Functions",
        "platform",
        r"azure functions?|function(s)? (local )?host",
        r"func host|function\.json|methods: ?\['",
    ),
    _row(
        "a managed platform",
        "platform",
        r"cloud run|app engine|app service|\biap\b|identity[- ]aware|google frontend|heroku router"
        r"|static web apps|vercel|netlify|\brender\b|fly\.io|railway|amplify|hosting rewrite",
        r"\biam\b|invoker|ingress=internal|easy ?auth|identity-aware|vercel\.json|_headers file"
        r"|netlify\.toml|deployment protection",
    ),
    _row(
        "object storage",
        "storage",
        r"\bs3\b|\bgcs\b|bucket|minio|\br2\b|\bblob\b|\bstorage\b|object store|\bceph\b",
        r"cors(rule|configuration)|bucket|exposeheaders?\b|put-bucket-cors|gsutil cors",
    ),
    _row(
        "a tunnel",
        "edge",
        r"ngrok|codespaces?|gitpod|localtunnel|cloudflared|tailscale funnel|forwarded port",
        r"port visibility|port not public",
    ),
    # Kubernetes and gateways. Those that are called ingress but are gateways by trade come first.
    _row(
        "Kong",
        "gateway",
        r"\bkong\b",
        r"preflight_continue|config\.origins|kongplugin|kongingress|konghq|kong\.ya?ml",
    ),
    _row(
        "Traefik",
        "gateway",
        r"traefik",
        r"accesscontrol\w+|traefik|forwardauth|ingressroute|entrypoints?|middlewares?:"
        r"|addvaryheader|headers middlewares?|nginx-provider",
    ),
    _row(
        "Istio",
        "mesh",
        r"\bistio|\basm\b mesh|anthos service mesh",
        r"corspolicy|alloworigins: ?\[?(exact|prefix|regex)|virtualservice"
        r"|envoyfilter|authorizationpolicy|requestauthentication"
        r"|destinationrule|istio",
    ),
    _row(
        "Linkerd",
        "mesh",
        r"linkerd",
        r"linkerd|httplocalratelimitpolicy|meshtlsauthentication|accesspolicy",
    ),
    _row("a service mesh", "mesh", r"\bconsul\b|\bkuma\b|app mesh|service mesh|\bmesh\b"),
    _row(
        "NGINX Gateway Fabric",
        "gateway",
        r"nginx[- ]gateway[- ]fabric|\bngf\b",
        r"nginx gateway fabric",
        merges=True,
    ),
    _row(
        "F5 NGINX Ingress Controller",
        "ingress",
        r"\bf5 nic\b|nginxinc|nginx/kubernetes-ingress|nginx plus ingress",
        r"nginx\.org/",
        merges=True,
    ),
    _row(
        "HAProxy Ingress",
        "ingress",
        r"haproxy[- ]ingress|haproxytech",
        r"haproxy\.org/|haproxy-ingress\.github\.io/",
    ),
    _row(
        "ingress-nginx",
        "ingress",
        r"ingress[- ]nginx|nginx[- ]ingress|\bingress\b",
        r"nginx\.ingress\.kubernetes\.io|enable-cors|cors-allow-\w+|auth-signin|auth-url|auth-tls"
        r"|configuration-snippet|server-snippet|ssl-redirect|\bannotations?\b|custom-http-errors"
        r"|\bingress\b",
    ),
    _row(
        "Spring Cloud Gateway",
        "gateway",
        r"spring cloud gateway|\bscg\b",
        r"globalcors|corswebfilter|globalfilter|deduperesponseheader|simple-url-handler"
        r"|\bpredicates?\b|spring\.cloud\.gateway",
        merges=True,
    ),
    _row("Zuul", "gateway", r"\bzuul\b", r"\bzuul\b|sensitive-?headers", merges=True),
    _row(
        "APISIX",
        "gateway",
        r"apisix",
        r"allow_origins_by_regex|allow_credential\b|apisix",
        merges=True,
    ),
    _row(
        "an API gateway that merges",
        "gateway",
        r"\btyk\b|krakend|\bjanus\b|api[- ]umbrella|gravitee|wso2|ocelot|express[- ]gateway"
        r"|\byarp\b|3scale|apigee|fabio|easegress|lura",
        r"\btyk\b|krakend|ocelot\.json|modifier/martian|\byarp\b|github_com_devopsfaith",
        merges=True,
    ),
    _row(
        "Envoy",
        "gateway",
        r"\benvoy|contour|emissary|ambassador|\bgloo\b|kgateway|agentgateway|cilium",
        r"http_filters|typed_per_filter_config|allow_origin_string_match|cors filter"
        r"|securitypolicy|httpproxy\b|cors module|ratelimit manifest|direct_response|rbac filter"
        r"|ext_authz|jwt_authn",
    ),
    _row(
        "a Gateway API controller",
        "gateway",
        r"gateway api|httproute",
        r"httproute|gateway\.networking|\bGateway API\b",
    ),
    # Plain proxies and balancers.
    _row(
        "a load balancer",
        "load balancer",
        r"\b[aen]?lb\b|load[- ]balancer|\belb\b|application gateway|\bgclb\b",
        r"\belb\b|\balb\b|idle (timeout )?\d+|target group|listener rule|load[- ]balancer",
    ),
    _row(
        "Caddy",
        "proxy",
        r"\bcaddy",
        r"caddyfile|header_down|header_up|caddy|reverse_proxy",
        merges=True,
    ),
    _row(
        "HAProxy",
        "proxy",
        r"haproxy",
        r"http-response|http-after-response|http-request|haproxy|\bfrontend \w+ bind",
        merges=True,
    ),
    _row(
        "Apache httpd",
        "proxy",
        r"\bapache\b|\bhttpd\b|mod_proxy",
        r"header (always )?(set|add|append)\b|\.htaccess|mod_headers|setenvif|proxypass\b"
        r"|require valid"
        r"|limitexcept|authtype|allowoverride",
        merges=True,
    ),
    _row(
        "nginx",
        "nginx",
        r"nginx|openresty|tengine",
        r"add_header|proxy_pass|proxy_set_header|proxy_hide_header|limit_req|client_max_body"
        r"|error_page|\$http_origin|\$cors_origin|nginx|proxy_cache|location ?[/=~^{]|more_set",
        merges=True,
    ),
    _row("a reverse proxy", "proxy", r"rev(erse)?[- ]?proxy|\bproxy\b|http-proxy", None),
    _row("a gateway", "gateway", r"gateway|\bbff\b|graphql router|apollo router", r"\bgateway\b"),
    # What is written in an application.
    _row(
        "Spring",
        "service",
        r"spring|webflux|tomcat|jetty|quarkus|micronaut|camunda|keycloak|wildfly|dropwizard|sockjs"
        r"|java",
        r"@crossorigin|http\.cors|securityfilterchain|webmvcconfigurer|addcorsmappings"
        r"|authenticated\(\)|setallowedorigin|corsfilter|antmatchers|requestmatchers"
        r"|application(-\w+)?\.(ya?ml|properties)|web ?origins",
    ),
    _row(
        "ASP.NET Core",
        "service",
        r"\.net|asp\.?net|kestrel|signalr",
        r"usecors|addcors|useauth|usehttpsredirection|userouting|configureservices|configure\(\)"
        r"|mapcontrollers|allowanyorigin|withorigins|enablecors|middleware registered",
    ),
    _row(
        "Starlette",
        "service",
        r"fastapi|starlette|uvicorn|litestar",
        r"corsmiddleware\(|add_middleware|allow_origin_regex|forwarded-allow-ips|redirect_slashes"
        r"|allow_origins=|corsmiddleware \(?\*|exception_handler|servererrormiddleware",
    ),
    _row(
        "Django",
        "service",
        r"django|\bdrf\b",
        r"cors_origin_\w+|cors_allowed_origin\w*|corsheaders|corsmiddleware|\bMIDDLEWARE ?="
        r"|append_slash|django",
    ),
    _row(
        "Flask",
        "service",
        r"flask|gunicorn|werkzeug|python|aiohttp|tornado",
        r"flask[-_]cors|before_request|after_request|cors\(app|supports_credentials",
    ),
    _row(
        "Express",
        "service",
        r"express|node(\.?js)?\b|nest(js)?\b|koa\b|fastify|hono\b|socket\.io|next\.?js|strapi"
        r"|\bbun\b|deno\b",
        r"app\.use|router\.use|cors\(\)|next\(err\)|bodyparser|helmet|reply\.raw|res\.\w+\("
        r"|writehead|enablecors|socket\.io|@fastify/cors|express|credentials: ?true",
    ),
    _row(
        "Rails",
        "service",
        r"rails|\brack\b|sinatra|ruby",
        r"rack[-_:]+cors|insert_before|config/initializers|config\.middleware",
    ),
    _row(
        "PHP",
        "service",
        r"\bphp|laravel|symfony|wordpress|lumen",
        r"config/cors\.php|handlecors|header\('|nelmio|supports_credentials|wp-json",
    ),
    _row(
        "a Go service",
        "service",
        r"\bgolang|\bgo (api|server|service|backend)|\bgin\b|\bchi\b|\becho\b|fiber",
        r"r\.use|router\.use|cors\.new|cors\.default|cors\.handler|alloworiginfunc|mux\b",
    ),
    _row(
        "a service",
        "service",
        r"lambda|\bec2\b|service|server|backend|\bapi\b|\bapp\b|worker|handler|microservice|grpc"
        r"|graphql|hasura|rust\b|actix|axum|http4s|play\b|phoenix|elixir|upstream|functions?\b"
        r"|daemon|container|docker|node\b|machine|auth middleware|authmiddleware|database",
        r"\bcode\b|handler|the app\b|backend|helper files?|env(ironment)? list|endpoint",
    ),
)

MERGING = tuple(product for product in PRODUCTS if product.merges)


def product_in_path(piece: str, path: str) -> Product | None:
    """The first product of the table that a piece of a path names."""
    for product in PRODUCTS:
        if product.named.search(piece) and (not product.beside or product.beside.search(path)):
            return product
    return None


def products_in_config(text: str) -> tuple[Product, ...]:
    """Every product whose own configuration words the excerpt uses, in the table's order."""
    return tuple(
        product for product in PRODUCTS if product.configured and product.configured.search(text)
    )
