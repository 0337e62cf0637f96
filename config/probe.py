"""What a container asks about itself: `python -m config.probe web|beat|core|poll` ends with 0 or 1."""

import http.client
import os
import sys
from datetime import UTC, datetime

import redis
from django.conf import settings

from config.broker import client, heartbeat_age_s

WEB_PORT = 8000


def web_answers(port: int = WEB_PORT) -> bool:
    """Whether the web process of this machine says that it is well, asked by a name it knows."""
    host = settings.ALLOWED_HOSTS[0].lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def has_pulse(name: str, *, now: datetime) -> bool:
    """Whether beat, or a worker of a queue, was alive a short while ago."""
    try:
        age_s = heartbeat_age_s(client(), name, now=now)
    except redis.RedisError:
        return False
    return age_s is not None and age_s <= settings.HEARTBEAT_MAX_AGE_S


def main(arguments: list[str]) -> int:
    """0 when the named part is well."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    name = arguments[0] if arguments else "web"
    return 0 if (web_answers() if name == "web" else has_pulse(name, now=datetime.now(UTC))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
