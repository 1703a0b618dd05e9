"""How much of a policy was asked of its deployment, in lines for people and values for others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from corsage.live.verify import Round


def coverage_lines(found: Round, url: str) -> Iterator[str]:
    """What was asked, what was not, and how to have it asked."""
    asked = f"{found.asked:,} of {found.chosen.asked:,} cases, then stopped"
    told = asked if found.stopped else found.chosen.coverage
    requests = f"{found.requests:,} request{'s' if found.requests != 1 else ''}"
    yield f"asked {url}: {told} ({requests} in {found.seconds:.1f} s)"
    if found.judged:
        yield (
            f"judged on their preflight alone: {_counted(found.judged)}; "
            "--send sends the requests, too"
        )
    if found.unasked:
        yield f"not asked, for lack of a preflight: {_counted(found.unasked)}; --send asks"
    if found.limited:
        yield f"{found.limited:,} cases met a rate limit (429); --rate N asks more slowly"
    if found.samples:
        yield f"of long lists a part was asked ({', '.join(found.samples)}); --all asks everything"


def coverage_json(found: Round, url: str) -> dict[str, Any]:
    """The same for programs."""
    return {
        "url": url,
        "cases": found.chosen.total,
        "asked": found.asked,
        "requests": found.requests,
        "seconds": round(found.seconds, 3),
        "clauses": found.chosen.all_clauses,
        "clauses_asked": len(found.chosen.clauses),
        "stopped": found.stopped,
        "preflight_alone": dict(found.judged),
        "not_asked": dict(found.unasked),
        "rate_limited": found.limited,
        "samples": list(found.samples),
    }


def _counted(methods: Counter[str]) -> str:
    """``PUT, PATCH and POST (42 cases)``."""
    # Answers come in any order, and equal counts would, too.
    names = sorted(methods, key=lambda name: (-methods[name], name))
    shown = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
    count = methods.total()
    return f"{shown} ({count:,} case{'s' if count != 1 else ''})"
