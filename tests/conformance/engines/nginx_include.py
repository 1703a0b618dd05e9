"""nginx with a configuration of somebody's own, which includes what was rendered.

The locations are the ones that the head of http.conf lists; what a reader has besides is here, too:
headers of their own in every block, and their own upstream.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.engines import Launch, Live, Rendered
from tests.conformance.engines.process import process

_MINE = """\
daemon off;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;

    add_header Strict-Transport-Security "max-age=60" always;
    include cors/hashes.conf;
    include cors/http.conf;
    upstream mine {{ server {upstream}; }}
{servers}}}
"""

_SERVER = re.compile("# In the server block of (.*):")
_LOCATION = re.compile(r"#   location (.*) \{ (.*) \}")
_PROXY = "proxy_set_header Host $http_host; proxy_pass http://mine;"


@contextmanager
def start(workspace: Path) -> Iterator[Launch]:
    path = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
    program = shutil.which("nginx", path=path)
    assert program is not None, "there is no nginx on this machine"

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        write(rendered)
        command = [program, "-p", str(rendered.folder), "-c", "nginx.conf"]
        tested = subprocess.run([*command, "-t", "-q"], capture_output=True, text=True, check=False)
        assert (tested.returncode, tested.stderr) == (0, ""), tested.stderr
        with process(command, rendered.folder, rendered.port):
            yield Live(rendered.port, rendered.seen, parses=re.compile("[A-Z_-]+").fullmatch)

    yield launch


def write(rendered: Rendered) -> None:
    """The reader's nginx.conf, and the rendered files in the folder that they ask for."""
    cors = rendered.folder / "cors"
    cors.mkdir()
    for file in rendered.files:
        (cors / file.path).write_text(file.text, encoding="utf-8")
    (url,) = {service.url for service in rendered.policy.services.values()}
    servers = "".join(_servers(rendered))
    mine = _MINE.format(upstream=url.removeprefix("http://"), servers=servers)
    (rendered.folder / "nginx.conf").write_text(mine, encoding="utf-8")


def _servers(rendered: Rendered) -> Iterator[str]:
    """The server blocks and locations that the head of http.conf tells a reader to make."""
    (plan,) = (file.text for file in rendered.files if file.path == "http.conf")
    opened = False
    for line in plan.splitlines():
        if server := _SERVER.fullmatch(line):
            yield "}\n" if opened else ""
            every = server[1] == "any other server_name"
            default = " default_server" if every else ""
            yield f"server {{ listen 127.0.0.1:{rendered.port}{default};\n"
            yield f"{'server_name _' if every else server[1]};\n"
            opened = True
        elif location := _LOCATION.fullmatch(line):
            rest = location[2].replace("...", _PROXY).partition(" (the service")[0]
            yield f"location {location[1]} {{ add_header X-Frame-Options DENY always; {rest} }}\n"
    yield "}\n"
