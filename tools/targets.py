"""Write docs/targets.md from what the targets say of themselves and from a conformance run.

    python -m pytest tests/conformance   (with CORSAGE_CONFORMANCE=docs/targets.json)
    python tools/targets.py

The first line is needed only when the numbers are to be renewed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from corsage.layers import every_target
from corsage.layers.clauses import CLAUSES
from corsage.layers.target import Clause, Target
from corsage.policy import CorsPolicy, Gateway, OriginPattern, OriginSet, Policy, Route, Service

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "targets.md"
NUMBERS = ROOT / "docs" / "targets.json"

_HEAD = """\
<!-- Written by tools/targets.py. -->
# Targets

`corsage render TARGET cors.yaml` writes the configuration of one product, `corsage render --all
cors.yaml -o DIR` that of all of them. Each is run for real by the conformance suite: the product
itself, started with what was rendered, asked every request that a policy gives rise to, with a
service behind it that sends generous CORS headers of its own. For Kubernetes it is the server that
a controller drives, driven as that controller does; Linkerd, which has no CORS, is held to its
schemas and to a model of what it lets through.

`corsage render --explain TARGET cors.yaml` prints the table below for your policy, and which
releases of the product take it; `--target-version` holds the output to yours. Some targets have
another form: `nginx --form include` for [your own nginx](nginx.md), `traefik --form labels`. What
thousands of origins cost stands [on its own page](scale.md). [Adding a target](add-a-target.md)
takes two small modules.
"""

_VERSIONS = """\
## Which releases take it

With `--target-version` a release that lacks something is refused, unless the last column says what
it gets instead.
"""

_FATES = """\
## How each clause is kept

✓ by the product's own feature · ◆ by an idiom · ◇ weaker: a browser reaches the same verdict, some
hardening is missing · ✗ lost: nothing is written, and the error names the clause
"""

_NUMBERS = """\
## What the conformance suite compared

Every number is a comparison on the real server that came out right, in one run of
`python -m pytest tests/conformance` ([what the checks require](add-a-target.md#3-prove-it)).
"""

_SYMBOLS = {"kept": "✓", "idiom": "◆", "weaker": "◇", "lost": "✗"}


def everything() -> Policy:
    """A policy that has every clause."""
    origins = OriginSet(
        ("https://app.example.com",), (OriginPattern("https", "preview.example.com", True),)
    )
    session = CorsPolicy(
        "session", origins, ("PUT",), ("Authorization",), ("ETag",), True, 600, allow_timing=True
    )
    public = CorsPolicy("public", OriginSet(any_origin=True), ("GET",))
    return Policy(
        gateway=Gateway(public="https://api.example.com"),
        services={"api": Service("api", "http://127.0.0.1:3000")},
        policies={"session": session, "public": public},
        routes=(
            Route("/own", "api", "session", owner="service"),
            Route("/session", "api", "session"),
            Route("/public", "api", "public", host="tenant.example.com"),
            Route("/internal", "api", None),
        ),
    )


def page() -> str:
    """The whole page."""
    targets = [*every_target()]
    numbers = json.loads(NUMBERS.read_text(encoding="utf-8"))
    sections = [
        _HEAD,
        _table(
            ["target", "product", "family", "proven on"],
            ([f"`{t.name}`", t.title, t.family, t.proven] for t in targets),
        ),
        _VERSIONS,
        _table(["target", "since", "what", "before"], _versions(targets)),
        _FATES,
        _matrix(targets),
        _NUMBERS,
        _counts(numbers),
        *map(_details, targets),
    ]
    return "\n".join(sections)


def _versions(targets: list[Target]) -> Iterator[list[str]]:
    for target in targets:
        for row in target.versions.rows:
            what = f"{row.what} (for {row.clause})" if row.clause else row.what
            yield [f"`{target.name}`", f"{target.versions.product} {row.since}", what, row.before]


def _matrix(targets: list[Target]) -> str:
    rows = {target.name: {c.clause: c for c in _fidelity(target)} for target in targets}
    return _table(
        ["clause", *(f"`{target.name}`" for target in targets)],
        (
            [clause, *(_SYMBOLS[rows[target.name][clause].fate] for target in targets)]
            for clause in CLAUSES
        ),
    )


def _counts(numbers: dict[str, dict[str, int]]) -> str:
    checks = list(next(iter(numbers.values())))
    return _table(
        ["target", *checks],
        (
            [f"`{name}`", *(f"{numbers[name][check]:,}" for check in checks)]
            for name in (target.name for target in every_target())
            if name in numbers
        ),
    )


def _details(target: Target) -> str:
    rows = ([c.clause, _SYMBOLS[c.fate], c.how] for c in _fidelity(target))
    return f"## {target.title}\n\n" + _table(["clause", "", "how"], rows)


def _fidelity(target: Target) -> tuple[Clause, ...]:
    return target.fidelity(everything())


def _table(heads: list[str], rows: Iterator[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
