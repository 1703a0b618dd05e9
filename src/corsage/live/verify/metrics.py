"""What a watch has found, in Prometheus' text format 0.0.4. No I/O.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from corsage.live.verify.run import Round

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

KINDS: Mapping[str, str] = {
    "CORS250": "blocks",
    "CORS251": "allows",
    "CORS252": "hides",
    "CORS253": "exposes",
    "CORS254": "silent",
    "CORS260": "vary",
    "CORS261": "grants",
    "CORS262": "preflight-body",
    "CORS263": "max-age",
    "CORS264": "twice",
    "CORS265": "timing",
    "CORS266": "unrouted",
}
"""Rule -> the value of the label ``kind``."""

_HELP = {
    "corsage_verify_up": ("gauge", "Whether the deployment answered in the last round."),
    "corsage_verify_drift": ("gauge", "Cases of the last round that are not as the policy says."),
    "corsage_verify_cases": ("gauge", "Cases that the last round asked."),
    "corsage_verify_duration_seconds": ("gauge", "How long the last round took."),
    "corsage_verify_last_success_timestamp_seconds": (
        "gauge",
        "When a round last came to its end, as Unix time. Alert on its age, too.",
    ),
    "corsage_verify_rounds_total": ("counter", "Rounds so far."),
}


class Metrics:
    """The figures of the last round, and how many there were."""

    def __init__(self) -> None:
        self._rounds = 0
        self._samples: dict[str, list[tuple[Mapping[str, str], float]]] = {
            "corsage_verify_up": [({}, 0)],
        }

    def note(self, found: Round, now: float) -> None:
        """A round came to its end at ``now`` (Unix time)."""
        self._rounds += 1
        drift: Counter[tuple[str, str]] = Counter()
        for each in found.drifts:
            for place, count in each.places.items():
                drift[place, KINDS[each.rule.id]] += count
        last = "corsage_verify_last_success_timestamp_seconds"
        ended = [({}, now)] if found.answered else self._samples.get(last, [])
        self._samples = {
            "corsage_verify_up": [({}, int(found.answered))],
            # No sample would be no alert: without drift there is one, of 0.
            "corsage_verify_drift": [
                ({"route": place, "kind": kind}, count)
                for (place, kind), count in sorted(drift.items())
            ]
            or [({"route": "", "kind": ""}, 0)],
            "corsage_verify_cases": [({}, found.asked)],
            "corsage_verify_duration_seconds": [({}, found.seconds)],
            last: ended,
            "corsage_verify_rounds_total": [({}, self._rounds)],
        }

    def text(self) -> str:
        """The exposition."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for name, samples in self._samples.items():
            kind, told = _HELP[name]
            yield f"# HELP {name} {told}"
            yield f"# TYPE {name} {kind}"
            for labels, value in samples:
                pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
                yield f"{name}{{{pairs}}} {value}" if pairs else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
