"""The annotations of ingress-nginx: what each value means to the controller, and what is said of
it, where it stands."""

from __future__ import annotations

import pytest

from corsage.layers import rules
from corsage.layers.source import Reading
from tests.layers.manifests.served import read

HEAD = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: api
  namespace: shop
  annotations:
"""
TAIL = """\
spec:
  ingressClassName: nginx
  tls: [{hosts: [api.example.com]}]
  rules:
    - host: api.example.com
      http:
        paths:
          - path: /billing
            pathType: Prefix
            backend: {service: {name: billing, port: {number: 80}}}
"""


def ingress(*lines: str) -> Reading:
    """The reading of an Ingress; the first annotation stands in line 7."""
    written = "".join(f"    nginx.ingress.kubernetes.io/{line}\n" for line in lines)
    return read(f"{HEAD}{written or '    {}'}{TAIL}")


def admitted(reading: Reading) -> list[str]:
    """The entries that some browser's origin fits."""
    (site,) = reading.instances[0].sites
    grant = site.grant
    assert grant is not None
    return [entry.text for entry in grant.entries if not entry.language.is_empty()]


def told(reading: Reading) -> list[tuple[str, int, int]]:
    return [(slip.rule.id, slip.where.line, slip.where.column) for slip in reading.slips]


EVERYBODY = (
    "https://a.com/",
    "https://a.com/app",
    "https://my_host.com",
    "HTTPS://a.com",
    "http://[::1]:3000",
    "https://a.com;https://b.com",
    "https?://a.com",
    "https://a.com:*",
)


@pytest.mark.parametrize("value", EVERYBODY)
def test_a_list_that_the_controller_refuses_means_everybody_and_is_an_error(value):
    reading = ingress('enable-cors: "true"', f'cors-allow-origin: "{value}"')
    assert admitted(reading) == ["*"]
    (site,) = reading.instances[0].sites
    assert site.grant.by_default
    assert told(reading) == [(rules.MISREAD.id, 8, 52)]
    assert reading.slips[0].witness == "https://anybody.example"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("https://a.com/", "https://a.com"),
        ("https://a.com/app", "https://a.com"),
        ("HTTPS://a.com", "https://a.com"),
        ("https://a.com;https://b.com", "https://a.com, https://b.com"),
    ],
)
def test_a_list_whose_meaning_is_plain_can_be_mended(value, meant):
    """The mended list admits fewer, so that it is safe to write it."""
    (slip,) = ingress('enable-cors: "true"', f'cors-allow-origin: "{value}"').slips
    (edit,) = slip.edits
    assert (edit.start, edit.end) == ((8, 52), (8, 54 + len(value)))
    assert edit.text == f'"{meant}"'


@pytest.mark.parametrize("value", ["   ", "*", "*, https://a.com", "https://a.com, *"])
def test_blank_and_star_mean_everybody(value):
    reading = ingress('enable-cors: "true"', f'cors-allow-origin: "{value}"')
    assert "*" in admitted(reading)
    assert reading.slips == ()


def test_no_list_means_everybody_by_default():
    (site,) = ingress('enable-cors: "true"').instances[0].sites
    assert site.grant.by_default
    assert site.grant.credentials
    assert site.grant.max_age == 20 * 24 * 3600
    assert {setting.clause for setting in site.grant.settings if setting.default} == {
        "allow_origins",
        "allow_credentials",
        "allow_methods",
        "allow_headers",
        "max_age",
    }
    assert all(setting.where.line == 7 for setting in site.grant.settings)


@pytest.mark.parametrize(
    "value",
    [
        "a.com",
        "*.a.com",
        "https://a.*.com",
        "https://a.com https://b.com",
        "chrome-extension://abc",
        "com.app.x://h",
    ],
)
def test_a_list_whose_entries_are_all_dropped_turns_cors_off(value):
    reading = ingress('enable-cors: "true"', f'cors-allow-origin: "{value}"')
    assert admitted(reading) == []
    assert told(reading) == [(rules.MISREAD.id, 8, 53)]
    assert "CORS is off" in reading.slips[0].why


@pytest.mark.parametrize(
    "value", ["null", "capacitor://localhost", "tauri://localhost:3000", "https://a.com"]
)
def test_these_are_taken_as_they_stand(value):
    reading = ingress('enable-cors: "true"', f'cors-allow-origin: "{value}"')
    assert admitted(reading) == [value]
    assert reading.slips == ()


def test_a_wildcard_is_one_label():
    (site,) = (
        ingress('enable-cors: "true"', 'cors-allow-origin: "https://*.a.com"').instances[0].sites
    )
    (entry,) = site.grant.entries
    assert "https://x.a.com" in entry.language
    assert "https://x.y.a.com" not in entry.language
    assert "https://a.com" not in entry.language


def test_entries_are_tied_to_the_end_alone():
    (site,) = ingress('enable-cors: "true"', 'cors-allow-origin: "null"').instances[0].sites
    (entry,) = site.grant.entries
    assert "https://evil.null" in entry.language


