"""What a target writes admits exactly the policy's origins, in that product's own dialect.

The allow-lists are taken out of the files as the product would read them, and compared as sets:
no sampling.
"""

import ast
import re
from dataclasses import replace
from functools import reduce
from operator import or_

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from corsage.layers import every_target
from corsage.layers.target import FidelityError
from corsage.patterns import exactly, from_policy, labels, nothing, regex
from corsage.patterns.language import OriginLanguage
from corsage.patterns.machines import Both
from corsage.patterns.sendable import sendable_everywhere
from corsage.policy.model import CorsPolicy, Route
from corsage.policy.origins import OriginPattern, OriginSet
from tests.conformance.policies import POLICIES
from tests.policy.strategies import origin_sets

TARGETS = {target.name: target for target in every_target()}


def union(languages):
    return reduce(or_, languages, nothing())


def found(pattern, text):
    return re.findall(pattern, text, re.MULTILINE)


# nginx: maps. The exact origins, and hosts by the key that a regex makes of a canonical origin.

_LENGTH = "(?=.{1,512}$)"  # longer than the longest host name; nothing that browsers send


def nginx(files):
    text = "".join(files.values())
    exact = exactly(*found(r"""^ +["']?([^\s"']+)["']? ["']?\1["']?;$""", text))
    maps = found(r"map \$gateway_origin_key(_any_port)? \$cors_\w+ \{\n([^}]*)\}", text)
    if not maps:
        return exact
    [canonical] = found(r'^ +"~(\^\(\?=\.\{1,512\}\$\).*)"$', text)
    default_ports = found(r'"~(\^https?://\.\*:\d+\$)" "";', text)
    keyed = regex(canonical.replace(_LENGTH, ""), "pcre", "search")
    keyed -= union(regex(pattern, "pcre", "search") for pattern in default_ports)
    return exact | union(
        keyed & regex(_host(star, name, port, any_port), "pcre", "full")
        for any_port, block in maps
        for star, name, port in found(_ENTRY, block)
    )


_ENTRY = r"""^ +["']?(\*\.)?((?:\[[0-9a-f:.]+\])?[^\s*:"']+?)(:\d+)?["']? \$http_origin;$"""


def _host(star, name, port, any_port):
    host, _, scheme = name.rpartition(".")
    stars = r"[^/]+\." if star else ""
    return rf"{scheme}://{stars}{re.escape(host)}{'(?::[0-9]+)?' if any_port else port}"


# Envoy: domains and matchers of the header, whole (full match).


def envoy(files):
    text = files["rds.yaml"]
    regexes = [yaml.safe_load(quoted) for quoted in found(r'^ +regex: (".*")$', text)]
    regexes = [pattern for pattern in regexes if "://" in pattern]
    exact = found(r'^ +- "origin=(.*)"$', text)
    return exactly(*exact) | union(regex(r, "re2", "full") for r in regexes)


def haproxy(files):
    def lines(name):
        return [line for line in files.get(name, "").splitlines() if line[:1] not in ("", "#")]

    patterns = union(regex(line, "pcre", "search") for line in lines("only.patterns"))
    return exactly(*lines("only.origins")) | patterns


def caddy(files):
    text = files["Caddyfile"]
    patterns = union(regex(r, "re2", "search") for r in found(r'^\s+"~(\^\w.*)" \$\{0\}$', text))
    return exactly(*found(r"^\s+(\S+) \1$", text)) | patterns


def httpd(files):
    written = found(r'^SetEnvIf Origin "(.*)" cors_origin_only=\$1$', files["cors.conf"])
    return union(regex(pattern, "pcre", "search") for pattern in written)


# Traefik: the routers' rules, and the lists of the headers middleware behind them.


def traefik(files):
    http = yaml.safe_load(files["dynamic.yaml"])["http"]
    rules = [router["rule"] for router in http["routers"].values()]
    return _traefik(rules, (m.get("headers", {}) for m in http["middlewares"].values()))


def traefik_crd(files):
    objects = list(yaml.safe_load_all(files["traefik-crd.yaml"]))
    routes = [route for routes in _find_all(objects, "routes") for route in routes]
    return _traefik((route["match"] for route in routes), _find_all(objects, "headers"))


