"""Configuration as it is, and the policy that it amounts to: for ``init --from`` and ``render``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corsage.chain.carry import carry, refusals
from corsage.chain.system import System
from corsage.check.edits import apply
from corsage.cli.configurations import load_parsed
from corsage.cli.errors import UsageError
from corsage.cli.inputs import read_text
from corsage.layers.reading import Parsed, link, parse
from corsage.layers.rules import INERT, MISREAD
from corsage.layers.site import Edit, Slip
from corsage.layers.source import Reading, Source
from corsage.layers.target import Target
from corsage.layers.where import Where
from corsage.policy import Policy


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """``before`` is what there is; ``notes`` what the policy does not take over, and why."""

    before: System
    policy: Policy
    notes: tuple[str, ...]


def carried_over(names: Sequence[str], *, widen_wildcards: bool) -> CarriedOver:
    """Raises UsageError where nothing may be carried over.

    What a product takes for something else than it says (a list that is refused, so that everybody
    is allowed) is carried over as it is meant, where that is known and not looser.
    """
    parsed = load_parsed(names)
    reading = link(parsed)
    meant = System(_mended(reading, parsed))
    carried = carry(meant, widen_wildcards=widen_wildcards)
    if carried is None:
        why = [f"  {_at(note.where, note.message)}" for note in refusals(meant)]
        nothing = f"{', '.join(names)}: nothing in it allows any origin to read"
        message = f"{', '.join(names)}: nothing of it may be carried over" if why else nothing
        raise UsageError("\n".join([message, *why]))
    notes = [_of_slip(slip) for slip in reading.slips if slip.rule in (MISREAD, INERT)]
    notes += [_at(note.where, note.message) for note in carried.notes]
    return CarriedOver(System(reading), carried.policy, tuple(dict.fromkeys(notes)))


def _mended(reading: Reading, parsed: Sequence[Parsed]) -> Reading:
    edits: dict[str, list[Edit]] = defaultdict(list)
    for slip in reading.slips:
        for edit in slip.edits if slip.rule is MISREAD else ():
            edits[edit.file].append(edit)
    files = [
        parse(Source(one.path, apply(edits[one.path], read_text(one.path))))
        if one.path in edits and one.path != "<stdin>"
        else one
        for one in parsed
    ]
    return link(files) if edits else reading


def _of_slip(slip: Slip) -> str:
    meant = f"; carried over as {slip.fix}" if slip.edits and slip.rule is MISREAD else ""
    witness = f" ({slip.witness} is allowed now)" if slip.witness else ""
    return _at(slip.where, f"{slip.message}{witness}{meant}")


def _at(where: Where, message: str) -> str:
    place = f"{where.file}:{where.line}" if where.line else where.file
    return f"{place}: {message}"


def fitted(policy: Policy, target: Target) -> tuple[Policy, tuple[str, ...]]:
    """A policy whose preflights are remembered as briefly as a target can, and what that changes.

    Targets that cannot say "not at all" would otherwise refuse the whole of it.
    """
    for least in (0, 1):
        if not any(
            row.clause == "max age" and row.fate == "lost" for row in target.fidelity(policy)
        ):
            break
        policies = {
            name: replace(rules, max_age=least)
            if rules.max_age is not None and rules.max_age < least
            else rules
            for name, rules in policy.policies.items()
        }
        notes = tuple(
            f"changes: {target.name} cannot keep preflights from being remembered: the answer to "
            f"OPTIONS {route.path} is, for {least} s instead of {policy.policies[name].max_age}"
            for name, route in ((route.cors or "", route) for route in policy.routes)
            if name in policies and policies[name] != policy.policies[name]
        )
        changed = replace(policy, policies=policies)
        if not any(
            row.clause == "max age" and row.fate == "lost" for row in target.fidelity(changed)
        ):
            return changed, notes
    return policy, ()
