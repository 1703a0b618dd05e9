"""One failure as it was pasted: what was asked, what came back, and what to note about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from corsage.browser.exchange import Request
from corsage.diagnosis.observation import Answer

LONGEST_INPUT = 64 * 1024 * 1024
"""Characters of one input (a HAR file with bodies is the largest that people have)."""

MOST_CASES = 2_000
"""Cases that are read from one input; what follows is counted, not explained."""


class InputError(ValueError):
    """The text has not the form that was asked for; the message says what to paste instead."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what is known of its answers.

    ``request`` is None where the text does not say what was asked. ``notes`` are remarks on the
    text itself, for instance that an OPTIONS was no preflight. ``symptom`` holds what a browser
    printed. ``title`` names the case to the user: method and URL, or the line.
    """

    title: str
    request: Request | None = None
    preflight: Answer = field(default_factory=Answer)
    response: Answer = field(default_factory=Answer)
    symptom: str = ""
    notes: tuple[str, ...] = ()
