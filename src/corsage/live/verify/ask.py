"""Asking a deployment. The only file here that sends anything, except for watch's listener."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from corsage.browser import Response, WireRequest, judge
from corsage.live.client import NoAnswerError, OffLimitsError
from corsage.live.verify.answer import Answer, readable
from corsage.live.verify.plan import SAFE_METHODS, Question

_MOST_SILENT_HERE = 8  # requests in a row without an answer, of one kind at one route
_MOST_SILENT = 40  # of one kind anywhere: it is gone, or does not want to be asked
_LOOK = 0.2  # seconds between looks at whether to stop


class Pace:
    """At most ``rate`` requests a second, over all threads; None for as many as it takes."""

    def __init__(self, rate: float | None) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Until it is the caller's turn."""
        if not self._gap:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._gap
        time.sleep(turn - now)


class _Patience:
    """What is no longer asked because nothing answers: each silence costs a whole timeout."""

    def __init__(self) -> None:
        self._in_a_row: dict[tuple[str, str], list[NoAnswerError]] = {}

    def check(self, place: str, kind: str) -> None:
        """Raises the last silence if asking for this kind at this route is given up."""
        for key, most in (((place, kind), _MOST_SILENT_HERE), (("", kind), _MOST_SILENT)):
            silences = self._in_a_row.get(key, [])
            if len(silences) >= most:
                raise silences[-1]

    def note(self, place: str, kind: str, silence: NoAnswerError | None) -> None:
        """One request more was answered (None), or not."""
        for key in ((place, kind), ("", kind)):
            self._in_a_row[key] = [] if silence is None else [*self._in_a_row.get(key, []), silence]


class Asker:
    """Asks one question at a time; threads may share it.

    ``exchange`` sends a request and returns the response; it raises
    :class:`~corsage.live.client.NoAnswerError` where none came. Preflights and GET and HEAD are
    sent, other methods only with ``send``. ``requests`` counts what was sent.
    """

    def __init__(
        self, exchange: Callable[[WireRequest], Response], pace: Pace, *, send: bool = False
    ) -> None:
        self._exchange = exchange
        self._pace = pace
        self._send = send
        self._lock = threading.Lock()
        self._patience = _Patience()
        self.requests = 0

    def __call__(self, question: Question) -> Answer:
        """What comes back, judged as browsers do. Each request is sent once, for all of them."""
        known: dict[WireRequest, Response | None] = {}
        assumed: dict[WireRequest, None] = {}
        silences: list[str] = []

        def server(request: WireRequest) -> Response | None:
            if request in assumed:
                return readable(request)
            if request not in known:
                if not self._may_send(request):
                    assumed[request] = None
                    return readable(request)
                try:
                    known[request] = self._patiently(request, question.place)
                except OffLimitsError:
                    assumed[request] = None
                    return readable(request)
                except NoAnswerError as error:
                    known[request] = None
                    silences.append(str(error))
            return known[request]

        got = judge(question.case.request, server)
        silence = silences[0] if silences else ""
        return Answer(question, tuple(known.items()), got, tuple(assumed), silence)

    def send(self, request: WireRequest) -> Response:
        """One request as it is. Raises what ``exchange`` raises."""
        self._pace.wait()
        with self._lock:
            self.requests += 1
        return self._exchange(request)

    def _patiently(self, request: WireRequest, place: str) -> Response:
        self._patience.check(place, request.kind)
        try:
            response = self.send(request)
        except NoAnswerError as error:
            self._patience.note(place, request.kind, error)
            raise
        self._patience.note(place, request.kind, None)
        return response

    def _may_send(self, request: WireRequest) -> bool:
        return self._send or request.kind == "preflight" or request.method in SAFE_METHODS


def ask_all(
    questions: Iterable[Question],
    ask: Callable[[Question], Answer],
    *,
    connections: int = 16,
    stop: threading.Event | None = None,
) -> Iterator[Answer]:
    """The answers, in the order in which they come, ``connections`` of them asked for at once.

    Ends early when ``stop`` is set.
    """
    stop = stop or threading.Event()
    done: queue.Queue[Answer | BaseException | None] = queue.Queue(maxsize=4 * connections)
    waiting = iter(questions)
    lock = threading.Lock()
    ended = threading.Event()

    def tell(answer: Answer | BaseException | None) -> None:
        told = False
        while not (told or ended.is_set()):
            with suppress(queue.Full):
                done.put(answer, timeout=_LOOK)
                told = True

    def work() -> None:
        try:
            while not (stop.is_set() or ended.is_set()):
                with lock:
                    question = next(waiting, None)
                if question is None:
                    break
                tell(ask(question))
        except BaseException as error:  # noqa: BLE001 -- raised again by who waits for it
            tell(error)
        tell(None)

    # Daemons: Ctrl-C does not wait for what a server takes its time over.
    for _ in range(connections):
        threading.Thread(target=work, daemon=True).start()
    working = connections
    try:
        while working and not stop.is_set():
            with suppress(queue.Empty):
                answer = done.get(timeout=_LOOK)
                if isinstance(answer, BaseException):
                    raise answer
                if answer is None:
                    working -= 1
                else:
                    yield answer
        # What has come by now counts, too.
        while stop.is_set() and not done.empty():
            answer = done.get_nowait()
            if isinstance(answer, Answer):
                yield answer
    finally:
        ended.set()
