"""What is read of an ``.htaccess`` predicts what httpd answers with it for a file."""

from __future__ import annotations

from pathlib import Path

from corsage.browser import Response, WireRequest
from corsage.layers.source import Source
from tests.conformance.engines.process import free_port, process
from tests.layers.gateways_read import live
from tests.layers.httpd_read import test_httpd as httpd

FILES = {
    "login": (
        "AuthType Basic\nAuthName x\nAuthUserFile USERS\nRequire valid-user\nRewriteEngine On\n"
        "RewriteCond %{REQUEST_METHOD} OPTIONS\nRewriteRule ^ - [R=204,L]\n"
        "Header always set Access-Control-Allow-Origin *\n"
    ),
    "list": (
        'SetEnvIf Origin "^(https://app\\.example\\.com)$" O=$1\n'
        "Header set Access-Control-Allow-Origin %{O}e env=O\nHeader merge Vary Origin\n"
    ),
    "preflight": (
        "RewriteEngine On\nRewriteCond %{REQUEST_METHOD} OPTIONS\n"
        "RewriteRule ^(.*)$ $1 [R=200,L]\nHeader always set Access-Control-Allow-Origin *\n"
        "Header set X-Ok 1\n"
    ),
    "conditions": (
        "RewriteEngine On\nRewriteCond %{HTTP:Origin} ^(https://app.*)$\nRewriteRule ^ - [E=O:%1]\n"
        "Header set Access-Control-Allow-Origin %{O}e env=O\n"
        "<If \"%{HTTP:Origin} == 'null'\">\nHeader set X-Null 1\n</If>\n"
    ),
}
OF_FILES = ("last-modified", "accept-ranges")


def seen(response: Response | None):
    found = live.seen(response)
    assert found is not None
    return found[0], [line for line in found[1] if line[0] not in OF_FILES]


def test_every_answer_is_predicted(tmp_path):
    """In front of the same file where no ``.htaccess`` stands."""
    for each in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        each.chmod(0o755)
    (tmp_path / "users").write_text(httpd._PASSWORD)
    texts = {name: text.replace("USERS", str(tmp_path / "users")) for name, text in FILES.items()}
    ports = {name: free_port() for name in (*texts, "plain")}
    loaded = (f"LoadModule {n}_module {httpd._MODULES}/mod_{n}.so\n" for n in httpd._LOADED)
    server = ["".join(loaded), httpd._SERVER.format(folder=tmp_path), "FileETag None\n"]
    for name, port in ports.items():
        folder: Path = tmp_path / name
        folder.mkdir()
        (folder / "a.txt").write_text("x")
        (folder / ".htaccess").write_text(texts.get(name, ""))
        server.append(
            f"Listen 127.0.0.1:{port}\n<VirtualHost *:{port}>\nDocumentRoot {folder}\n"
            f"<Directory {folder}>\nAllowOverride All\n</Directory>\n</VirtualHost>\n"
        )
    (tmp_path / "httpd.conf").write_text("".join(server))
    command = ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", str(tmp_path / "httpd.conf")]

    def behind(request: WireRequest) -> Response:
        return live.answer(ports["plain"], request)

    with process(command, tmp_path, ports["plain"]):
        for name, text in texts.items():
            parsed = httpd.READER.parse(Source(".htaccess", text))
            (instance,) = httpd.READER.link({".htaccess": parsed}).instances
            for origin in live.ORIGINS:
                for method in ("GET", "OPTIONS"):
                    for login in ((), (live.SIGNED_IN,)):
                        headers = (("Origin", origin), *login)
                        asked = WireRequest("actual", method, "http://x.test/a.txt", headers)
                        real = seen(live.answer(ports[name], asked))
                        assert seen(instance.hop(asked, behind)) == real, (name, asked)
