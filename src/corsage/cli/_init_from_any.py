"""``corsage init --from`` configuration of any kind: a policy that means what it does."""

from __future__ import annotations

from collections.abc import Sequence

from corsage.chain.carry import carry
from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.chain.system import System
from corsage.cli._init_from import Carried
from corsage.cli.configurations import load_reading
from corsage.cli.errors import UsageError
from corsage.policy import PolicyError, load_policy
from corsage.policy.dump import dump_policy


def carry_over(names: Sequence[str], *, widen_wildcards: bool) -> Carried:
    """The policy of everything below ``names``; notes on what is not carried over, and on every
    request that would be answered otherwise. Raises UsageError where nothing may be."""
    system = System(load_reading(names))
    carried = carry(system, widen_wildcards=widen_wildcards)
    if carried is None:
        raise UsageError(f"--from: {', '.join(names)}: nothing in it allows any origin to read")
    notes = []
    for note in carried.notes:
        place = f"{note.where.file}:{note.where.line}" if note.where.line else note.where.file
        notes.append(f"{place}: {note.message}")
    text = f"# From {', '.join(names)}.\n" + dump_policy(carried.policy)
    try:
        policy = load_policy(text, "cors.yaml")
    except PolicyError as error:
        raise UsageError(f"--from: what it does makes no valid policy\n{error}") from error
    for one in differences(of_system(system, "before"), of_policy(policy, "after")):
        change = "is no longer allowed" if one.first.allowed else "is now allowed"
        notes.append(f"changes: {one.asked} {change}: {one.refusal.sentence}")
    return Carried(text, tuple(notes))
