"""``corsage init --from`` configuration of any kind: a policy that means what it does."""

from __future__ import annotations

from collections.abc import Sequence

from corsage.chain.compare import differences
from corsage.chain.surface import of_policy, of_system
from corsage.cli._carried import carried_over
from corsage.cli._init_from import Carried
from corsage.cli.errors import UsageError
from corsage.policy import PolicyError, load_policy
from corsage.policy.dump import dump_policy
from corsage.policy.problems import quoted


def carry_over(names: Sequence[str], *, widen_wildcards: bool) -> Carried:
    """The policy of everything below ``names``; notes on what is not carried over, and on every
    request that would be answered otherwise. Raises UsageError where nothing may be."""
    carried = carried_over(names, widen_wildcards=widen_wildcards)
    text = f"# From {', '.join(map(_shown, names))}.\n" + dump_policy(carried.policy)
    try:
        policy = load_policy(text, "cors.yaml")
    except PolicyError as error:
        raise UsageError(f"--from: what it does makes no valid policy\n{error}") from error
    found = differences(of_system(carried.before, "before"), of_policy(policy, "after"))
    return Carried(text, (*carried.notes, *(f"changes: {one.change}" for one in found)))


def _shown(name: str) -> str:
    return name if name.isprintable() else quoted(name)
