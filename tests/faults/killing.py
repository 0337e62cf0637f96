"""Kill a piece of work at its first statement, at its second, … until it once gets through."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, connections

MOST = 1_000


class Dies:
    """Kills its own process at the n-th point: before a statement or before a commit."""

    def __init__(self, n: int) -> None:
        self.left = n

    def point(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def before_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.point()
        return execute(sql, params, many, context)


def point() -> None:
    """A point of the work's own at which it can die: before or after something that is no statement."""
    if dying:
        dying[0].point()


dying: list[Dies] = []
"""In a fork that is to die: what kills it."""


def killed_at_each_point(prepare: Callable[[], Callable[[], object]], *, every: int = 1) -> Iterator[int]:
    """Do the work once for each point at which it can die; yields after every death and the last time.

    `every` takes only each so many-eth point.

    `prepare` sets the stage and returns the work. The work runs in a fork, which is killed the
    hard way; whoever iterates then looks at what is left, and does the work again.
    """
    for n in range(1, MOST, every):
        work = prepare()
        connections.close_all()
        pid = os.fork()
        if pid == 0:
            _die_working(work, n)
        _, status = os.waitpid(pid, 0)
        yield n
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed by itself; see the log"
            return
    raise AssertionError(f"the work has more than {MOST} points")


def _die_working(work: Callable[[], object], n: int) -> None:
    """In the fork: work until the n-th point; leave without the parent's clean-up."""
    dies = Dies(n)
    dying.append(dies)
    commit = getattr(connection, "_commit")  # noqa: B009

    def dying_commit() -> None:
        dies.point()
        commit()

    setattr(connection, "_commit", dying_commit)  # noqa: B010
    try:
        with connection.execute_wrapper(dies.before_statement):
            work()
    except BaseException:  # noqa: B902  # a fork of a test may not come back
        traceback.print_exc(file=sys.stderr)
        os._exit(1)
    os._exit(0)
