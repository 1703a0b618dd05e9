"""All objects of a run, found by kind and name, and what leads to what."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from corsage.layers.manifests.objects import DEFAULT_NAMESPACE, Object
from corsage.layers.site import Workload
from corsage.layers.yaml_document import Value

CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet")
INJECT = "linkerd.io/inject"

Name = tuple[str, str]
"""Namespace and name."""


class Cluster:
    """The objects of all files together, in the files' order."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self._kinds: dict[str, dict[Name, list[Object]]] = {}
        self._all: dict[str, list[Object]] = {}
        for each in objects:
            self._all.setdefault(each.kind, []).append(each)
            self._kinds.setdefault(each.kind, {}).setdefault(
                (each.namespace, each.name), []
            ).append(each)
        self._pods = _Labelled(self._templates())
        self._selectors: dict[tuple[str, str, str], list[tuple[dict[str, str], Object]]] = {}
        for service in self.of_kind("Service"):
            wanted = dict(_texts(service.value, "spec", "selector"))
            for name, text in [*wanted.items()][:1]:
                key = service.namespace, name, text
                self._selectors.setdefault(key, []).append((wanted, service))

    def _templates(self) -> Iterator[tuple[str, Object, Value]]:
        for kind in (*CONTROLLERS, "Pod"):
            for each in self.of_kind(kind):
                pod = each.value if kind == "Pod" else each.value.get("spec", "template")
                if pod is not None:
                    yield each.namespace, each, pod

    def of_kind(self, kind: str, group: str | None = None) -> list[Object]:
        """The objects of a kind; of one API group if given."""
        found = self._all.get(kind, [])
        return found if group is None else [each for each in found if each.group == group]

    def find(
        self, kind: str, namespace: str, name: str, near: Object | None = None
    ) -> Object | None:
        """An object by its name. Folders for several stages hold one of the same name each: the
        one that stands closest to ``near`` is meant."""
        found = self._kinds.get(kind, {}).get((namespace, name), [])
        if near is None or len(found) < 2:
            return found[0] if found else None
        return max(found, key=lambda each: _common(each.file, near.file))

    def find_global(self, kind: str, name: str) -> Object | None:
        """An object that is in no namespace, by its name."""
        return self.find(kind, DEFAULT_NAMESPACE, name)

    def address(self, namespace: str, name: str, port: Value | None) -> str:
        """``service/<namespace>/<name>:<number>``: a port by name is looked up, and one that is
        not said is the Service's only one. A Service that stands for another host leads to that."""
        said = port.text if port is not None else ""
        number = said if said.isdigit() else self._number(namespace, name, said)
        service = self.find("Service", namespace, name)
        elsewhere = service.value.string("spec", "externalName") if service is not None else ""
        if elsewhere:
            return f"http://{elsewhere}:{number}"
        return f"service/{namespace}/{name}:{number}"

    def _number(self, namespace: str, name: str, port: str) -> str:
        service = self.find("Service", namespace, name)
        ports = service.value.elements("spec", "ports") if service else []
        for each in ports:
            if each.string("name") == port or (not port and len(ports) == 1):
                return each.string("port")
        return port or "80"

    def pods(self, namespace: str, labels: Mapping[str, str]) -> Iterator[tuple[Object, Value]]:
        """The objects whose pods have these labels, each with the pod's template."""
        return self._pods.find(namespace, labels)

    def services_of(self, namespace: str, pod: Value) -> Iterator[Object]:
        """The Services that lead to a pod."""
        found = dict(_texts(pod, "metadata", "labels"))
        for name, text in found.items():
            for wanted, service in self._selectors.get((namespace, name, text), ()):
                if wanted.items() <= found.items():
                    yield service

    def meshed(self, namespace: str, pod: Value) -> bool:
        """Whether Linkerd puts a proxy beside a pod."""
        own = pod.string("metadata", "annotations", INJECT)
        inherited = self.find_global("Namespace", namespace)
        said = own or (
            inherited.value.string("metadata", "annotations", INJECT) if inherited else ""
        )
        return said in ("enabled", "ingress")

    def workloads(self) -> Iterator[Workload]:
        """What runs behind each Service."""
        for service in self.of_kind("Service"):
            ports = [port.string("port") for port in service.value.elements("spec", "ports")]
            addresses = [f"service/{service.namespace}/{service.name}:{port}" for port in ports]
            selector = dict(_texts(service.value, "spec", "selector"))
            behind = next(self.pods(service.namespace, selector), None)
            containers = behind[1].elements("spec", "containers") if behind else []
            yield Workload(
                name=service.name,
                where=behind[0].where() if behind else service.where(),
                reached_at=tuple(addresses),
                image=containers[0].string("image") if containers else "",
                meshed=behind is not None and self.meshed(service.namespace, behind[1]),
            )


def _common(one: str, other: str) -> int:
    """How far two paths are the same."""
    return len(posixpath.commonprefix([f"{one}/", f"{other}/"]))


class _Labelled:
    """Pods by their labels."""

    def __init__(self, pods: Iterable[tuple[str, Object, Value]]) -> None:
        self._found: dict[tuple[str, str, str], list[tuple[dict[str, str], Object, Value]]] = {}
        for namespace, of, pod in pods:
            labels = dict(_texts(pod, "metadata", "labels"))
            for name, text in labels.items():
                self._found.setdefault((namespace, name, text), []).append((labels, of, pod))

    def find(self, namespace: str, labels: Mapping[str, str]) -> Iterator[tuple[Object, Value]]:
        """The pods that have all of these labels; none for no label."""
        # The rarest label leads to the fewest.
        candidates = [self._found.get((namespace, *each), []) for each in labels.items()]
        for found, of, pod in min(candidates, key=len, default=[]):
            if labels.items() <= found.items():
                yield of, pod


def _texts(value: Value, *path: str) -> Iterator[tuple[str, str]]:
    for name, each in value.items(*path):
        yield name, each.text
