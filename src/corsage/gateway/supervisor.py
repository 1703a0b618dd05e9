"""A running gateway: nginx, made of a policy, and kept in step with its file."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from corsage.gateway import listening
from corsage.gateway.engine import Engine, find_engine
from corsage.gateway.errors import GatewayError
from corsage.gateway.events import Event, Notify, silent
from corsage.gateway.nginx import Nginx
from corsage.gateway.refusals import explained
from corsage.gateway.source import Source, read_source, stamp_of
from corsage.layers.nginx.features import Control
from corsage.layers.nginx.write import write
from corsage.policy.model import Policy

_POLL = 0.25  # seconds between looks at the policy file
_PORT_ATTEMPTS = 5


class Gateway:
    """A running gateway. Made by :func:`running`."""

    def __init__(
        self,
        source: Source,
        engine: Engine,
        listen: str | None,
        workers: int,
        notify: Notify,
    ) -> None:
        self.engine = engine
        # An address of the caller's, or a port of the system's choice, outlasts the policy.
        self._listen = listen
        self._notify = notify
        self._workers = workers
        self._generations = map(str, itertools.count(1))
        self._nginx = Nginx(engine, workers, lambda line: notify(Event("nginx", line)))
        try:
            self._source = self._start(self._here(source))
        except BaseException:
            self._nginx.stop()
            raise

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self._source.policy

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        return listening.split(self._source.policy.gateway.listen)

    @property
    def url(self) -> str:
        """``http(s)://host:port``, for a client on this machine."""
        scheme = "https" if self._source.policy.gateway.tls else "http"
        return f"{scheme}://{self._source.policy.gateway.listen}"

    @property
    def pid(self) -> int | None:
        """nginx's master process."""
        return self._nginx.pid

    @property
    def directory(self) -> Path:
        """nginx's own folder, for as long as it runs."""
        return self._nginx.directory

    def configuration(self) -> str:
        """The nginx.conf in force."""
        return (self._nginx.directory / "nginx.conf").read_text(encoding="utf-8")

    def exit_code(self) -> int | None:
        """How nginx ended by itself (negative: by which signal); None while it runs."""
        return self._nginx.exit_code()

    def reload(self, policy: Policy | None = None) -> None:
        """Take over ``policy``, or the file's present content, without stopping.

        Raises GatewayError if it is refused; the policy in force stays.
        """
        if policy is not None:
            source = Source(policy)
        elif self._source.path is not None:
            source = read_source(self._source.path)
        else:
            raise GatewayError("this gateway has no policy file to read again; pass a policy")
        source = self._here(source)
        if source.policy.gateway.listen != self._source.policy.gateway.listen:
            listening.check_port(source)
        self._apply(source)
        self._source = source

    def follow(self, stop: threading.Event) -> None:
        """Keep in step with the policy file until ``stop`` is set or nginx ends."""
        seen = self._source.stamp
        while not stop.wait(_POLL):
            if self.exit_code() is not None:
                return
            now = stamp_of(path for path, _ in seen)
            if now == seen:
                continue
            try:
                self.reload()
            except GatewayError as error:
                # What the refused policy names is watched too: the mistake may be there.
                new = set(error.files) - {path for path, _ in now}
                seen = (*now, *stamp_of(sorted(new)))
                self._notify(Event("kept", f"the policy in force stays:\n{error}"))
            else:
                seen = self._source.stamp
                self._notify(Event("reloaded", f"{self._source.path} is in force"))

    def stop(self, grace: float = 0.0) -> None:
        """End it; ``grace`` is how many seconds requests under way may take to finish."""
        self._nginx.stop(grace)

    def _here(self, source: Source) -> Source:
        return source if self._listen is None else listening.at(source, self._listen)

    def _start(self, source: Source) -> Source:
        if not listening.is_any_port(source.policy.gateway.listen):
            listening.check_port(source)
            self._apply(source)
            return source
        for attempt in itertools.count(1):
            chosen = listening.at_free_port(source)
            try:
                self._apply(chosen)
            except GatewayError:
                # Somebody may have taken the port in the meantime.
                if attempt == _PORT_ATTEMPTS:
                    raise
            else:
                break
        self._listen = chosen.policy.gateway.listen
        return chosen

    def _apply(self, source: Source) -> None:
        generation = next(self._generations)
        features = replace(
            self.engine.features,
            workers=self._workers,
            control=Control(self._nginx.socket, generation),
        )
        with explained(source):
            self._nginx.apply(write(source.policy, features), generation)


@contextlib.contextmanager
def running(
    policy: Policy | Path | str,
    *,
    engine: Engine | str | None = None,
    listen: str | None = None,
    workers: int = 1,
    notify: Notify = silent,
) -> Iterator[Gateway]:
    """A gateway for the time of a ``with`` block, ready when it begins.

    ``policy`` is a Policy or the path of its file. ``engine`` is an Engine or what
    :func:`find_engine` takes. ``listen`` overrides the policy's address; port 0 takes a free
    one. Raises GatewayError if it cannot start.
    """
    source = Source(policy) if isinstance(policy, Policy) else read_source(Path(policy))
    chosen = engine if isinstance(engine, Engine) else find_engine(engine)
    gateway = Gateway(source, chosen, listen, workers, notify)
    try:
        yield gateway
    finally:
        gateway.stop()


def validate(path: Path | str, *, engine: Engine | str | None = None) -> Engine:
    """Let the engine read what :func:`run` would run, and start nothing.

    Returns the engine that would run it. Raises GatewayError if it, or the policy, is refused.
    """
    source = read_source(Path(path))
    chosen = engine if isinstance(engine, Engine) else find_engine(engine)
    nginx = Nginx(chosen, 1, lambda _: None)
    try:
        with explained(source):
            nginx.test(write(source.policy, chosen.features))
    finally:
        nginx.stop()
    return chosen
