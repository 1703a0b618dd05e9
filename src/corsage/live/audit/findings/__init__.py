"""From what was answered to findings. No I/O: recorded exchanges in, findings out."""

from corsage.live.audit.findings.allow_origin import of_allow_origin
from corsage.live.audit.findings.caches import asks_to_be_kept, of_poison, of_vary
from corsage.live.audit.findings.exposure import of_exposure
from corsage.live.audit.findings.network import of_network
from corsage.live.audit.findings.origins import of_probes
from corsage.live.audit.findings.preflights import (
    HEADER,
    METHOD,
    is_granted,
    of_max_age,
    of_preflight,
)
from corsage.live.audit.findings.scene import Scene

__all__ = [
    "HEADER",
    "METHOD",
    "Scene",
    "asks_to_be_kept",
    "is_granted",
    "of_allow_origin",
    "of_exposure",
    "of_max_age",
    "of_network",
    "of_poison",
    "of_preflight",
    "of_probes",
    "of_vary",
]
