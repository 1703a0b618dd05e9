"""The pages that ``corsage why`` prints: one for every reason and every rule.

The texts are Markdown files beside this module. What the browsers print, and the step of the
standard, are not in the files: they are asked of the browser model, so that they cannot grow old.
"""

from __future__ import annotations

from importlib.resources import files

from corsage.browser import PROFILES, Reason, judge
from corsage.pages.examples import EXAMPLES


def names() -> list[str]:
    """The names of all pages: reasons, then rules."""
    root = files(__name__)
    return [
        name.removesuffix(".md")
        for kind in ("reasons", "rules")
        for name in sorted(entry.name for entry in (root / kind).iterdir())
        if name.endswith(".md")
    ]


def read(name: str) -> str:
    """The page called ``name``, in Markdown; KeyError if there is none."""
    if name not in names():
        raise KeyError(name)
    root = files(__name__)
    for reason in Reason:
        if reason == name:
            text = (root / "reasons" / f"{name}.md").read_text("utf-8")
            return text + _said_by_browsers(reason)
    return (root / "rules" / f"{name}.md").read_text("utf-8")


def _said_by_browsers(reason: Reason) -> str:
    request, server = EXAMPLES[reason]
    said = [
        f"- {profile.name.capitalize()}{'' if profile.proven else _UNPROVEN}: `{message}`"
        for profile in PROFILES.values()
        for message in judge(request, server, profile=profile).console
    ]
    lines = [
        "",
        "## What the browsers say",
        "",
        *(said or [_SAID_BY_THE_CALL]),
        "",
        f"Decided at {reason.step}",
    ]
    return "\n".join(lines) + "\n"


_UNPROVEN = " (from its source, not run)"
_SAID_BY_THE_CALL = "- Nothing in the console of itself: the call fails with a `TypeError`."
