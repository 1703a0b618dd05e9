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

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of everything that it was read from, certificates included."""
        return tuple(path for path, _ in self.stamp)

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
        raise GatewayError(str(error), files.seen) from error
    except FileNotFoundError as error:
        remedy = "`corsage init > cors.yaml` writes a starting policy"
        raise GatewayError(f"{path}: no such file; {remedy}") from error
    except OSError as error:
        raise GatewayError(f"{error.filename or path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise GatewayError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    policy = replace(policy, gateway=_beside(policy.gateway, path.parent))
    # Of what was read the digest is of what was read, not of what may be there by now.
    return Source(policy, path, text, (*files.seen.items(), *stamp_of(_certificates(policy))))


def stamp_of(paths: Iterable[str]) -> Stamp:
    """A digest of each file; of what cannot be read, an empty one."""
    return tuple((path, _digest(path)) for path in dict.fromkeys(paths))


def _digest(path: str) -> bytes:
    try:
        return _digest_of(Path(path).read_bytes())
    except OSError:
        return b""


def _digest_of(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


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
        self.seen: dict[str, bytes] = {}

    def __call__(self, name: str) -> str:
        return self.read(self._folder / name)

    def read(self, path: Path) -> str:
        key = str(path.absolute())
        self.seen[key] = b""
        content = path.read_bytes()
        self.seen[key] = _digest_of(content)
        return content.decode("utf-8-sig")
