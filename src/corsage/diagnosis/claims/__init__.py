"""What reporters say, and of which class it speaks, where the answers leave that open."""

from __future__ import annotations

from corsage.diagnosis.claims import (
    answers,
    browsers,
    console,
    deployments,
    origins,
    preflights,
)
from corsage.diagnosis.claims.claim import Claim

CLAIMS: tuple[Claim, ...] = (
    *console.CLAIMS,
    *answers.CLAIMS,
    *origins.CLAIMS,
    *preflights.CLAIMS,
    *deployments.CLAIMS,
    *browsers.CLAIMS,
)
"""Every claim. Their order does not matter: each adds its points by itself."""
