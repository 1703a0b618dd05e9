"""Self-signed certificates."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certify(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """A new certificate for ``host`` and its key, in ``cert.pem`` and ``key.pem``."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
         "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return certificate, key