def test_a_dropped_entry_is_shown_where_it_stands():
    reading = ingress('enable-cors: "true"', 'cors-allow-origin: "https://a.com, b.com"')
    assert told(reading) == [(rules.MISREAD.id, 8, 68)]
    assert reading.slips[0].fix == "https://b.com"
    assert reading.slips[0].edits == ()


def test_a_text_block_ends_in_a_line_break_which_the_controller_refuses():
    text = '    nginx.ingress.kubernetes.io/enable-cors: "true"\n'
    text += "    nginx.ingress.kubernetes.io/cors-allow-origin: |\n      https://a.com\n"
    assert admitted(read(f"{HEAD}{text}{TAIL}")) == ["*"]


@pytest.mark.parametrize(
    ("value", "on"), [("true", True), ("1", True), ("T", True), ("yes", False)]
)
def test_enable_cors_is_what_go_takes_for_a_boolean(value, on):
    reading = ingress(f'enable-cors: "{value}"')
    (site,) = reading.instances[0].sites
    assert (site.grant is not None) == on
    assert told(reading) == ([] if on else [(rules.MISREAD.id, 7, 46)])


@pytest.mark.parametrize("value", ["no", "off", "False ", "disabled"])
def test_credentials_stay_allowed_whatever_is_no_boolean(value):
    reading = ingress('enable-cors: "true"', f'cors-allow-credentials: "{value}"')
    (site,) = reading.instances[0].sites
    assert site.grant.credentials
    assert told(reading) == [(rules.MISREAD.id, 8, 57)]
    assert reading.slips[0].edits[0].text == '"false"'


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ('cors-allow-methods: "*"', "GET, PUT, POST, DELETE, PATCH, OPTIONS is sent instead"),
        ('cors-allow-headers: "*"', "DNT,Keep-Alive,User-Agent"),
        ('cors-expose-headers: "X-A; X-B"', "nothing is sent"),
        ('cors-max-age: "10m"', "1728000 is sent instead"),
    ],
)
def test_a_refused_value_is_replaced_by_the_default(line, sent):
    reading = ingress('enable-cors: "true"', line)
    (slip,) = reading.slips
    assert slip.rule is rules.MISREAD
    assert sent in slip.message


def test_annotations_without_enable_cors_do_nothing():
    reading = ingress('cors-allow-origin: "https://a.com"', 'cors-max-age: "600"')
    assert told(reading) == [(rules.INERT.id, 7, 5)]
    assert reading.instances[0].sites[0].grant is None


def test_turned_off_is_no_slip():
    assert ingress('enable-cors: "false"', 'cors-allow-origin: "https://a.com"').slips == ()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("cors-allow-origins", "cors-allow-origin"),
        ("cors-enable", "enable-cors"),
        ("enable_cors", "enable-cors"),
        ("cors-enabled", "enable-cors"),
        ("cors-exposed-headers", "cors-expose-headers"),
    ],
)
def test_a_name_that_is_nearly_right_is_told_with_the_right_one(name, near):
    (slip,) = ingress(f'{name}: "x"').slips
    assert slip.rule is rules.NOT_KNOWN_HERE
    assert slip.fix == f"nginx.ingress.kubernetes.io/{near}"


def test_what_yaml_takes_for_a_boolean_is_refused_by_kubernetes():
    reading = ingress("enable-cors: true")
    assert told(reading) == [(rules.MISREAD.id, 7, 46)]
    assert reading.slips[0].edits[0].text == '"true"'


def test_a_canary_has_the_annotations_of_the_main_ingress():
    reading = ingress('canary: "true"', 'enable-cors: "true"')
    assert told(reading) == [(rules.INERT.id, 8, 5)]
    assert reading.instances == ()


def test_a_template_is_unknown_and_not_guessed():
    reading = ingress('enable-cors: "true"', 'cors-allow-origin: "{{ .Values.origin }}"')
    assert reading.slips == ()
    (site,) = reading.instances[0].sites
    assert [unknown.clause for unknown in site.grant.unknown] == ["allow_origins"]


def test_a_controller_that_is_older_drops_what_a_newer_one_refuses():
    """Its validators are off by default before 1.12."""
    deployment = """\
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
spec:
  template:
    spec:
      containers:
        - {name: controller, image: "registry.k8s.io/ingress-nginx/controller:v1.9.4@sha256:0"}
"""
    annotations = '    nginx.ingress.kubernetes.io/enable-cors: "true"\n'
    annotations += '    nginx.ingress.kubernetes.io/cors-allow-origin: "https://a.com/"\n'
    reading = read(f"{HEAD}{annotations}{TAIL}{deployment}")
    (site,) = reading.instances[0].sites
    assert site.grant.entries == ()


def test_the_old_api_is_gone():
    old = f"{HEAD}    {{}}\n{TAIL}".replace("networking.k8s.io/v1", "networking.k8s.io/v1beta1")
    assert [slip.rule for slip in read(old).slips] == [rules.GONE]
