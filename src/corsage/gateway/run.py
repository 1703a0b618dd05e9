"""The gateway: nginx, made of a policy, and kept in step with its file."""

from __future__ import annotations

import contextlib
import itertools
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Literal

from corsage.gateway.engine import Engine, find_engine
from corsage.gateway.errors import GatewayError
from corsage.gateway.nginx import Nginx, NginxRefusal
from corsage.gateway.source import Source, read_source, stamp_of
from corsage.layers.nginx.features import Control
from corsage.layers.nginx.words import NginxWriteError
from corsage.layers.nginx.write import write
from corsage.policy.model import Policy

_POLL = 0.25  # seconds between looks at the policy file
_GRACE = 5.0  # seconds for requests under way when the gateway is told to stop
_PORT_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the person who runs the gateway should read.

    ``ready``, ``reloaded``, ``kept`` (a new policy was refused, the old one stays), ``nginx``
    (its own words), ``stopping``, ``died``.
    """

    kind: Literal["ready", "reloaded", "kept", "nginx", "stopping", "died"]
    text: str


Notify = Callable[[Event], None]


def _silent(_: Event) -> None:
    return None


class Gateway:
    """A running gateway. Made by :func:`running`."""

    def __init__(self, source: Source, engine: Engine, workers: int, notify: Notify) -> None:
        self.engine = engine
        self._notify = notify
        self._workers = workers
        self._generations = map(str, itertools.count(1))
        self._nginx = Nginx(engine, workers, lambda line: notify(Event("nginx", line)))
        try:
            self._source = self._start(source)
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
        return _split(self._source.policy.gateway.listen)

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
        # The port that was chosen for port 0 stays.
        if _split(source.policy.gateway.listen)[1] == 0:
            source = _listening(source, self._source.policy.gateway.listen)
        if source.policy.gateway.listen != self._source.policy.gateway.listen:
            _check_port(source)
        self._apply(source)
        self._source = source

    def follow(self, stop: threading.Event) -> None:
        """Keep in step with the policy file until ``stop`` is set or nginx ends."""
        refused = self._source.stamp
        while not stop.wait(_POLL):
            if self.exit_code() is not None:
                return
            now = stamp_of(path for path, _ in refused)
            if now == refused:
                continue
            try:
                self.reload()
            except GatewayError as error:
                # Look again at the next change only; files that it names may be what changes.
                refused = now
                self._notify(Event("kept", f"the policy in force stays:\n{error}"))
            else:
                refused = self._source.stamp
                self._notify(Event("reloaded", f"{self._source.path} is in force"))

    def stop(self, grace: float = 0.0) -> None:
        """End it; ``grace`` is how many seconds requests under way may take to finish."""
        self._nginx.stop(grace)

    def _start(self, source: Source) -> Source:
        if _split(source.policy.gateway.listen)[1] != 0:
            _check_port(source)
            self._apply(source)
            return source
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            chosen = _listening(source, _free_port(source.policy.gateway.listen))
            try:
                self._apply(chosen)
            except GatewayError:
                if attempt == _PORT_ATTEMPTS:
                    raise
                continue
            break
        return chosen

    def _apply(self, source: Source) -> None:
        _check_files(source)
        generation = next(self._generations)
        features = replace(
            self.engine.features,
            workers=self._workers,
            control=Control(self._nginx.socket, generation),
        )
        with _explained(source):
            self._nginx.apply(write(source.policy, features), generation)


@contextlib.contextmanager
def running(
    policy: Policy | Path | str,
    *,
    engine: Engine | str | None = None,
    listen: str | None = None,
    workers: int = 1,
    notify: Notify = _silent,
) -> Iterator[Gateway]:
    """A gateway for the time of a ``with`` block, ready when it begins.

    ``policy`` is a Policy or the path of its file. ``engine`` is an Engine or what
    :func:`find_engine` takes. ``listen`` overrides the policy's address; port 0 takes a free
    one. Raises GatewayError if it cannot start.
    """
    source = Source(policy) if isinstance(policy, Policy) else read_source(Path(policy))
    if listen is not None:
        source = _listening(source, listen)
    chosen = engine if isinstance(engine, Engine) else find_engine(engine)
    gateway = Gateway(source, chosen, workers, notify)
    try:
        yield gateway
    finally:
        gateway.stop()


def run(
    path: Path | str,
    *,
    engine: Engine | str | None = None,
    listen: str | None = None,
    workers: int = 1,
    notify: Notify = _silent,
) -> int:
    """Run the gateway in the foreground and follow its policy file.

    Returns 0 when SIGTERM or SIGINT stopped it, 1 when nginx ended by itself. Raises
    GatewayError if it cannot start. Call it from the main thread.
    """
    stop = threading.Event()
    with (
        _stopping_on(stop),
        running(path, engine=engine, listen=listen, workers=workers, notify=notify) as gateway,
    ):
        notify(Event("ready", f"listening on {gateway.url} with {gateway.engine}"))
        gateway.follow(stop)
        code = gateway.exit_code()
        if code is not None:
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended ({code})"
            notify(Event("died", f"nginx {how}; the gateway is down"))
            return 1
        notify(Event("stopping", "stopping"))
        gateway.stop(_GRACE)
    return 0


def validate(path: Path | str, *, engine: Engine | str | None = None) -> Engine:
    """Let the engine read what :func:`run` would run, and start nothing.

    Returns the engine that would run it. Raises GatewayError if it, or the policy, is refused.
    """
    source = read_source(Path(path))
    chosen = engine if isinstance(engine, Engine) else find_engine(engine)
    _check_files(source)
    nginx = Nginx(chosen, 1, lambda _: None)
    try:
        with _explained(source):
            nginx.test(write(source.policy, chosen.features))
    finally:
        nginx.stop()
    return chosen


@contextlib.contextmanager
def _explained(source: Source) -> Iterator[None]:
    """Turn what the writer or nginx refuses into words about the policy."""
    try:
        yield
    except NginxWriteError as error:
        raise GatewayError(f"{source.where()}{error}") from error
    except NginxRefusal as error:
        raise GatewayError(_explain(str(error), source)) from error


@contextlib.contextmanager
def _stopping_on(stop: threading.Event) -> Iterator[None]:
    def handle(_: int, __: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listening(source: Source, listen: str) -> Source:
    gateway = replace(source.policy.gateway, listen=listen)
    return replace(source, policy=replace(source.policy, gateway=gateway))


def _split(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    return host, int(port)


def _free_port(listen: str) -> str:
    host, _ = _split(listen)
    with _bound(host, 0) as taken:
        return f"{host}:{taken.getsockname()[1]}"


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host.strip("[]"), port))
        yield taken


def _check_port(source: Source) -> None:
    """Ask for the port first: nginx would try for seconds, and say less."""
    listen = source.policy.gateway.listen
    try:
        with _bound(*_split(listen)):
            return
    except PermissionError as error:
        remedy = "use a port above 1023, or run with CAP_NET_BIND_SERVICE"
        raise GatewayError(f"{source.where(listen)}may not listen on {listen}: {remedy}") from error
    except OSError as error:
        remedy = "stop what listens there, or change `listen`"
        what = f"cannot listen on {listen} ({error.strerror}): {remedy}"
        raise GatewayError(f"{source.where(listen)}{what}") from error


def _check_files(source: Source) -> None:
    tls = source.policy.gateway.tls
    for path in () if tls is None else (tls.certificate, tls.key):
        try:
            with Path(path).open("rb"):
                pass
        except OSError as error:
            where = source.where(path, Path(path).name)
            remedy = "tls needs two PEM files that this user may read"
            raise GatewayError(f"{where}{path}: {error.strerror}; {remedy}") from error


def _explain(words: str, source: Source) -> str:
    """nginx's words, with the place in the policy and what to do."""
    if unknown := re.search(r'host not found in upstream "([^"]+)"', words):
        host = unknown[1].rpartition(":")[0]
        urls = [s.url for s in source.policy.services.values() if host in s.url]
        return (
            f"{source.where(*urls)}the host {host} has no address: "
            "correct the service's url, or the name server of this machine"
        )
    if re.search(r"cannot load certificate|PEM_read|SSL_CTX_use_|key values mismatch", words):
        tls = source.policy.gateway.tls
        names = (Path(tls.certificate).name, Path(tls.key).name) if tls else ()
        remedy = "tls needs a PEM certificate and the key that belongs to it"
        return f"{source.where(*names)}the certificate cannot be used: {remedy} ({words})"
    return f"{source.where()}nginx refuses the configuration: {words}"
