"""The policy that the gateway runs: read from its file, with everything that the file names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from corsage.gateway.errors import GatewayError
from corsage.policy.load import load_policy
from corsage.policy.model import Gateway, Policy
from corsage.policy.problems import PolicyError

Stamp = tuple[tuple[str, bytes], ...]
"""What files held: their paths and a digest of each."""


@dataclass(frozen=True, slots=True)
class Source:
    """A policy with the files that it came from; ``text`` is the policy file's own."""

    policy: Policy
    path: Path | None = None
    text: str = ""
    stamp: Stamp = ()

    def where(self, *values: str) -> str:
        """``file:line: `` of the first line that holds one of the values; empty if none does."""
        if self.path is None:
            return ""
        for value in values:
            for number, line in enumerate(self.text.splitlines(), 1):
                if value and value in line:
                    return f"{self.path}:{number}: "
        return f"{self.path}: "


def read_source(path: Path) -> Source:
    """Read and check the policy file; GatewayError with every problem."""
    files = _Files(path.parent)
    try:
        text = files.read(path)
        policy = load_policy(text, str(path), read_file=files)
    except PolicyError as error:
        raise GatewayError(str(error)) from error
    except FileNotFoundError as error:
        remedy = "`corsage init > cors.yaml` writes a starting policy"
        raise GatewayError(f"{path}: no such file; {remedy}") from error
    except OSError as error:
        raise GatewayError(f"{error.filename or path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise GatewayError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    policy = replace(policy, gateway=_beside(policy.gateway, path.parent))
    watched = [*files.seen, *_certificates(policy)]
    return Source(policy, path, text, stamp_of(watched))


def stamp_of(paths: Iterable[str]) -> Stamp:
    """A digest of each file; of what cannot be read, an empty one."""
    return tuple((path, _digest(path)) for path in dict.fromkeys(paths))


def _digest(path: str) -> bytes:
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).digest()
    except OSError:
        return b""


def _certificates(policy: Policy) -> list[str]:
    tls = policy.gateway.tls
    return [] if tls is None else [tls.certificate, tls.key]


def _beside(gateway: Gateway, folder: Path) -> Gateway:
    """Paths in the file are relative to its folder; nginx's own prefix is elsewhere."""

    def absolute(path: str | None) -> str | None:
        return None if path is None else str((folder / path).absolute())

    tls = gateway.tls
    if tls is not None:
        certificate, key = (str((folder / p).absolute()) for p in (tls.certificate, tls.key))
        tls = replace(tls, certificate=certificate, key=key)
    return replace(
        gateway,
        tls=tls,
        access_log=absolute(gateway.access_log),
        error_log=absolute(gateway.error_log),
    )


class _Files:
    """Reads the files that a policy names, and remembers which."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.seen: list[str] = []

    def __call__(self, name: str) -> str:
        return self.read(self._folder / name)

    def read(self, path: Path) -> str:
        self.seen.append(str(path.absolute()))
        return path.read_text(encoding="utf-8-sig")
