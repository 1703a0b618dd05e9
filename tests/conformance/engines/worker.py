"""A host process for application targets: it stays up and loads one rendered policy after another.

The parent writes a line of JSON (what to load) and reads one (the port). Starting Node.js or
importing Django for each of hundreds of policies would take minutes.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conformance import service
from tests.conformance.engines import Launch, Live, Rendered, any_method
from tests.conformance.engines.process import end


@contextmanager
def worker(
    command: Sequence[str],
    workspace: Path,
    module: str,
    own_answers: Mapping[str, tuple[str, str]] | None = None,
    parses: Callable[[str], bool] = any_method,
) -> Iterator[Launch]:
    """Start ``command`` and yield the Launch that has it load the rendered file ``module``."""
    log = workspace / "stderr"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            cwd=workspace,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            text=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None

    def tell(message: dict[str, object]) -> dict[str, int]:
        try:
            print(json.dumps(message), file=process.stdin, flush=True)
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        assert answer, f"{command} ended: {log.read_text()[-4000:]}"
        return json.loads(answer)

    @contextmanager
    def launch(rendered: Rendered) -> Iterator[Live]:
        rendered.write()
        seen = rendered.folder / "seen"
        seen.touch()
        routes = [
            {"host": route.host, "path": route.path, "exact": route.match == "exact"}
            for route in rendered.policy.routes
        ]
        port = tell(
            {
                "module": str(rendered.folder / module),
                "seen": str(seen),
                "routes": routes,
                "answers": service.as_json(),
            }
        )["port"]
        try:
            yield Live(port, lambda: seen.stat().st_size, own_answers or {}, parses)
        finally:
            tell({"close": True})

    try:
        yield launch
    finally:
        end(process)
