"""The browser's side of CORS, from the Fetch standard. Pure, standard library only."""

from corsage.browser.exchange import (
    CredentialsMode,
    Headers,
    Initiator,
    RedirectMode,
    Request,
    RequestMode,
    Response,
    Server,
    WireRequest,
)
from corsage.browser.judge import judge
from corsage.browser.origin import is_origin, parse_url, serialise
from corsage.browser.preflight import preflight_for
from corsage.browser.profiles import CHROMIUM, FIREFOX, PROFILES, SAFARI, STANDARD, Profile
from corsage.browser.verdict import Outcome, Reason, ResponseType, Verdict

__all__ = [
    "CHROMIUM",
    "FIREFOX",
    "PROFILES",
    "SAFARI",
    "STANDARD",
    "CredentialsMode",
    "Headers",
    "Initiator",
    "Outcome",
    "Profile",
    "Reason",
    "RedirectMode",
    "Request",
    "RequestMode",
    "Response",
    "ResponseType",
    "Server",
    "Verdict",
    "WireRequest",
    "is_origin",
    "judge",
    "parse_url",
    "preflight_for",
    "serialise",
]
