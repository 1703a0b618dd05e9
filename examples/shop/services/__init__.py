"""Six small services by six teams, each with its own idea of CORS."""

from __future__ import annotations

from collections.abc import Mapping

from examples.shop.services import auth, billing, legacy, notifications, search, uploads
from examples.shop.services.http import Service


def services(app: str, admin: str) -> Mapping[str, Service]:
    """Every service by its name in the policy; ``app`` and ``admin`` are front ends' origins."""
    return {
        "auth": auth.answer,
        "billing": billing.service(app),
        "search": search.answer,
        "notifications": notifications.answer,
        "legacy": legacy.answer,
        "uploads": uploads.service({app, admin}),
    }
