"""From any pasted text to cases: which form it has is found out, or named by the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Literal, TypeAlias

from corsage.diagnosis.case import LONGEST_INPUT, Case, InputError
from corsage.diagnosis.inputs import console, curl, fetch, har, headers

Form: TypeAlias = Literal["har", "fetch", "curl", "console", "headers"]

# The order is that of asking: the most particular form first.
_FORMS: Mapping[Form, ModuleType] = {
    "har": har,
    "fetch": fetch,
    "curl": curl,
    "console": console,
    "headers": headers,
}


def read_paste(
    text: str, *, form: Form | None = None, origin: str | None = None
) -> tuple[Case, ...]:
    """The cases in a text: a HAR file, "copy as fetch", "copy as cURL", curl's output, console
    lines, or header lines. ``origin`` is the page's, where the text does not tell it.

    Raises InputError, whose message says what to paste instead.
    """
    if len(text) > LONGEST_INPUT:
        raise InputError(f"larger than {LONGEST_INPUT // 2**20} MiB; paste one failing request")
    text = text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    if form is None:
        form = form_of(text)
    reader: Callable[..., tuple[Case, ...]] = _FORMS[form].read
    return reader(text, origin=origin)


def form_of(text: str) -> Form:
    """Which form a text has. Raises InputError when it has none."""
    if not text.strip():
        raise InputError("nothing to read; paste a console line, curl output, a HAR or headers")
    for form, module in _FORMS.items():
        if module.looks_like(text):
            return form
    raise InputError(
        "not a form that I know: paste a console line (“Access to fetch at ...”), `curl -i` "
        "output, “copy as cURL”, “copy as fetch”, a HAR file, or header lines"
    )
