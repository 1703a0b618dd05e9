"""``corsage audit``: a running server, asked as an attacker's page would ask it."""

from corsage.live.audit.client import Client, Limits
from corsage.live.audit.examination import Settings, examine
from corsage.live.audit.journal import Journal, JournalError
from corsage.live.audit.run import audit
from corsage.live.audit.secrets import Secrets
from corsage.live.audit.target import Outcome, Target

__all__ = [
    "Client",
    "Journal",
    "JournalError",
    "Limits",
    "Outcome",
    "Secrets",
    "Settings",
    "Target",
    "audit",
    "examine",
]
