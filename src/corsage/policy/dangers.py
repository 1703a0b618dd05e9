"""Origins that are dangerous to allow, and the keys by which a policy says that it means them."""

from __future__ import annotations

from collections.abc import Iterator

from corsage.policy import rules
from corsage.policy.origin_text import is_loopback
from corsage.policy.origins import OriginPattern, split_origin
from corsage.policy.problems import Fault, quoted
from corsage.policy.public_suffixes import is_public_suffix
from corsage.policy.rules import Rule

NULL = "null"
"""What browsers send for every opaque origin."""

NULL_HATCH = "dangerously_allow_null_origin"
INSECURE_HATCH = "dangerously_allow_insecure_origins"
SUFFIX_HATCH = "dangerously_allow_public_suffix_origins"
HATCHES = {
    rules.NULL_ORIGIN: NULL_HATCH,
    rules.INSECURE_ORIGIN: INSECURE_HATCH,
    rules.PUBLIC_SUFFIX: SUFFIX_HATCH,
}
"""The key of a policy that lifts a rule."""


def dangers(value: str | OriginPattern) -> Iterator[Rule]:
    """The rules that an origin breaks wherever it is allowed (an insecure one: with
    credentials)."""
    if isinstance(value, str):
        insecure = value.startswith("http://") and not is_loopback(split_origin(value)[1])
    else:
        insecure = value.scheme == "http" and not is_loopback(value.host)
        if value.subdomains and is_public_suffix(value.host):
            yield rules.PUBLIC_SUFFIX
    if insecure:
        yield rules.INSECURE_ORIGIN
    if value == NULL:
        yield rules.NULL_ORIGIN


def danger(rule: Rule, value: str | OriginPattern, policy: str) -> Fault:
    """What to say of a policy that allows an origin against a rule."""
    hatch = HATCHES[rule]
    if rule is rules.NULL_ORIGIN:
        message = f"the policy {quoted(policy)} allows the null origin"
        why = "Any page can have it: a sandboxed frame is enough."
        return Fault(rule, message, f"{why} If it must be, say `{hatch}: true`.")
    if rule is rules.INSECURE_ORIGIN:
        message = f"{value} is plain http, and the policy {quoted(policy)} allows credentials"
        why = "Whoever is on the wire can put a script into that page and read with the user's "
        why += f"cookies. If it must be, say `{hatch}: true`."
        return Fault(rule, message, why, str(value).replace("http://", "https://", 1))
    message = f"everybody can register a name that {value} allows"
    host = value.host if isinstance(value, OriginPattern) else ""
    why = f"{host} is a public suffix (https://publicsuffix.org). Name your own part of it; "
    why += f"if it must be, say `{hatch}: true` in the policy {quoted(policy)}."
    return Fault(rule, message, why, str(value).replace("*.", "*.your-name.", 1))
