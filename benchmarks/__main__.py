"""``python -m benchmarks [NAME ...]``: the benchmarks, all of them or the ones named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent


def names() -> list[str]:
    """Every module or package beside this file that can be run."""
    packages = (path.parent.name for path in _HERE.glob("*/__main__.py"))
    modules = (path.stem for path in _HERE.glob("[a-z]*.py"))
    return sorted([*packages, *modules])


def main() -> int:
    chosen = sys.argv[1:] or names()
    if unknown := set(chosen) - set(names()):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    codes = []
    for name in chosen:
        print(f"# {name}", flush=True)
        codes.append(subprocess.call([sys.executable, "-m", f"benchmarks.{name}"]))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
