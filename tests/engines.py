"""The real engines under the tests: a PostgreSQL and a Valkey, started for one run and thrown away."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import redis

from config.bench.engines import EngineMissing, running_postgres, wait_until
from config.embedded import server_args

__all__ = ["EngineMissing", "broker_version", "running_postgres", "running_valkey"]


@contextlib.contextmanager
def running_valkey(*settings: str) -> Iterator[str]:
    """A fresh broker behind a socket, with other settings if given; the value is its REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="weerwoord-valkey-") as place:
        socket = Path(place) / "valkey.sock"
        log_path = Path(place) / "valkey.log"
        with log_path.open("wb") as log:
            server = subprocess.Popen(
                [*server_args(socket), *settings],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(socket.exists, server, log_path)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait()


def broker_version(url: str) -> str:
    """The name and version of a broker."""
    facts = redis.Redis.from_url(url).info("server")
    name = facts.get("server_name", "redis")
    return f"{name} {facts.get(f'{name}_version', facts['redis_version'])}"
