"""The policy as labels of containers, in a file that Docker Compose lays over the reader's own.

Every service carries the routers of its routes, and all middlewares that they name: the docker
provider merges labels that say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from corsage.layers.gateways import GatewayWriteError, address_of, owning
from corsage.layers.target import Clause, FidelityError, File, Target
from corsage.layers.traefik.routers import Router, Routing
from corsage.layers.traefik.target import (
    ENTRY_POINT,
    VERSIONS,
    behave,
    lost_timing,
    lost_value,
    table_of,
)
from corsage.layers.traefik.write import INTERNAL
from corsage.layers.yaml_text import Noted, Value, yaml_of
from corsage.policy.model import Policy, Service

MOST_CHARACTERS = 1_000_000
"""Of the labels of all containers; Docker hands them all over with every list of containers."""

_COMPOSE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
_NOTE = """\
For the docker provider of Traefik: docker compose -f compose.yaml -f compose.cors.yaml up. Routers
answer on every entry point. Set entryPoints.NAME.http.encodedCharacters.allowEncodedSlash=false:
by default a path may hide from these rules as %2F. Compose writes $ as $$."""


def files(policy: Policy) -> tuple[File, ...]:
    """``compose.cors.yaml``."""
    if lost := (*lost_timing(policy), *_lost(policy)):
        raise FidelityError("traefik-labels", lost)
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    lost = {clause.clause: clause for clause in (*lost_timing(policy), *_lost(policy))}
    rows = [lost.pop(row.clause, row) for row in table_of(policy)]
    rows.append(ENTRY_POINT)
    if any(route.timeout for route in policy.routes):
        how = "labels have no timeouts; a serversTransport of the file provider has"
        rows.append(Clause("limits", "weaker", how))
    return (*rows, *lost.values())


def write(policy: Policy) -> tuple[File, ...]:
    """One file of labels; GatewayWriteError where a value cannot be one."""
    routing = Routing(policy)
    used = {route.service: None for route in policy.routes}
    services: dict[str, dict[str, Value]] = {
        _compose_name(policy.services[name]): {"traefik.enable": "true"} for name in used
    }
    for router in routing.routers:
        service = policy.services[router.route.service] if router.route else None
        # What no route takes is any container's to answer.
        holder = next(iter(services)) if service is None else _compose_name(service)
        services[holder].update(_labels(routing, router))
    document = {name: {"labels": labels} for name, labels in services.items()}
    text = yaml_of({"services": Noted(_NOTE, document)})
    return (File("compose.cors.yaml", text),)


def _labels(routing: Routing, router: Router) -> Iterator[tuple[str, str]]:
    head = f"traefik.http.routers.{router.name}"
    yield f"{head}.rule", _escaped(router.rule)
    yield f"{head}.priority", str(router.priority)
    if router.middlewares:
        yield f"{head}.middlewares", ",".join(router.middlewares)
    for name in router.middlewares:
        yield from _flat(f"traefik.http.middlewares.{name}", routing.middlewares[name])
    if (backend := router.backend) is None:
        yield f"{head}.service", INTERNAL
        return
    address = address_of(backend.service)
    name = backend.name.removesuffix(f"-{backend.timeout}s")
    server = f"traefik.http.services.{name}.loadbalancer.server"
    yield f"{head}.service", name
    yield f"{server}.port", str(address.port)
    if address.scheme == "https":
        yield f"{server}.scheme", address.scheme


def _flat(head: str, value: object) -> Iterator[tuple[str, str]]:
    """A part of the file provider's configuration as labels."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            # Header names are keys of a map, and stay as they are.
            name = key if head.endswith("customresponseheaders") else str(key).lower()
            yield from _flat(f"{head}.{name}", each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if any("," in each for each in value):
            raise GatewayWriteError(f"{value!r}: a comma parts the values of a label")
        yield head, _escaped(",".join(value))
    else:
        yield head, _escaped(str(value))


def _escaped(text: str) -> str:
    return text.replace("$", "$$")


def _compose_name(service: Service) -> str:
    """The service of a Compose file: the host of the URL, if it is a name of its network."""
    host = address_of(service).host
    name = host if re.fullmatch(r"[a-z][a-z0-9_-]*", host) and host != "localhost" else service.name
    if not _COMPOSE.fullmatch(name):
        raise GatewayWriteError(f"service {name!r} is not a name that Docker Compose takes")
    return name


def _lost(policy: Policy) -> tuple[Clause, ...]:
    try:
        (file,) = write(policy)
    except GatewayWriteError as error:
        return (lost_value(error),)
    if len(file.text) > MOST_CHARACTERS:
        names = ", ".join(rules.name for rules in owning(policy))
        how = f"{names}: too many origins for their routes to stand in labels"
        return (Clause("exact origins", "lost", how, "the file provider holds more"),)
    return ()


TARGET = Target(
    name="traefik-labels",
    title="Traefik (labels of Docker containers)",
    family="gateway",
    proven="3.7.15, which reads the labels from a Docker API",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=VERSIONS,
)
