"""The border of an exercise: what would leave its space is refused here, and written down.

Closed once, by the settings, before anything else of an exercise is loaded; a process never opens it again.
Every way out asks `stops` first. Under all of them lies a hook of Python itself, which sees what any library
does: no connection but to our own broker, no name looked up, no database or file outside the space, no
other program (docs/decisions/0017-an-exercise-has-a-space-of-its-own.md).
"""

import json
import os
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ATTEMPTS = "attempts.jsonl"
LONGEST = 300
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
DEVICES = ("/dev/", "/proc/self/")
LOOK_UPS = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
)
PROGRAMS = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"})
HARMLESS = frozenset({"uname"})
"""Programs that a worker asks what machine it runs on."""
CHANGES = frozenset(
    {"os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "shutil.rmtree"}
)
MOVES = frozenset({"os.rename", "os.link", "os.symlink", "shutil.move", "shutil.copyfile"})
SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})

_space: Path | None = None
_broker: frozenset[str] = frozenset()
_is_writing: ContextVar[bool] = ContextVar("is_writing", default=False)


class StaysInside(OSError):
    """Something wanted to leave the exercise. An OSError, so that whoever wanted it says that it failed."""

    def __init__(self, way: str, to: str) -> None:
        super().__init__(f"This is an exercise: nothing leaves its space ({way}).")
        self.way, self.to = way, to


def close(space: Path, *, broker: Collection[Path] = ()) -> None:
    """From here on nothing of this process leaves `space`, but for the sockets of its own broker."""
    global _space, _broker
    is_first = _space is None
    _space, _broker = space.resolve(), frozenset(str(path) for path in broker)
    if is_first:
        sys.addaudithook(_watch)


def is_closed() -> bool:
    """Whether this process belongs to an exercise."""
    return _space is not None


def stops(way: str, to: str) -> bool:
    """Whether this way out is shut; what wanted to go is then written down. `to`: never a secret."""
    if _space is None:
        return False
    _write_down(_space, way, to)
    return True


def attempts(space: Path) -> list[dict[str, str]]:
    """What wanted to leave a space: when, by which way and where to, oldest first."""
    path = space / ATTEMPTS
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


@contextmanager
def _writing() -> Iterator[None]:
    token = _is_writing.set(True)
    try:
        yield
    finally:
        _is_writing.reset(token)


def _write_down(space: Path, way: str, to: str) -> None:
    at = datetime.fromtimestamp(time.time(), tz=UTC).isoformat(timespec="seconds")
    line = json.dumps({"at": at, "way": way, "to": to[:LONGEST]}, ensure_ascii=False)
    with _writing(), (space / ATTEMPTS).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """What Python is about to do; raises StaysInside for what would leave."""
    found = _leaving(event, args)
    if found is None or _space is None or _is_writing.get():
        return
    way, to = found
    _write_down(_space, way, to)
    raise StaysInside(way, to)


def _leaving(event: str, args: tuple[Any, ...]) -> tuple[str, str] | None:
    """The way and the aim of what would leave the space; None for all that stays."""
    if event == "open":
        return _opened(*args[:3])
    if event in SENDS:
        return _sent(event, args[1])
    if event in LOOK_UPS:
        return event, str(args[0])
    if event in PROGRAMS:
        name = _first(args[0])
        return None if name in HARMLESS else (event, name)
    if event == "sqlite3.connect":
        return _outside(event, str(args[0]).removeprefix("file:").partition("?")[0])
    if event in CHANGES or event in MOVES:
        return next(filter(None, (_outside(event, path) for path in _paths(event, args))), None)
    return None


def _paths(event: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """What is changed: a move or a link has two ends, a copy only writes the second."""
    if event not in MOVES:
        return args[:1]
    return args[:2] if event in ("os.rename", "shutil.move") else args[1:2]


def _opened(path: Any, mode: Any, flags: Any) -> tuple[str, str] | None:
    writes = bool(flags & WRITES) if isinstance(flags, int) else any(sign in str(mode) for sign in "wax+")
    return _outside("file", path) if writes else None


def _sent(event: str, address: Any) -> tuple[str, str] | None:
    """Our own broker listens on a socket file; a pair of sockets in one process has no address."""
    if isinstance(address, str | bytes):
        name = os.fsdecode(address)
        return None if name in _broker or not name else (event, name)
    return None if address is None else (event, str(address[0]))


def _outside(way: str, path: Any) -> tuple[str, str] | None:
    """The path, when it lies outside the space. A file that is open already has no path, only a number."""
    if isinstance(path, int) or path is None or _space is None:
        return None
    name = os.path.realpath(os.fsdecode(path))
    if name == str(_space) or name.startswith((f"{_space}{os.sep}", *DEVICES)) or str(path) == ":memory:":
        return None
    return way, name


def _first(command: Any) -> str:
    """The name of a program, without what it is told."""
    name = command if isinstance(command, str | bytes | os.PathLike) else next(iter(command), "")
    return os.fsdecode(name).split()[0] if name else ""
