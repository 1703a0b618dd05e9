"""What stands against a policy, in words about the policy: file, line, and what to do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from corsage.gateway.errors import EngineRefusal, GatewayError
from corsage.gateway.source import Source
from corsage.layers.envoy.errors import EnvoyWriteError
from corsage.layers.nginx.words import NginxWriteError

_CERTIFICATE = (
    "cannot load certificate|PEM_read|SSL_CTX_use_|key values mismatch|"
    "[Ff]ailed to load (?:incomplete )?(?:certificate|private key)"
)


@contextlib.contextmanager
def explained(source: Source) -> Iterator[None]:
    """Turn what the writer or the engine refuses into a GatewayError about the policy."""
    _check_files(source)
    try:
        yield
    except (NginxWriteError, EnvoyWriteError) as error:
        raise GatewayError(f"{source.where()}{error}", source.files) from error
    except EngineRefusal as error:
        raise GatewayError(_explain(str(error), source), source.files) from error


def _check_files(source: Source) -> None:
    tls = source.policy.gateway.tls
    for path in () if tls is None else (tls.certificate, tls.key):
        try:
            with Path(path).open("rb"):
                pass
        except OSError as error:
            where = source.where(path, Path(path).name)
            remedy = "tls needs two PEM files that this user may read"
            said = f"{where}{path}: {error.strerror}; {remedy}"
            raise GatewayError(said, source.files) from error


def _explain(words: str, source: Source) -> str:
    """The engine's words, with the place in the policy and what to do."""
    if unknown := re.search(r'host not found in upstream "([^"]+)"', words):
        host = unknown[1].rpartition(":")[0]
        urls = [s.url for s in source.policy.services.values() if host in s.url]
        return (
            f"{source.where(*urls)}the host {host} has no address: "
            "correct the service's url, or the name server of this machine"
        )
    if re.search(_CERTIFICATE, words):
        tls = source.policy.gateway.tls
        names = (Path(tls.certificate).name, Path(tls.key).name) if tls else ()
        remedy = "tls needs a PEM certificate and the key that belongs to it"
        return f"{source.where(*names)}the certificate cannot be used: {remedy} ({words})"
    return f"{source.where()}the engine refuses the configuration: {words}"
