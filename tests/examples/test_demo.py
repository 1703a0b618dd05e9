"""The demo: one command, one table, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import urllib.request

import pytest

from examples.shop.addresses import PORT_BASE
from tests.examples.processes import alive

pytestmark = pytest.mark.nginx
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m")


def test_once_prints_every_request_and_ends_with_0(demo, free_base):
    shop = demo("--once", "--port-base", str(free_base()))
    output, errors = shop.process.communicate(timeout=60)
    assert (shop.process.returncode, errors) == (0, "")
    assert all(f"{page}, a page at http://" in output for page in ("app", "admin", "partner"))
    assert "through the gateway 32 of 32 do." in " ".join(output.split())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(demo, free_base, number):
    shop = demo("--port-base", str(free_base()))
    shop.wait_until_up()
    family = shop.family()
    assert len(family) > 2, "nginx and its worker belong to the family"
    shop.process.send_signal(number)
    _, errors = shop.process.communicate(timeout=20)
    assert (shop.process.returncode, errors) == (0, "")
    assert alive(family) == set()


def test_ctrl_c_on_a_terminal_reaches_the_whole_group_and_is_still_a_clean_end(demo, free_base):
    shop = demo("--port-base", str(free_base()))
    shop.wait_until_up()
    family = shop.family()
    os.killpg(shop.process.pid, signal.SIGINT)
    _, errors = shop.process.communicate(timeout=20)
    assert (shop.process.returncode, errors) == (0, "")
    assert alive(family) == set()


def test_even_kill_9_leaves_nothing_behind(demo, free_base):
    shop = demo("--port-base", str(free_base()))
    shop.wait_until_up()
    family = shop.family()
    shop.process.kill()
    shop.process.communicate(timeout=20)
    assert alive(family) == set()


def test_it_serves_its_pages_until_it_is_told_to_end(demo, free_base):
    base = free_base()
    shop = demo("--port-base", str(base))
    assert f"http://localhost:{base + 1}" in shop.wait_until_up()
    for page in (f"http://localhost:{base + 1}/", f"http://127.0.0.1:{base + 3}/calls"):
        with urllib.request.urlopen(page, timeout=10) as response:
            assert response.status == 200


def test_a_port_in_use_is_named_with_a_block_that_is_free(demo, free_base):
    base = free_base()
    with socket.create_server(("127.0.0.1", base + 12)):
        shop = demo("--port-base", str(base))
        output, errors = shop.process.communicate(timeout=60)
    assert (shop.process.returncode, output) == (1, "")
    assert f"port {base + 12} on 127.0.0.1 is in use" in errors
    assert re.search(r"--port-base \d{5}\n$", errors)


def test_without_a_port_base_the_shop_moves_out_of_the_way(demo):
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", PORT_BASE))
            holder.listen()
        except OSError:
            pass  # somebody else holds it, which is just as well
        shop = demo("--once")
        output, errors = shop.process.communicate(timeout=60)
    assert (shop.process.returncode, errors) == (0, "")
    assert re.match(rf"The ports from {PORT_BASE} on are in use; the shop opens at \d+\.", output)


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_table_fits_its_width_and_a_pipe_gets_no_colours(demo, free_base, columns):
    environment = {**os.environ, "COLUMNS": columns}
    shop = demo("--once", "--port-base", str(free_base()), env=environment)
    output, _ = shop.process.communicate(timeout=60)
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) <= int(columns)


@pytest.mark.parametrize("no_color", [False, True], ids=["colours", "NO_COLOR"])
def test_a_terminal_gets_colours_unless_it_asks_for_none(demo, free_base, no_color):
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    if no_color:
        environment["NO_COLOR"] = "1"
    ours, theirs = os.openpty()
    shop = demo("--once", "--port-base", str(free_base()), stdout=theirs, env=environment)
    os.close(theirs)
    output = _read_all(ours)
    assert shop.process.wait(timeout=60) == 0
    assert "billing" in output
    assert bool(COLOUR.search(output)) is not no_color


def _read_all(terminal: int) -> str:
    pieces = []
    try:
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    except OSError:
        pass  # Linux ends a terminal whose other side is closed with EIO
    finally:
        os.close(terminal)
    return b"".join(pieces).decode()
