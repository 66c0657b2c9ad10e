"""Processes that do one task after the other, and may die of one without taking the others along.

The standard pools do not serve here: one of them does not tell which task its process died of, the other waits for that
process for ever. Processes are started anew (`spawn`) and not copied: a copy would hold locks of threads that it does
not have, such as the one that draws the progress, and the connections of an object store.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
from collections import deque
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from policypack.cli.many.memory import Tidy
from policypack.model.records import dataclass
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

Task = TypeVar("Task")
Result = TypeVar("Result")

_SPAWN: Final = multiprocessing.get_context("spawn")
_STARTS: Final = 3
"""How many processes may end before they are ready, until we give up."""

_PATIENCE: Final = 5.0
"""Seconds that a process gets to end when it is told to."""


@dataclass(frozen=True)
class Died:
    """A process died of a task, and another one died of it again when it had the machine for itself.

    Attributes:
        exit_code: How it ended; the negative number of a signal that ended it.
    """

    exit_code: int

    @property
    def how(self) -> str:
        """How it ended, in words."""
        if self.exit_code >= 0:
            return f"with exit code {self.exit_code}"
        with contextlib.suppress(ValueError):
            return f"by {signal.Signals(-self.exit_code).name}"
        return f"by signal {-self.exit_code}"


class _Worker(Generic[Task, Result]):
    """One process, and our end of the pipe to it."""

    def __init__(self, work: Callable[[Task], Result]) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self._process: SpawnProcess = _SPAWN.Process(target=_serve, args=(theirs, work), daemon=True)
        try:
            with _interrupts_ignored():
                self._process.start()
        except OSError as error:  # no more processes, no more memory, or it has gone while it was told what to do
            raise _no_start() from error
        theirs.close()
        self.ready = False
        self.task: tuple[int, Task] | None = None

    def give(self, task: tuple[int, Task]) -> None:
        self.task = task
        # Of one that is dead already we hear when we listen.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.connection.send(task[1])

    def exit_code(self) -> int:
        self._process.join(_PATIENCE)
        code = self._process.exitcode
        return code if code is not None else 0

    def end(self) -> None:
        """End the process, whatever it does."""
        self.connection.close()
        self._process.terminate()
        self._process.join(_PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


class Pool(Generic[Task, Result]):
    """Several processes. Each has one task at a time, so that what waits is a list of tasks and nothing else."""

    def __init__(self, count: int, work: Callable[[Task], Result]) -> None:
        """Choose how many processes there are, and what they do; it must be fit to be sent to them."""
        self._count = count
        self._work = work
        self._workers: list[_Worker[Task, Result]] = []
        self._died: list[tuple[tuple[int, Task], Died]] = []

    def run(self, tasks: Sequence[Task]) -> Generator[tuple[int, Result | Died], None, None]:
        """Give the number of each task and its result, in the order in which they are done.

        Whoever stops listening ends the processes, if need be in the middle of a task.

        Raises:
            InputError: The processes do not come up at all.
        """
        try:
            yield from self._round(deque(enumerate(tasks)), self._count)
            # Perhaps it was the memory that several took together: once more, one by one.
            for task, _ in self._taken_died():
                yield from self._round(deque([task]), 1)
                for (number, _), died in self._taken_died():
                    yield number, died
        finally:
            for worker in self._workers:
                worker.end()
            self._workers.clear()

    def _taken_died(self) -> list[tuple[tuple[int, Task], Died]]:
        died, self._died = self._died, []
        return died

    def _round(self, waiting: deque[tuple[int, Task]], count: int) -> Iterator[tuple[int, Result | Died]]:
        failed_starts = 0
        while waiting or any(worker.task for worker in self._workers):
            while len(self._workers) > count:
                self._workers.pop().end()
            busy = sum(worker.task is not None for worker in self._workers)
            while len(self._workers) < min(count, busy + len(waiting)):
                self._workers.append(_Worker(self._work))
            for worker in self._workers:
                if worker.ready and worker.task is None and waiting:
                    worker.give(waiting.popleft())
            for worker in self._speaking():
                try:
                    said = worker.connection.recv()
                except (EOFError, ConnectionResetError):
                    failed_starts += not worker.ready
                    if self._bury(worker) and failed_starts >= _STARTS:
                        raise _no_start() from None
                    continue
                if worker.task is None:
                    worker.ready = True
                else:
                    number, worker.task = worker.task[0], None
                    yield number, said

    def _speaking(self) -> list[_Worker[Task, Result]]:
        spoke = set(wait([worker.connection for worker in self._workers]))
        return [worker for worker in self._workers if worker.connection in spoke]

    def _bury(self, worker: _Worker[Task, Result]) -> bool:
        """Take a dead process out; tell whether it had not come to any task."""
        died = Died(worker.exit_code())
        self._workers.remove(worker)
        worker.end()
        if worker.task is not None:
            self._died.append((worker.task, died))
        return worker.task is None


def _no_start() -> InputError:
    return InputError(
        "the processes that judge the stacks end before they have begun",
        what_to_do="Run it with --jobs 1, which needs none, to see what is wrong.",
    )


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Start a process that Ctrl-C does not reach: it is we who end it, without a traceback of each."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _serve(connection: Connection, work: Callable[[Any], object]) -> None:
    """Do one task after the other, until there are no more or nobody listens."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Tidy() as tidy, contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        connection.send(None)
        while True:
            result = work(connection.recv())
            connection.send(result)
            del result
            tidy.after_one()
