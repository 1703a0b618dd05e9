"""Self-signed certificates for localhost."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certify(folder: Path) -> tuple[Path, Path]:
    """A new certificate and its key, in ``cert.pem`` and ``key.pem``."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key
