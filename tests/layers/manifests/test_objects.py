"""Files of manifests: what matters is found, with its place, and nothing in them does harm."""

from __future__ import annotations

import json
import pickle
import random
import time
from contextlib import suppress

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corsage.browser import WireRequest
from corsage.layers.manifests import READER
from corsage.layers.source import Source, UnreadableError
from tests.layers.manifests import (
    test_annotations,
    test_contour,
    test_gateway_api,
    test_haproxy,
    test_istio,
    test_kong,
    test_linkerd,
    test_traefik,
)
from tests.layers.manifests import test_ingress_nginx as test_nginx
from tests.layers.manifests.served import read, read_objects, upstream

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/cors-allow-origin: "https://a.example/"
spec:
  ingressClassName: nginx
  rules:
    - host: api.example.com
      http:
        paths:
          - path: /billing
            pathType: Prefix
            backend: {service: {name: billing, port: {name: http}}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: billing, namespace: shop}
spec:
  selector: {app: billing}
  ports: [{name: metrics, port: 9090}, {name: http, port: 8080}]
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: billing, namespace: shop}
spec:
  template:
    metadata: {labels: {app: billing, tier: api}, annotations: {linkerd.io/inject: enabled}}
    spec: {containers: [{name: billing, image: "registry.example.com/shop/billing:1.2"}]}