def traefik_labels(files):
    """As Compose hands them over, and with the commas at which Traefik parts them."""
    services = yaml.safe_load(files["compose.cors.yaml"])["services"].values()
    labels = {n: _undoubled(v) for service in services for n, v in service["labels"].items()}
    return _traefik(
        (value for name, value in labels.items() if name.endswith(".rule")),
        (
            {key: value.split(",")}
            for key in ("accessControlAllowOriginList", "accessControlAllowOriginListRegex")
            for name, value in labels.items()
            if name.endswith(f".headers.{key.lower()}")
        ),
    )


def _undoubled(value):
    assert not re.search(r"(?<!\$)\$(?:\$\$)*(?!\$)", value), f"Compose expands {value}"
    return value.replace("$$", "$")


def _traefik(rules, middlewares):
    [admitted] = {origin for rule in rules for origin in _rules(rule)}
    listed = nothing()
    for headers in middlewares:
        listed |= exactly(*headers.get("accessControlAllowOriginList", ()))
        for pattern in headers.get("accessControlAllowOriginListRegex", ()):
            listed |= regex(pattern, "re2", "search")
    routed = regex(admitted, "re2", "search")
    assert routed == listed, "the routers' rules and the middleware's lists differ"
    return routed


def _rules(rule):
    return [r for r in found(r"HeaderRegexp\(`Origin`, `(.*?)`\)", rule) if r != "."]


def javascript(files):
    text = files["cors.js"]
    [listed] = found(r"(?s)^ +origins: \[(.*?)\],$", text)
    patterns = found(r"^ +/(\^.*)/,$", text)
    exact = exactly(*found(r"'(.*?)'", listed))
    return exact | union(regex(p, "javascript", "search") for p in patterns)


def spring(files):
    text = "".join(files.values())
    [listed] = found(r'"only",\s*Set\.of\(([^)]*)\)', text)
    patterns = found(r'Pattern\.compile\(\s*("(?:[^"\\]|\\.)*")\)', text)
    patterns = [ast.literal_eval(p) for p in patterns if "://" in p]
    return exactly(*found(r'"(.*?)"', listed)) | union(regex(p, "java", "full") for p in patterns)


def spring_cloud_gateway(files):
    [configurations] = _find_all(yaml.safe_load(files["application.yml"]), "cors-configurations")
    [config] = configurations.values()
    exact = config.get("allowed-origins", ())
    return exactly(*exact) | union(map(_spring_pattern, config.get("allowed-origin-patterns", ())))


def _spring_pattern(pattern):
    """As org.springframework.web.cors.CorsConfiguration.OriginPattern has it."""
    ports = re.search(r":\[(.*)\]$", pattern)
    host = pattern[: ports.start()] if ports else pattern
    port = (
        "" if not ports else r"(:\d+)?" if ports[1] == "*" else f":(?:{ports[1].replace(',', '|')})"
    )
    source = "".join(
        rf"\Q{part}\E" if part != "*" else ".*" for part in re.split(r"(\*)", host) if part
    )
    return regex(source + port, "java", "full")


def python(files):
    tree = ast.parse(files["cors_policy.py"])
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    sets = [c.args[0] for c in calls if ast.unparse(c.func) == "frozenset" and c.args]
    exact = {o for s in map(ast.literal_eval, sets) for o in s if "://" in o or o == "null"}
    compiled = [c for c in calls if ast.unparse(c.func) == "re.compile"]
    patterns = [ast.literal_eval(c.args[0]) for c in compiled]
    return exactly(*exact) | union(regex(p, "python", "full") for p in patterns if "://" in p)


def ingress_nginx(files):
    """The controller's own regex for each entry: tied to the end alone, ignoring case."""
    entries = [
        entry.strip()
        for quoted in found(r"cors-allow-origin: (.*)$", "".join(files.values()))
        for entry in str(yaml.safe_load(quoted)).split(",")
    ]
    sources = (f"({re.escape(e)})$" for e in entries)
    return union(regex(source, "pcre", "search", ignore_case=True) for source in sources)


