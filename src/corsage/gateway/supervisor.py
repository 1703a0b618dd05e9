"""A running gateway: an engine, made of a policy, and kept in step with its file."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from corsage.gateway import listening
from corsage.gateway.engine import Engine, find_engine
from corsage.gateway.envoy import Envoy
from corsage.gateway.envoy_engine import EnvoyEngine, find_envoy
from corsage.gateway.errors import GatewayError
from corsage.gateway.events import Event, Notify, silent
from corsage.gateway.nginx import Nginx
from corsage.gateway.refusals import explained
from corsage.gateway.source import Source, read_source, stamp_of
from corsage.policy.model import Policy

_POLL = 0.25  # seconds between looks at the policy file
_PORT_ATTEMPTS = 5

AnyEngine: TypeAlias = Engine | EnvoyEngine


class Gateway:
    """A running gateway. Made by :func:`running`."""

    def __init__(
        self,
        source: Source,
        engine: AnyEngine,
        listen: str | None,
        workers: int,
        notify: Notify,
    ) -> None:
        self.engine = engine
        # An address of the caller's, or a port of the system's choice, outlasts the policy.
        self._listen = listen
        self._notify = notify
        self._generations = map(str, itertools.count(1))
        self._process = _process(engine, workers, lambda line: notify(Event("engine", line)))
        try:
            self._source = self._start(self._here(source))
        except BaseException:
            self._process.stop()
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
        """The engine's process, of nginx the master."""
        return self._process.pid

    @property
    def directory(self) -> Path:
        """The engine's own folder, for as long as it runs."""
        return self._process.directory

    def configuration(self) -> str:
        """The configuration in force: nginx's whole, Envoy's routes."""
        return self._process.configuration()

    def exit_code(self) -> int | None:
        """How the engine ended by itself (negative: by which signal); None while it runs."""
        return self._process.exit_code()

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
        """Keep in step with the policy file until ``stop`` is set or the engine ends."""
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
        self._process.stop(grace)

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
        with explained(source):
            self._process.apply(source.policy, next(self._generations))


@contextlib.contextmanager
def running(
    policy: Policy | Path | str,
    *,
    engine: AnyEngine | str | None = None,
    listen: str | None = None,
    workers: int = 1,
    notify: Notify = silent,
) -> Iterator[Gateway]:
    """A gateway for the time of a ``with`` block, ready when it begins.

    ``policy`` is a Policy or the path of its file. ``engine`` is an engine, ``envoy``, or
    what :func:`find_engine` takes. ``listen`` overrides the policy's address; port 0 takes a
    free one. Raises GatewayError if it cannot start.
    """
    source = Source(policy) if isinstance(policy, Policy) else read_source(Path(policy))
    chosen = _chosen(engine)
    gateway = Gateway(source, chosen, listen, workers, notify)
    try:
        yield gateway
    finally:
        gateway.stop()


def validate(path: Path | str, *, engine: AnyEngine | str | None = None) -> AnyEngine:
    """Let the engine read what :func:`run` would run, and start nothing.

    Returns the engine that would run it. Raises GatewayError if it, or the policy, is refused.
    """
    source = read_source(Path(path))
    chosen = _chosen(engine)
    process = _process(chosen, 1, lambda _: None)
    try:
        with explained(source):
            process.test(source.policy)
    finally:
        process.stop()
    return chosen


def _chosen(engine: AnyEngine | str | None) -> AnyEngine:
    if engine is None or isinstance(engine, str):
        return find_envoy() if engine == "envoy" else find_engine(engine)
    return engine


def _process(engine: AnyEngine, workers: int, log: Callable[[str], None]) -> Nginx | Envoy:
    if isinstance(engine, EnvoyEngine):
        return Envoy(engine, workers, log)
    return Nginx(engine, workers, log)
