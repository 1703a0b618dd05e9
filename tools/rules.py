"""Write the table of docs/rules/README.md from the rules themselves: python tools/rules.py"""

from __future__ import annotations

from pathlib import Path

from corsage.check import RULES

INDEX = Path(__file__).parents[1] / "docs" / "rules" / "README.md"
HEAD = "| rule | severity | what it finds |\n|---|---|---|\n"


def table() -> str:
    """One row for each rule, in the order of their ids."""
    rows = [
        f"| [{rule.id}](../../src/corsage/pages/rules/{rule.id}.md) | {rule.severity} "
        f"| {rule.title} |\n"
        for rule in sorted(RULES.values(), key=lambda rule: rule.id)
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    before, _, _ = INDEX.read_text("utf-8").partition(HEAD)
    INDEX.write_text(before + table(), "utf-8")
