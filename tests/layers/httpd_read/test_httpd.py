"""What is read of Apache's configuration predicts, header for header, what httpd answers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corsage.layers.httpd.read import READER
from corsage.layers.readers import load_reader
from tests.conformance.engines.process import free_port, process
from tests.conformance.upstream import upstream
from tests.layers.gateways_read import live
from tests.layers.gateways_read.live import Case

_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    *("mpm_event", "authz_core", "authn_core", "authn_file", "authz_user", "auth_basic"),
    *("headers", "rewrite", "setenvif", "alias", "proxy", "proxy_http"),
)
_SERVER = """\
ServerRoot "{folder}"
ServerName localhost
User www-data
Group www-data
PidFile httpd.pid
DefaultRuntimeDir .
ErrorLog error.log
"""
_PASSWORD = "user:{SHA}nU4eI71bcnBGqeO0t9tXvY1u5oQ="
FOLDER = Path(__file__).parent / "configurations"


def cases() -> list[Case]:
    return [Case(file.stem, file.read_text("utf-8")) for file in sorted(FOLDER.iterdir())]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Case, str, int]]]:
    """One httpd with a virtual host, on a port of its own, for each configuration."""
    program = shutil.which("apache2", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, "there is no apache2 on this machine"
    folder: Path = tmp_path_factory.mktemp("httpd")
    # The server that answers is not the user who started it.
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o755)
    (folder / "users").write_text(_PASSWORD)
    with upstream() as behind:
        app = urlsplit(behind.url).port
        given = []
        for case in cases():
            port = free_port()
            body = case.filled(APP=app, USERS=folder / "users")
            text = f"Listen 127.0.0.1:{port}\n<VirtualHost *:{port}>\n{body}</VirtualHost>\n"
            given.append((case, text, port))
        loaded = "".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so\n" for name in _LOADED)
        together = "".join(text for _, text, _ in given)
        main = folder / "httpd.conf"
        main.write_text(loaded + _SERVER.format(folder=folder) + together)
        with process([program, "-D", "FOREGROUND", "-f", str(main)], folder, given[-1][2]):
            yield given


def test_every_answer_is_predicted(running):
    """On hand-written configurations: status, and all headers that are httpd's or the
    service's."""
    compared, wrong = 0, []
    for case, text, port in running:
        (instance,) = live.read(READER, httpd__conf=text).instances
        number, different = live.differences(instance, case, port)
        compared += number
        wrong += different
    assert not wrong, f"{len(wrong)} of {compared}\n" + "\n".join(wrong[:8])
    assert compared > 400


def test_the_configurations_are_recognised_and_are_not_nginx():
    nginx = load_reader("nginx")
    for case in cases():
        assert READER.detect("sites-enabled/site.conf", case.text), case.name
        assert not nginx.detect("sites-enabled/site.conf", case.text), case.name
    for case in (Path(__file__).parents[1] / "nginx_read" / "configurations").rglob("*.conf"):
        assert not re.search("<VirtualHost", case.read_text()), case
        assert not READER.detect(str(case), case.read_text()), case
