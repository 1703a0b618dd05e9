"""Which release of a product is meant, and whether it takes what is written.

A release is given as people write it (``1.29.3``, ``v3.7``, ``2.6.12-1+deb12u1``). What is written
by default is for the release that the conformance suite runs. For an older one a target either has
a proven way to say the same, or it is refused: a product that does not know a directive may fail to
start, or start and ignore it.
"""

from __future__ import annotations

import re

from corsage.layers.clauses import CLAUSES
from corsage.layers.target import Release, Target, Version, Versions
from corsage.policy.model import Policy

_RELEASE = re.compile(
    r"v?([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})(?:(?:[-+~]|\.(?=[A-Za-z]))[A-Za-z0-9.+~-]{1,40})?"
)


class VersionError(ValueError):
    """A release that cannot be read, is not known, or is too old; the message says which."""


def for_release(target: Target, text: str, policy: Policy) -> Target:
    """The target as it is written for the release that ``text`` names.

    Raises VersionError if ``text`` names none, one that is newer than anything known (a first
    number above the proven one's), or one that is too old for ``policy``.
    """
    release = _read(target.versions, text)
    if missing := [row for row in target.versions.rows if _lacks(row, release, policy)]:
        needs = "".join(
            f"\n  {row.since}: {row.what}" + (f" ({row.clause})" if row.clause else "")
            for row in missing
        )
        raise VersionError(
            f"{target.versions.product} {text} is too old for {target.name}, which needs{needs}"
        )
    return target if target.at is None else target.at(release)


def at_least(release: Release, since: str) -> bool:
    """Whether ``release`` is ``since`` or newer."""
    wanted = _numbers(since)
    longest = max(len(release), len(wanted))
    return _padded(release, longest) >= _padded(wanted, longest)


def _read(versions: Versions, text: str) -> Release:
    found = _RELEASE.fullmatch(text)
    if found is None:
        raise VersionError(
            f"cannot read the version {text[:40]!r}; write the numbers of a release of "
            f"{versions.product}, such as {versions.proven}"
        )
    release = _numbers(found[1])
    if release[0] > _numbers(versions.proven)[0]:
        raise VersionError(
            f"{versions.product} {text} is not known; what is written is proven on "
            f"{versions.proven}"
        )
    return release


def _lacks(row: Version, release: Release, policy: Policy) -> bool:
    needed = not row.before and (not row.clause or CLAUSES[row.clause](policy))
    return needed and not at_least(release, row.since)


def _numbers(text: str) -> Release:
    return tuple(map(int, text.split(".")))


def _padded(release: Release, length: int) -> Release:
    return release + (0,) * (length - len(release))
