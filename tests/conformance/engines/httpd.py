"""Apache httpd: the rendered site, in front of the hostile upstream."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    *("mpm_event", "authz_core", "headers", "rewrite", "setenvif"),
    *("proxy", "proxy_http", "proxy_wstunnel"),
)
_SERVER = """\
ServerRoot "{folder}"
ServerName localhost
User www-data
Group www-data
PidFile httpd.pid
DefaultRuntimeDir .
ErrorLog error.log
LogFormat "%h %l %u %t \\"%r\\" %>s %O" combined
"""


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    program = shutil.which("apache2", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    assert program is not None, "there is no apache2 on this machine"

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        # What every server has and a site does not say.
        loaded = (f"LoadModule {name}_module {_MODULES}/mod_{name}.so\n" for name in _LOADED)
        server = "".join((*loaded, _SERVER.format(folder=rendered.folder), "Include cors.conf\n"))
        main = rendered.folder / "httpd.conf"
        main.write_text(server, encoding="utf-8")
        with process(
            [program, "-D", "FOREGROUND", "-f", str(main)], rendered.folder, rendered.port
        ):
            yield Live(rendered.port, rendered.seen)

    yield launch