def gateway_api(files):
    """Its wildcard is any number of labels."""
    lists = _find_all(list(yaml.safe_load_all("".join(files.values()))), "allowOrigins")
    return union(
        labels(*origin.split("*"), depth=None) if "*" in origin else exactly(origin)
        for origins in lists
        for origin in origins
    )


def envoy_gateway(files):
    """Its wildcard becomes a regex for any text."""
    lists = _find_all(list(yaml.safe_load_all(files["envoy-gateway.yaml"])), "allowOrigins")
    return union(
        regex(re.escape(origin).replace(r"\*", ".*"), "re2", "full")
        for origins in lists
        for origin in origins
    )


def istio(files):
    lists = _find_all(list(yaml.safe_load_all(files["istio.yaml"])), "allowOrigins")
    entries = [entry for entries in lists for entry in entries]
    exact = exactly(*(entry["exact"] for entry in entries if "exact" in entry))
    return exact | union(regex(e["regex"], "re2", "full") for e in entries if "regex" in e)


def _find_all(value, key):
    if isinstance(value, dict) and key in value:
        return [value[key]]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [found for item in inner for found in _find_all(item, key)]


READ = {
    "nginx": nginx,
    "nginx-include": nginx,
    "envoy": envoy,
    "haproxy": haproxy,
    "caddy": caddy,
    "httpd": httpd,
    "traefik": traefik,
    "traefik-crd": traefik_crd,
    "traefik-labels": traefik_labels,
    "express": javascript,
    "fastify": javascript,
    "spring": spring,
    "spring-cloud-gateway": spring_cloud_gateway,
    "fastapi": python,
    "django": python,
    "flask": python,
    "ingress-nginx": ingress_nginx,
    "gateway-api": gateway_api,
    "envoy-gateway": envoy_gateway,
    "istio": istio,
}

# Their one wildcard is any text: it also admits subdomains with characters that browsers send
# behind proxies only.
WILDER = {"envoy-gateway", "spring-cloud-gateway"}

# Linkerd has no CORS, and its files no origins.
UNREAD = {"linkerd"}


def written(target, origins):
    """The origins that the files of a target admit for a policy that has these; None where the
    target cannot keep it."""
    policy = POLICIES["shop"]
    owner = "service" if target.family == "application" else "gateway"
    one = replace(
        policy,
        policies={"only": CorsPolicy("only", origins, ("GET",))},
        routes=(Route("/only", next(iter(policy.services)), "only", owner=owner),),
        expectations=(),
        origins={},
    )
    try:
        files = target.files(one)
    except FidelityError:
        return None
    return READ[target.name]({file.path: file.text for file in files})


def check(target, origins):
    admitted, meant = written(target, origins), from_policy(origins)
    if admitted is None:
        return False
    assert meant <= admitted, (meant - admitted).shortest()
    if target.name in WILDER:
        admitted = OriginLanguage(Both(admitted.machine, sendable_everywhere()))
    assert admitted <= meant, (admitted - meant).shortest()
    return True


def test_every_target_that_writes_origins_is_read():
    assert set(TARGETS) - set(READ) == UNREAD


@pytest.mark.parametrize("name", sorted(READ))
def test_the_origins_of_every_policy_are_admitted_and_no_others(name):
    sets = {
        policy.allow_origins
        for file in POLICIES.values()
        for policy in file.policies.values()
        if not policy.allow_origins.any_origin
    }
    kept = [check(TARGETS[name], origins) for origins in sorted(sets, key=str)]
    assert any(kept)


@pytest.mark.parametrize("name", sorted(READ))
def test_the_origins_of_generated_policies_are_admitted_and_no_others(name):
    @settings(
        max_examples=4,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # the first example that fails is small enough
    )
    @given(origin_sets)
    def exact(origins):
        if origins and not origins.any_origin:
            check(TARGETS[name], origins)

    exact()


def test_a_list_that_admits_one_more_is_found():
    origins = OriginSet(patterns=(OriginPattern("https", "example.com", subdomains=True),))
    unescaped = regex("^https://([a-z0-9_-]+[.])+example.com$", "pcre", "search")
    assert (unescaped - from_policy(origins)).shortest() == "https://a.exampleacom"
