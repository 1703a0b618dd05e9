"""Traefik in Kubernetes as a target: what its file says, as objects of a cluster."""

from __future__ import annotations

from corsage.layers import kubernetes
from corsage.layers.gateways import GatewayWriteError, owning
from corsage.layers.target import Clause, FidelityError, File, Target
from corsage.layers.traefik.target import ENTRY_POINT, VERSIONS, behave, lost_timing, table_of
from corsage.layers.traefik_crd.write import write
from corsage.policy.model import Policy

LARGEST = 1_000_000
"""Characters of an object; the API server refuses more than 1.5 MiB."""


def files(policy: Policy) -> tuple[File, ...]:
    """``traefik-crd.yaml``."""
    if lost := (*lost_timing(policy), *_lost(policy)):
        raise FidelityError("traefik-crd", lost)
    return write(policy)


def fidelity(policy: Policy) -> tuple[Clause, ...]:
    """What becomes of each clause of the policy."""
    lost = {clause.clause: clause for clause in (*lost_timing(policy), *_lost(policy))}
    rows = [lost.pop(row.clause, row) for row in table_of(policy)]
    return (*rows, ENTRY_POINT, *lost.values())


def _lost(policy: Policy) -> tuple[Clause, ...]:
    instead = "write it as the policy file asks for it"
    try:
        (file,) = write(policy)
    except (GatewayWriteError, kubernetes.KubernetesWriteError) as error:
        return (Clause("a value", "lost", str(error), instead),)
    if any(len(text) > LARGEST for text in file.text.split("\n---\n")):
        names = ", ".join(rules.name for rules in owning(policy))
        how = f"{names}: too many origins for their routes: the API server refuses 1.5 MiB"
        return (Clause("exact origins", "lost", how, "use a wildcard, or fewer routes"),)
    return ()


TARGET = Target(
    name="traefik-crd",
    title="Traefik in Kubernetes (IngressRoute and Middleware)",
    family="kubernetes",
    proven="3.7.15, which reads the objects from an API of a cluster",
    files=files,
    fidelity=fidelity,
    behave=behave,
    versions=VERSIONS,
)
