"""The rules of an Ingress, whatever the version of its API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsage.layers import rules
from corsage.layers.manifests.cluster import Cluster
from corsage.layers.manifests.objects import Object
from corsage.layers.site import Slip
from corsage.layers.yaml_document import Value

OLD_VERSIONS = ("extensions/v1beta1", "networking.k8s.io/v1beta1")


@dataclass(frozen=True, slots=True)
class Path:
    """One path of an Ingress. ``host`` is "" for all that have no rule of their own."""

    ingress: Object
    host: str
    path: str
    exact: bool
    upstream: str
    value: Value

    @property
    def name(self) -> str:
        """``Ingress shop/api: api.example.com/billing``, for people."""
        return f"{self.ingress.title}: {self.host or '*'}{self.path}"


def paths(cluster: Cluster, ingress: Object) -> Iterator[Path]:
    """The paths of an Ingress, its default backend as the last."""
    spec = ingress.value.get("spec") or ingress.value
    for rule in spec.elements("rules"):
        for path in rule.elements("http", "paths"):
            backend = path.get("backend")
            yield Path(
                ingress,
                rule.string("host").lower(),
                path.string("path") or "/",
                path.string("pathType") == "Exact",
                "" if backend is None else _upstream(cluster, ingress, backend),
                path,
            )
    default = spec.get("defaultBackend") or spec.get("backend")
    if default is not None:
        yield Path(ingress, "", "/", False, _upstream(cluster, ingress, default), default)


def _upstream(cluster: Cluster, ingress: Object, backend: Value) -> str:
    name = backend.string("service", "name") or backend.string("serviceName")
    port = (
        backend.get("service", "port", "number")
        or backend.get("service", "port", "name")
        or backend.get("servicePort")
    )
    return cluster.address(ingress.namespace, name, port) if name else ""


def tls_hosts(ingress: Object) -> frozenset[str]:
    """The hosts for which an Ingress names a certificate; "" stands for all of its hosts."""
    found: set[str] = set()
    for each in ingress.value.elements("spec", "tls"):
        found |= {host.text.lower() for host in each.elements("hosts")} or {""}
    return frozenset(found)


def old_version(ingress: Object) -> Iterator[Slip]:
    """A version of the API that Kubernetes no longer has."""
    version = ingress.value.get("apiVersion")
    if version is not None and version.text in OLD_VERSIONS:
        yield Slip(
            rules.GONE,
            f"Kubernetes has no Ingress of {version.text} since 1.22",
            ingress.where(version),
            "The API server refuses the object, so none of its annotations counts. The backends "
            "of v1 are written in another way.",
            "apiVersion: networking.k8s.io/v1",
        )
