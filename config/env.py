"""What must be configured before Weerwoord starts, and the secret it makes for itself in a demo."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

APP_ENVS = ("demo", "test", "production")

REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "a random text of at least 50 characters",
    "ALLOWED_HOSTS": "the host names officers type, separated by commas",
    "DATABASE_URL": "postgres://user:password@host:5432/name (or sqlite:////path/to/file)",
    "REDIS_URL": "redis://host:6379/0, a Valkey or Redis with maxmemory-policy noeviction",
    "EMAIL_URL": "smtp+tls://user:password@host:587; without mail an alarm reaches nobody",
}
SHORTEST_SECRET = 50


class SettingsMissing(ImproperlyConfigured):
    """Weerwoord is half configured: every missing setting at once."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(faults)

    def __str__(self) -> str:
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        return f"Weerwoord does not start half-configured. Set these in the environment or in .env:\n{lines}"


def refuse_half_configured(environment: Mapping[str, str]) -> None:
    """Raise SettingsMissing, naming every fault at once, unless production has all it needs."""
    faults = [
        f"{name} is missing: {what}"
        for name, what in REQUIRED_IN_PRODUCTION.items()
        if not environment.get(name, "").strip()
    ]
    secret = environment.get("SECRET_KEY", "").strip()
    if secret and len(secret) < SHORTEST_SECRET:
        faults.append(f"SECRET_KEY is too short: {REQUIRED_IN_PRODUCTION['SECRET_KEY']}")
    if "*" in environment.get("ALLOWED_HOSTS", "").split(","):
        faults.append("ALLOWED_HOSTS is '*': name the hosts, or anybody's links carry your sign-in")
    if faults:
        raise SettingsMissing(faults)


def local_secret(data_dir: Path) -> str:
    """The secret of this data directory, made on first use and readable by its owner only."""
    path = data_dir / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secret)
    return secret
