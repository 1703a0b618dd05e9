"""How fast a remote deployment is verified: 2,000 cases of a server that takes 20 ms to answer.

python benchmarks/verify.py
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection

from corsage.browser import WireRequest
from corsage.live.verify import Scope, Target, Verifier
from corsage.policy import Policy, load_policy, serve

LATENCY = 0.020  # seconds
CASES = 2000
CONNECTIONS = (4, 16, 32)
ROUTES = 60

POLICY = f"""\
version: 1
gateway: {{public: 'http://127.0.0.1'}}
origins: {{app: ['https://app.example.com', 'https://admin.example.com']}}
services: {{api: 'http://127.0.0.1:1'}}
policies:
  session:
    allow_origins: [app]
    allow_credentials: true
    allow_methods: [GET, PUT, PATCH, DELETE]
    allow_headers: [Content-Type, X-Request-Id]
    max_age: 600
routes: [{", ".join(f"{{path: /r{n}, service: api, cors: session}}" for n in range(ROUTES))}]
"""


def deployment(ready: multiprocessing.connection.Connection) -> None:
    """The policy itself as an HTTP server that is far away."""
    meant = serve(load_policy(POLICY))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                writer.close()
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            method, path, _ = first.split(" ")
            headers = tuple((n, v) for n, _, v in (line.partition(": ") for line in lines) if n)
            asked = WireRequest("actual", method, f"http://127.0.0.1{path}", headers)
            answer = meant(asked)
            assert answer is not None
            told = [f"HTTP/1.1 {answer.status} OK", *(f"{n}: {v}" for n, v in answer.headers)]
            if answer.status != 204:
                told.append("Content-Length: 0")
            await asyncio.sleep(LATENCY)
            writer.write("\r\n".join((*told, "", "")).encode("latin-1"))

    async def run() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def measure(policy: Policy, url: str, connections: int) -> None:
    target = Target(url, connections=connections)
    found = Verifier(policy, target, Scope(sample=CASES)).round()
    assert not found.findings, found.findings[0]
    pace = found.requests / found.seconds
    print(
        f"{connections:>3} connections  {found.asked:,} cases  {found.requests:,} requests  "
        f"{found.seconds:6.2f} s  {pace:6,.0f} requests/s"
    )


def main() -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=deployment, args=(theirs,), daemon=True)
    process.start()
    try:
        url = f"http://127.0.0.1:{ours.recv()}"
        policy = load_policy(POLICY)
        for connections in CONNECTIONS:
            measure(policy, url, connections)
    finally:
        process.kill()
        process.join()


if __name__ == "__main__":
    main()