"""


def test_objects_of_several_files_lead_to_each_other():
    reading = read(INGRESS, f"# a comment\n---\n{SERVICE}---\n---\n{DEPLOYMENT}")
    (site,) = (s for each in reading.instances if each.product != "linkerd" for s in each.sites)
    assert site.upstream == "service/shop/billing:8080"
    (workload,) = reading.workloads
    assert workload.reached_at == ("service/shop/billing:9090", "service/shop/billing:8080")
    assert workload.image == "registry.example.com/shop/billing:1.2"
    assert workload.meshed
    assert (workload.where.file, workload.where.line) == ("1.yaml", 12)


def test_the_place_of_a_slip_counts_the_lines_of_the_whole_file():
    (slip,) = read(f"%YAML 1.1\n---\n{SERVICE}\n---  # the gateway\n{INGRESS}").slips
    assert (slip.where.line, slip.where.column) == (18, 52)
    assert slip.where.source.strip().startswith("nginx.ingress.kubernetes.io/cors-allow-origin")
    assert slip.edits[0].start == (18, 52)


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_line_endings_change_no_place(ending):
    (slip,) = read(f"{SERVICE}---\n{INGRESS}".replace("\n", ending)).slips
    assert (slip.where.line, slip.where.column) == (15, 52)


def test_a_list_and_json_hold_objects_as_well():
    objects = list(yaml.safe_load_all(f"{INGRESS}---\n{SERVICE}"))
    listed = {"apiVersion": "v1", "kind": "List", "items": objects}
    for text in (yaml.safe_dump(listed), json.dumps(listed)):
        reading = read(text)
        assert reading.instances[0].sites[0].upstream == "service/shop/billing:8080"
        assert len(reading.slips) == 1


def test_annotations_may_come_from_an_anchor():
    text = INGRESS.replace("  annotations:\n", "  annotations: &cors\n")
    other = INGRESS.replace("name: api", "name: other").replace("api.example.com", "b.example.com")
    text = f"kind: List\napiVersion: v1\nitems:\n{_indented(text)}"
    anchored = other.partition("  annotations:")[0] + "  annotations:\n    <<: *cors\n"
    anchored += other[other.index("spec:") :]
    reading = read(f"{text}{_indented(anchored)}")
    assert [each.reached_at for each in reading.instances] == [
        ("api.example.com",),
        ("b.example.com",),
    ]
    assert all(each.sites[0].grant is not None for each in reading.instances)


def _indented(text: str) -> str:
    first, *rest = text.splitlines()
    return "\n".join([f"  - {first}", *(f"    {line}" for line in rest), ""])


def test_other_documents_are_not_even_parsed():
    assert not READER.detect("a.yaml", "apiVersion: v1\nkind: Secret\ndata: {a: b}\n")
    broken = "apiVersion: v1\nkind: Secret\ndata: {{ .Values.x }\n"
    assert len(read(f"{broken}---\n{INGRESS}").instances) == 1


def test_a_template_that_is_no_yaml_says_to_render_it_and_where():
    text = f"{SERVICE}---\n{INGRESS}".replace(
        "    - host: api", "    {{- range .hosts }}\n    - host: api"
    )
    with pytest.raises(UnreadableError, match="helm template") as refused:
        READER.parse(Source("chart/templates/ingress.yaml", text))
    assert refused.value.where.file == "chart/templates/ingress.yaml"
    assert refused.value.where.line in (18, 19)


def test_a_template_that_is_yaml_is_read_as_far_as_it_goes():
    text = INGRESS.replace('"https://a.example/"', "{{ .Values.origin | quote }}")
    (site,) = read(text).instances[0].sites
    assert site.grant is not None


def test_what_is_parsed_can_be_sent_to_another_process():
    parsed = READER.parse(Source("a.yaml", f"{INGRESS}---\n{SERVICE}"))
    again = pickle.loads(pickle.dumps(parsed))
    assert len(READER.link({"a.yaml": again}).instances) == 1


def test_of_objects_with_one_name_the_closest_is_meant():
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: h, namespace: shop}\n"
    config += "data: {Access-Control-Max-Age: '%s'}\n"
    custom = INGRESS.replace(
        '    nginx.ingress.kubernetes.io/enable-cors: "true"\n',
        '    nginx.ingress.kubernetes.io/custom-headers: "shop/h"\n',
    )
    files = {
        "base/headers.yaml": config % "1",
        "dev/headers.yaml": config % "2",
        "dev/ingress.yaml": custom,
    }
    parsed = {path: READER.parse(Source(path, text)) for path, text in files.items()}
    (instance,) = READER.link(parsed).instances
    answer = instance.hop(
        WireRequest("actual", "GET", "https://api.example.com/billing", ()), upstream
    )
    assert answer is not None
    assert ("Access-Control-Max-Age", "2") in answer.headers


@pytest.mark.parametrize(
    "text",
    [
        "kind: Ingress\nmetadata: " + "[" * 100_000,
        "kind: Ingress\n" + "- " * 50_000,
        "kind: Ingress\na: &a [x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"b{n}: &b{n} [{','.join([f'*b{n - 1}' if n else '*a'] * 8)}]\n" for n in range(12)
        ),
        "kind: Ingress\nmetadata: &x {annotations: *x}\n",
        "kind: Ingress\nmetadata: !!python/object:os.system {a: b}\n",
        "kind: Ingress\nmetadata: {name: \x00}\n",
    ],
)
def test_hostile_files_are_refused_in_time(text):
    started = time.process_time()
    with suppress(UnreadableError):
        READER.link({"a.yaml": READER.parse(Source("a.yaml", text))})
    assert time.process_time() - started < 10


HOSTILE = ["a" * 5000 + "!", "https://" + "a." * 2000 + ":", "*" * 3000, ", " * 3000, "(a+)+" * 500]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_cost_no_time(value):
    started = time.process_time()
    names = (
        *("cors-allow-origin", "cors-allow-methods", "cors-allow-headers", "cors-expose-headers"),
        *("cors-max-age", "rewrite-target"),
    )
    annotations = {"enable-cors": "true", **dict.fromkeys(names, value)}
    ingress = test_nginx.ingress("a.example", annotations, 80)
    ingress["spec"]["rules"][0]["http"]["paths"][0]["path"] = f"/{value}"
    service = test_istio.virtual_service(
        "b.example",
        [
            {
                "match": [{"uri": {"regex": value}, "headers": {"x": {"regex": value}}}],
                "corsPolicy": {
                    "allowOrigins": [{"regex": value}, {"prefix": value}, {"exact": value}],
                    "maxAge": value,
                },
            }
        ],
        80,
    )
    middleware = test_traefik.crd(
        "Middleware", "m", {"headers": {test_traefik.REGEX: [value], test_traefik.LIST: [value]}}
    )
    router = test_traefik.crd(
        "IngressRoute",
        "r",
        {"routes": [{"match": f"PathRegexp(`{value}`)", "middlewares": [{"name": "m"}]}]},
    )
    reading = read_objects([ingress, service, middleware, router])
    for instance in reading.instances:
        for host in ("a.example", "b.example"):
            url = f"https://{host}/{'a' * 60}"
            request = WireRequest("preflight", "OPTIONS", url, (("Origin", "https://a.a.a"),))
            instance.hop(request, upstream)
    assert time.process_time() - started < 10


SAMPLES = [
    *(test_nginx.ingress("a.example", each, 80) for each in test_nginx.WRITTEN[:20]),
    *(test_gateway_api.http_route("b.example", each, 80) for each in test_gateway_api.RULES),
    *(test_istio.virtual_service("c.example", each, 80) for each in test_istio.ROUTES),
    *test_traefik.ingress_routes(80),
    *(test_haproxy.ingress("b.example", *each) for each in test_haproxy.CASES),
    *(test_contour.proxy("c.example", each, 80) for each in test_contour.POLICIES),
    *test_kong.objects({"konghq.com/methods": "GET"}, True, origins=["*", "a", "(.+)x"]),
    *test_linkerd.MESHES[4],
    *test_linkerd.MESHES[9],
    *yaml.safe_load_all(f"{test_annotations.HEAD}    {{}}\n{test_annotations.TAIL}"),
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["*", "", "{{ .x }}", "https://a.example", "(", "[", "\\", "service/a/b:c"]),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3),
)


def _damaged(value, choose, odd):
    """A copy of an object in which some parts are something else."""
    if choose.random() < 0.04:
        return odd
    if isinstance(value, dict):
        return {key: _damaged(each, choose, odd) for key, each in value.items()}
    if isinstance(value, list):
        return [
            _damaged(each, choose, odd) for each in value for _ in range(choose.choice([1, 1, 2]))
        ]
    return value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), odd=ODD)
def test_no_damaged_object_ends_the_reader(seed, odd):
    choose = random.Random(seed)
    found = [_damaged(each, choose, odd) for each in choose.sample(SAMPLES, 6)]
    reading = read_objects(each for each in found if each)
    for instance in reading.instances:
        for host in ("a.example", "b.example", "c.example"):
            for method in ("OPTIONS", "GET"):
                asked = (("Origin", "https://a.example"), ("Access-Control-Request-Method", "PUT"))
                instance.hop(WireRequest("actual", method, f"https://{host}/api", asked), upstream)


@settings(max_examples=150, deadline=None)
@given(text=st.text(alphabet="kind: IngresHTPRout{}[]-&*!|>\"'\n \t#%@`,?", max_size=200))
def test_no_text_ends_the_reader(text):
    if READER.detect("a.yaml", text):
        with suppress(UnreadableError):
            READER.link({"a.yaml": READER.parse(Source("a.yaml", text))})


def test_a_service_that_stands_for_another_host_leads_there():
    external = "apiVersion: v1\nkind: Service\nmetadata: {name: billing, namespace: shop}\n"
    external += "spec: {type: ExternalName, externalName: billing.example.net}\n"
    (site,) = read(INGRESS.replace("{name: http}", "{number: 8443}"), external).instances[0].sites
    assert site.upstream == "http://billing.example.net:8443"


def test_many_objects_of_many_kinds_are_put_together_in_time():
    """Whatever refers to something else is found by its name, not by looking through all."""
    ingress_class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: c%s}\n"
    parts = [ingress_class % number for number in range(1500)]
    parts += [INGRESS.replace("ClassName: nginx", f"ClassName: c{n}") for n in range(1500)]
    parts += [f"kind: ConfigMap\nmetadata: {{name: n{number}}}\n" for number in range(20_000)]
    started = time.process_time()
    read("---\n".join(parts))
    assert time.process_time() - started < 20
