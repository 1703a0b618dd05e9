"""A gateway that cannot start says what, where and what to do, and leaves nothing behind."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from corsage.gateway import Engine, GatewayError, running
from corsage.gateway.supervisor import AnyEngine
from tests.gateway.client import Asker
from tests.gateway.files import policy_text
from tests.gateway.policies import APP
from tests.gateway.upstream import Upstream

pytestmark = pytest.mark.nginx


@pytest.fixture
def folder(tmp_path: Path, own_folder: Path) -> Iterator[Path]:
    """A folder for the policy; whatever the gateway makes for itself must be gone again."""
    yield tmp_path
    assert list(own_folder.iterdir()) == []


def refusal(path: Path, engine: AnyEngine, listen: str | None = None) -> str:
    with pytest.raises(GatewayError) as caught, running(path, engine=engine, listen=listen):
        pass
    return str(caught.value)


def test_a_policy_file_is_all_it_takes(folder: Path, engine: AnyEngine, upstream: Upstream) -> None:
    path = folder / "cors.yaml"
    path.write_text(policy_text(upstream.url), encoding="utf-8")
    with running(path, engine=engine, listen="127.0.0.1:0") as gateway:
        ask = Asker(gateway.address)
        assert ask("GET", "/api", origin=APP).values("access-control-allow-origin") == [APP]
        assert gateway.directory.stat().st_mode & 0o777 == 0o700


def test_a_port_in_use(folder: Path, quick_engine: Engine) -> None:
    path = folder / "cors.yaml"
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        path.write_text(policy_text("http://127.0.0.1:1", listen=listen), encoding="utf-8")
        assert refusal(path, quick_engine) == (
            f"{path}:3: cannot listen on {listen} (Address already in use): "
            "stop what listens there, or change `listen`"
        )


def test_an_address_of_another_machine(folder: Path, quick_engine: Engine) -> None:
    path = folder / "cors.yaml"
    text = policy_text("http://127.0.0.1:1", listen="192.0.2.1:8080")
    path.write_text(text, encoding="utf-8")
    assert "cannot listen on 192.0.2.1:8080" in refusal(path, quick_engine)


@pytest.mark.parametrize("listen", ["abc", "8080", "127.0.0.1:", "127.0.0.1:65536", ":1", "a b:1"])
def test_an_address_that_is_none(folder: Path, quick_engine: Engine, listen: str) -> None:
    path = folder / "cors.yaml"
    path.write_text(policy_text("http://127.0.0.1:1"), encoding="utf-8")
    said = f"{listen!r} is not host:port, as in 127.0.0.1:8080"
    assert refusal(path, quick_engine, listen) == said


def test_a_service_whose_host_has_no_address(folder: Path, engine: AnyEngine) -> None:
    path = folder / "cors.yaml"
    path.write_text(policy_text("http://auth.invalid:3001"), encoding="utf-8")
    assert refusal(path, engine, "127.0.0.1:0") == (
        f"{path}:5: the host auth.invalid has no address: "
        "correct the service's url, or the name server of this machine"
    )


def test_a_certificate_that_is_not_there(folder: Path, quick_engine: Engine) -> None:
    path = with_tls(folder)
    assert refusal(path, quick_engine, "127.0.0.1:0") == (
        f"{path}:4: {folder}/cert.pem: No such file or directory; "
        "tls needs two PEM files that this user may read"
    )


def test_a_certificate_that_is_none(folder: Path, engine: AnyEngine) -> None:
    path = with_tls(folder)
    for name in ("cert.pem", "key.pem"):
        (folder / name).write_text("nothing of the kind", encoding="utf-8")
    message = refusal(path, engine, "127.0.0.1:0")
    assert message.startswith(f"{path}:4: the certificate cannot be used: ")
    assert "tls needs a PEM certificate and the key that belongs to it" in message


def with_tls(folder: Path) -> Path:
    path = folder / "cors.yaml"
    tls = "127.0.0.1:8443\n  tls: {certificate: cert.pem, key: key.pem}"
    path.write_text(policy_text("http://127.0.0.1:1", listen=tls), encoding="utf-8")
    return path


def test_a_policy_with_problems_is_refused_with_all_of_them(
    folder: Path, quick_engine: Engine
) -> None:
    path = folder / "cors.yaml"
    text = policy_text("api.internal:3001", origins='"*"')
    path.write_text(text, encoding="utf-8")
    message = refusal(path, quick_engine)
    assert f"{path}:5:" in message
    assert f"{path}:8:" in message


def test_no_policy_file(folder: Path, quick_engine: Engine) -> None:
    message = refusal(folder / "cors.yaml", quick_engine)
    assert message == (
        f"{folder}/cors.yaml: no such file; `corsage init > cors.yaml` writes a starting policy"
    )


def test_an_engine_that_is_not_nginx_or_not_there(folder: Path) -> None:
    path = folder / "cors.yaml"
    path.write_text(policy_text("http://127.0.0.1:1"), encoding="utf-8")
    remedy = "apt install nginx, or pip install 'corsage[nginx]'"
    with pytest.raises(GatewayError, match=re.escape(remedy)), running(path, engine="/bin/true"):
        pass
    with pytest.raises(GatewayError, match=re.escape(remedy)), running(path, engine="/no/nginx"):
        pass


def test_an_nginx_that_is_too_old_is_named_with_what_to_get(folder: Path) -> None:
    old = folder / "nginx"
    old.write_text("#!/bin/sh\necho 'nginx version: nginx/1.18.0' >&2\n", encoding="utf-8")
    old.chmod(0o755)
    path = folder / "cors.yaml"
    path.write_text(policy_text("http://127.0.0.1:1"), encoding="utf-8")
    said = re.escape(f"{old} is nginx 1.18.0, and 1.22 is the oldest that works: apt install")
    with pytest.raises(GatewayError, match=said), running(path, engine=str(old)):
        pass
