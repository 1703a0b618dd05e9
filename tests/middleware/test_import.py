"""What an app pays that imports the middleware, in modules, for those do not depend on the day."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

IMPORT = "from corsage import Cors"
MAKE = f"{IMPORT}\nCors(lambda scope, receive, send: None, allow_origins=['https://a.example'])"


def _imported(code: str) -> set[str]:
    """The modules that the code imports in a new interpreter, its own start left out."""
    show = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    command = [sys.executable, "-I", "-c", show]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_importing_cors_imports_what_holds_it_and_nothing_else() -> None:
    """No ``typing``, ``re``, ``inspect`` or ``logging`` either: an app may import it lazily."""
    ours = {"corsage", "corsage.lazy", "corsage.middleware", "corsage.middleware.cors"}

    found = _imported(IMPORT)

    assert {name for name in found if name.startswith("corsage")} == ours
    heavy = {"asyncio", "dataclasses", "enum", "inspect", "logging", "re", "typing", "urllib"}
    assert found & heavy == set()


@pytest.mark.parametrize("code", [IMPORT, MAKE], ids=["import", "make"])
def test_no_tool_and_no_browser_is_imported(code: str) -> None:
    """Neither for the import nor for a policy of keywords."""
    found = _imported(code)

    assert found & {"yaml", "rich", "publicsuffixlist"} == set()
    assert found & {"ssl", "socket", "http.client", "asyncio", "hashlib", "subprocess"} == set()
    browser = {"corsage.browser.judge", "corsage.browser.console", "corsage.browser.profiles"}
    assert found & {*browser, "corsage.policy.cases"} == set()


@pytest.mark.parametrize("room", ["corsage.browser", "corsage.middleware", "corsage.policy"])
def test_a_room_exports_what_it_says(room: str) -> None:
    """Also when a module that is called as what it holds was imported before."""
    package = importlib.import_module(room)
    for name in package.__all__:
        if importlib.util.find_spec(f"{room}.{name}") is not None:
            importlib.import_module(f"{room}.{name}")
        assert type(getattr(package, name)).__name__ != "module"

    exported = {name for name, held in vars(type(package)).items() if isinstance(held, property)}
    assert exported == set(package.__all__)
