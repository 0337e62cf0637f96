"""What must be configured before Weerwoord starts, and the secret it makes for itself in a demo."""

import base64
import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

APP_ENVS = ("demo", "test", "production", "exercise")

EXERCISE = "exercise.json"
"""The file that makes a directory the space of an exercise: `bin/exercise` writes it."""

OUTSIDE = (
    *("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "CREDENTIAL_KEYS", "VAPID_PRIVATE_KEY"),
    *("CHAT_HOSTS", "DEADMAN_URL", "AUDIT_HEAD_TO", "CSRF_TRUSTED_ORIGINS", "DATABASE_POOL"),
)
"""Settings that lead out of an exercise: it reads none of them."""

REQUIRED_IN_PRODUCTION = {
    "SECRET_KEY": "a random text of at least 50 characters",
    "ALLOWED_HOSTS": "the host names officers type, separated by commas",
    "DATABASE_URL": "postgres://user:password@host:5432/name (or sqlite:////path/to/file)",
    "REDIS_URL": "redis://host:6379/0, a Valkey or Redis with noeviction; or embedded, with bin/start",
    "CREDENTIAL_KEYS": "32 random bytes in URL-safe base64, to seal the keys of platforms (docs/install.md)",
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
    keys = environment.get("CREDENTIAL_KEYS", "").strip()
    if keys and not all(is_sealing_key(key.strip()) for key in keys.split(",")):
        faults.append(f"CREDENTIAL_KEYS holds what is no key: {REQUIRED_IN_PRODUCTION['CREDENTIAL_KEYS']}")
    if faults:
        raise SettingsMissing(faults)


def enter_space(environment: MutableMapping[str, str], data_dir: Path) -> None:
    """Forget every setting that leads out of an exercise. Raises SettingsMissing where there is none."""
    if not (data_dir / EXERCISE).is_file():
        raise SettingsMissing([f"APP_ENV is 'exercise', and {data_dir} is no exercise: start bin/exercise"])
    for name in OUTSIDE:
        environment.pop(name, None)


def is_sealing_key(text: str) -> bool:
    """Whether this is a key to seal with: 32 bytes in URL-safe base64."""
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except ValueError:
        return False


def read_env_file(path: Path) -> None:
    """Add the lines of `.env` to the environment, unless it asks for a demo or a test by name.

    A demo must never seed its incident into the database that `.env` names.
    """
    if os.environ.get("APP_ENV", "production") == "production" and path.is_file():
        environ.Env.read_env(path)


def local_secret(data_dir: Path) -> str:
    """The secret of this data directory, made on first use and readable by its owner only."""
    return _local(data_dir / "secret_key", secrets.token_urlsafe(48))


def local_sealing_key(data_dir: Path) -> str:
    """The key that seals credentials in this data directory, outside production."""
    return _local(data_dir / "credential_key", base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def local_push_key(data_dir: Path) -> str:
    """The key that signs push messages of this data directory, outside production."""
    scalar = bytes([secrets.randbelow(127) + 1]) + secrets.token_bytes(31)  # below the order of P-256
    return _local(data_dir / "push_key", base64.urlsafe_b64encode(scalar).rstrip(b"=").decode())


def _local(path: Path, fresh: str) -> str:
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8") as file:  # mode 0600
            file.write(fresh)
            file.flush()
            with contextlib.suppress(FileExistsError):  # another process was first
                path.hardlink_to(file.name)
    return path.read_text(encoding="utf-8").strip()
