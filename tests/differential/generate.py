"""Generated cases: seeded random ones, and every pair of deviations from a passing base."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.differential import values
from tests.differential.case import Case
from tests.differential.plan import Plan

Change: TypeAlias = dict[str, Any]


def random_cases(count: int, seed: int) -> Iterator[Case]:
    """``count`` cases; the same seed gives the same cases."""
    draw = random.Random(seed)
    for number in range(count):
        plan = _passing(draw)
        perturbed = []
        for name, change in _perturbations(draw, plan):
            plan = dataclasses.replace(plan, **change)
            perturbed.append(name)
        # Thousands apart, or one day a number is a port of :data:`.case.ORIGINS`.
        yield plan.case(f"r{seed}-{number // 1000}k{number % 1000:03}", tuple(perturbed))


def single_cases() -> Iterator[Case]:
    """Every value of every table, alone in a case that else passes."""
    number = itertools.count()
    for base, changes in _singles():
        yield dataclasses.replace(base, **changes).case(f"s-{next(number):04}", tuple(changes))


def _singles() -> Iterator[tuple[Plan, Change]]:
    preflighted = Plan(method="PUT", headers=(("X-Custom", "1"),))
    for pool in (values.ORDINARY_HEADERS, values.FORBIDDEN_HEADERS):
        for name, texts in pool.items():
            for text in texts:
                yield Plan(), {"headers": ((name, text),)}
    for method in values.METHODS:
        yield Plan(), {"method": method}
    for acao in values.ACAO:
        yield preflighted, {"acao": acao, "side": "preflight"}
        yield preflighted, {"acao": acao, "side": "actual"}
        yield Plan(), {"acao": acao, "credentials": "include"}
    for acac in values.ACAC:
        yield preflighted, {"acac": acac, "credentials": "include", "side": "preflight"}
        yield Plan(), {"acac": acac, "credentials": "include"}
    for acam in values.ACAM:
        for method in ("PUT", "patch", "POST"):
            yield preflighted, {"acam": acam, "method": method}
        yield preflighted, {"acam": acam, "credentials": "include"}
    for acah in values.ACAH:
        yield preflighted, {"acah": acah}
        yield preflighted, {"acah": acah, "credentials": "include"}
        yield Plan(headers=(("Authorization", "x"), ("X-Custom", "1"))), {"acah": acah}
        yield Plan(method="PUT"), {"acah": acah}
    for aceh in values.ACEH:
        for credentials in ("omit", "include"):
            extra = values.RESPONSE_HEADERS
            yield Plan(), {"aceh": aceh, "credentials": credentials, "extra": extra}
    for acma in values.ACMA:
        yield preflighted, {"acma": acma}
    for status in values.PREFLIGHT_STATUSES:
        for location in ((), ("<here>",)):
            yield (
                preflighted,
                {"preflight_status": status, "preflight_location": location},
            )
    for status in values.ACTUAL_STATUSES:
        yield Plan(), {"actual_status": status}
        yield Plan(), {"actual_status": status, "acao": ()}
    for target in values.LOCATIONS:
        for way in ("AA", "AB", "PA", "AP"):
            for plan in (Plan(), Plan(method="PUT", redirect_status=307, tainted_preflight="*")):
                yield plan, {"location": target, "way": way}


def pairwise_cases() -> Iterator[Case]:
    """Every base with every single deviation, and with every two of different axes.

    A covering array would be smaller, but there one failure hides the others; here nothing
    stands between the browser and the two deviations.
    """
    for base_name, base in BASES.items():
        for number, chosen in enumerate(_deviations()):
            plan = base
            for axis, name in chosen:
                plan = dataclasses.replace(plan, **AXES[axis][name])
            labels = tuple(f"{axis}={name}" for axis, name in chosen)
            yield plan.case(f"p-{base_name}-{number:05}", (base_name, *labels))


def _deviations() -> Iterator[tuple[tuple[str, str], ...]]:
    singles = [(axis, name) for axis, changes in AXES.items() for name in changes]
    yield ()
    for one in singles:
        yield (one,)
    for one, two in itertools.combinations(singles, 2):
        if one[0] != two[0]:
            yield one, two


BASES = {
    "simple": Plan(),
    "preflighted": Plan(method="PUT", headers=(("X-Custom", "1"),), body="x"),
    "credentialed": Plan(
        method="PUT", headers=(("Content-Type", "application/json"),), credentials="include"
    ),
    "redirected": Plan(way="AB", headers=(("X-Custom", "1"),), tainted_preflight="*"),
}

_AUTHORIZATION = ("Authorization", "Bearer x")

AXES: dict[str, dict[str, Change]] = {
    "page": {"sandboxed": {"page": "sandboxed"}},
    "way": {
        way: {"way": way, "at_hop": len(way) - 1} for way in ("P", "B", "AA", "AP", "PA", "ABP")
    },
    "initiator": {
        "xhr": {"initiator": "xmlhttprequest"},
        "xhr-upload": {"initiator": "xmlhttprequest", "upload_listeners": True},
    },
    "method": {name: {"method": name} for name in ("POST", "DELETE", "patch", "QUERY")}
    | {name: {"method": name, "body": None} for name in ("get", "HEAD")},
    "headers": {
        "none": {"headers": ()},
        "authorization": {"headers": (_AUTHORIZATION,)},
        "authorization-and-custom": {"headers": (_AUTHORIZATION, ("X-Custom", "1"))},
        "safelisted": {"headers": (("Accept", "a/b"), ("Content-Type", "text/plain"))},
        "json": {"headers": (("Content-Type", "application/json"),)},
        "range": {"headers": (("Range", "bytes=0-1"),)},
        "user-agent": {"headers": (("User-Agent", "x"),)},
        "hint": {"headers": (("DPR", "2"),)},
        "repeated": {"headers": (("Accept", "x" * 70), ("Accept", "y" * 70))},
    },
    "credentials": {"include": {"credentials": "include"}, "omit": {"credentials": "omit"}},
    "mode": {mode: {"mode": mode} for mode in ("no-cors", "same-origin")},
    "redirect": {mode: {"redirect": mode} for mode in ("error", "manual")},
    "acao": {
        "none": {"acao": ()},
        "star": {"acao": ("*",)},
        "null": {"acao": ("null",)},
        "other": {"acao": ("http://evil.example",)},
        "junk": {"acao": ("foo",)},
        "two-lines": {"acao": ("<origin>", "<origin>")},
        "list": {"acao": ("<origin>, *",)},
    },
    "acac": {"none": {"acac": ()}, "true": {"acac": ("true",)}, "True": {"acac": ("True",)}},
    "acam": {
        "none": {"acam": ()},
        "star": {"acam": ("*",)},
        "lower": {"acam": ("put, delete, patch, get",)},
        "junk": {"acam": ("<method>, b@d",)},
    },
    "acah": {
        "none": {"acah": ()},
        "star": {"acah": ("*",)},
        "upper": {"acah": ("<NAMES>",)},
        "custom": {"acah": ("X-Custom",)},
        "star-authorization": {"acah": ("*, Authorization",)},
        "junk": {"acah": ("<names>, b d",)},
    },
    "aceh": {
        "star": {"aceh": ("*",), "extra": (("X-Foo", "1"), ("Set-Cookie", "a=b"))},
        "named": {"aceh": ("x-foo",), "extra": (("X-Foo", "1"), ("X-Bar", "1"))},
        "junk": {"aceh": ("X-Foo", "b@d"), "extra": (("X-Foo", "1"),)},
    },
    "side": {"preflight": {"side": "preflight"}, "actual": {"side": "actual"}},
    "preflight-status": {
        str(status): {"preflight_status": status} for status in (200, 304, 403, 500)
    }
    | {"302": {"preflight_status": 302, "preflight_location": ("<here>",)}},
    "actual-status": {str(status): {"actual_status": status} for status in (204, 304, 404, 503)},
    "redirect-status": {str(status): {"redirect_status": status} for status in (301, 303, 307)},
    "tainted-preflight": {
        "null": {"tainted_preflight": "<origin>"},
        "page": {"tainted_preflight": "http://localhost:18101"},
    },
}


def _passing(draw: random.Random) -> Plan:
    way = draw.choice(values.WAYS)
    method = draw.choice(values.METHODS)
    no_body = method.upper() in ("GET", "HEAD")
    fetch = draw.random() < 0.85
    aceh = draw.choice(values.ACEH) if draw.random() < 0.3 else ()
    return Plan(
        page="sandboxed" if draw.random() < 0.08 else "page",
        way=way,
        initiator="fetch" if fetch else "xmlhttprequest",
        upload_listeners=not fetch and draw.random() < 0.3,
        method=method,
        headers=_headers(draw),
        body=None if no_body or draw.random() < 0.5 else "x=1",
        credentials=draw.choice(("omit", "same-origin", "include", "include")),
        mode=draw.choices(("cors", "no-cors", "same-origin"), (94, 3, 3))[0],
        redirect=draw.choices(("follow", "error", "manual"), (92, 4, 4))[0],
        at_hop=draw.randrange(len(way)),
        acma=draw.choice(values.ACMA),
        aceh=aceh,
        extra=tuple(draw.sample(values.RESPONSE_HEADERS, draw.choice((0, 0, 1, 3, 6)))),
        redirect_status=draw.choice(values.REDIRECT_STATUSES),
        tainted_preflight=draw.choice(("<origin>", "http://localhost:18101", "*")),
    )


def _headers(draw: random.Random) -> tuple[tuple[str, str], ...]:
    chosen = []
    for _ in range(draw.choice((0, 0, 1, 1, 1, 2, 3))):
        pool = values.ORDINARY_HEADERS if draw.random() < 0.85 else values.FORBIDDEN_HEADERS
        # Half of the draws go to the names that the standard treats each in its own way.
        known = ("Accept", "Content-Type", "Range", "Authorization", "X-Custom", "Accept-Language")
        use_known = pool is values.ORDINARY_HEADERS and draw.random() < 0.5
        name = draw.choice(known if use_known else tuple(pool))
        lines = 1 if draw.random() < 0.9 else draw.choice((2, 3, 9))
        chosen += [(name, draw.choice(pool[name])) for _ in range(lines)]
    return tuple(chosen)


def _perturbations(draw: random.Random, plan: Plan) -> list[tuple[str, Change]]:
    options: dict[str, tuple[Any, ...]] = {
        "acao": values.ACAO,
        "acac": values.ACAC,
        "acam": values.ACAM,
        "acah": values.ACAH,
        "preflight_status": values.PREFLIGHT_STATUSES,
        "actual_status": values.ACTUAL_STATUSES,
        "side": ("preflight", "actual"),
    }
    if len(plan.way) > 1:
        options["location"] = values.LOCATIONS
    chosen = draw.sample(tuple(options), draw.choice((0, 1, 1, 1, 2, 2, 3)))
    changes = [(name, {name: draw.choice(options[name])}) for name in chosen]
    if draw.random() < 0.3:
        changes.append(("preflight_location", {"preflight_location": ("<here>",)}))
    return changes
