"""The ``gateway`` of a policy file."""

from __future__ import annotations

from collections.abc import Iterable

from corsage.policy import addresses, quantities, rules, shapes
from corsage.policy.model import CorsPolicy, Gateway, Tls
from corsage.policy.nodes import Node
from corsage.policy.origin_text import is_loopback
from corsage.policy.origins import split_origin
from corsage.policy.report import Reporter


def read_gateway(node: Node | None, reporter: Reporter) -> Gateway:
    """The gateway; what is not given, or cannot be read, is as by default."""
    given = shapes.fields(node)
    default = Gateway()
    tls = shapes.fields(given.get("tls"))
    certificate, key = shapes.text(tls.get("certificate")), shapes.text(tls.get("key"))
    gateway = Gateway(
        listen=reporter.value(given.get("listen"), addresses.listen) or default.listen,
        public=reporter.value(given.get("public"), addresses.public),
        tls=Tls(certificate, key) if certificate and key else None,
        max_body=read_size(given.get("max_body"), reporter, default.max_body),
        access_log=shapes.text(given.get("access_log")),
        error_log=shapes.text(given.get("error_log")),
    )
    where = given.get("listen")
    if where is not None and "public" not in given and addresses.is_unspecified(gateway.listen):
        message = f"the gateway listens on every address ({gateway.listen})"
        why = "Without `public`, browsers are taken to call it by that address."
        fix = "public: https://api.example.com"
        reporter.at(where, rules.PUBLIC_UNKNOWN, message, why, fix)
    return gateway


def read_size(node: Node | None, reporter: Reporter, default: int) -> int:
    """Bytes, given as a number or as ``10m``."""
    number = shapes.integer(node)
    if number is None:
        number = reporter.value(node, quantities.size)
    return default if number is None else number


def check_mixed_content(
    node: Node | None, gateway: Gateway, policies: Iterable[CorsPolicy], reporter: Reporter
) -> None:
    """Warn of secure origins whose pages cannot call a gateway on plain http."""
    where = shapes.fields(node).get("public")
    scheme, host, _ = split_origin(gateway.public_origin)
    if where is None or scheme != "http" or is_loopback(host):
        return
    listed = (origin for policy in policies for origin in policy.allow_origins)
    secure = next((origin for origin in listed if origin.startswith("https://")), None)
    if secure is not None:
        message = f"pages of {secure} cannot call {gateway.public_origin}"
        why = "Browsers block what a secure page asks of plain http, before CORS is asked."
        fix = gateway.public_origin.replace("http://", "https://", 1)
        reporter.at(where, rules.MIXED_CONTENT, message, why, fix)
