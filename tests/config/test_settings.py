"""Production refuses to start half-configured, and is strict when it does start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.env import (
    REQUIRED_IN_PRODUCTION,
    SettingsMissing,
    is_sealing_key,
    local_sealing_key,
    local_secret,
    read_env_file,
    refuse_half_configured,
)

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "SECRET_KEY": "zeer-geheim-en-lang-genoeg-" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "CREDENTIAL_KEYS": "qL8Xv8z1n2M3b4V5c6X7z8L9k0J1h2G3f4D5s6A7p8Q=",
    "ALLOWED_HOSTS": "meldkamer.example",
    "DATABASE_URL": "sqlite:////nowhere/weerwoord.sqlite3",
    "REDIS_URL": "redis://broker.example:6379/0",
    "EMAIL_URL": "smtp+tls://post:geheim@mail.example:587",
}


def manage(environment: dict[str, str], *args: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a stranger would, with only these settings."""
    kept = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)}
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_names_every_missing_setting_at_once(tmp_path: Path) -> None:
    done = manage({"APP_ENV": "production"}, "check", data_dir=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in REQUIRED_IN_PRODUCTION:
        assert f"{name} is missing" in done.stderr


@pytest.mark.parametrize("name", sorted(REQUIRED_IN_PRODUCTION))
def test_each_required_setting_is_missed_by_name(name: str) -> None:
    with pytest.raises(SettingsMissing, match=f"{name} is missing") as refusal:
        refuse_half_configured({**COMPLETE, name: " "})
    assert len(refusal.value.faults) == 1


def test_a_short_secret_and_a_host_that_is_everybody_are_refused() -> None:
    with pytest.raises(SettingsMissing) as refusal:
        refuse_half_configured({**COMPLETE, "SECRET_KEY": "kort", "ALLOWED_HOSTS": "*"})
    assert "SECRET_KEY is too short" in str(refusal.value)
    assert "ALLOWED_HOSTS is '*'" in str(refusal.value)
    assert "kort" not in str(refusal.value).replace("too short", "")


@pytest.mark.parametrize("wrong", ["kort", "qL8Xv8z1n2M3b4V5c6X7z8L9k0J1h2G3f4D5s6A7p8Q=,kort"])
def test_a_sealing_key_that_is_none_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(SettingsMissing, match="CREDENTIAL_KEYS holds what is no key") as refusal:
        refuse_half_configured({**COMPLETE, "CREDENTIAL_KEYS": wrong})
    assert "kort" not in str(refusal.value)


def test_complete_production_settings_pass_the_deployment_check(tmp_path: Path) -> None:
    done = manage(
        {"APP_ENV": "production", **COMPLETE},
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        data_dir=tmp_path,
    )
    assert done.returncode == 0, done.stderr


def test_an_unknown_environment_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = manage({"APP_ENV": "staging"}, "check", data_dir=tmp_path)
    assert done.returncode == 1
    assert "'staging'" in done.stderr
    assert "demo, test, production" in done.stderr


def test_a_demo_never_reads_the_production_settings_from_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("WEERWOORD_PROBE=from-the-file\n")
    monkeypatch.delenv("WEERWOORD_PROBE", raising=False)
    monkeypatch.setenv("APP_ENV", "demo")
    read_env_file(env_file)
    assert "WEERWOORD_PROBE" not in os.environ
    monkeypatch.delenv("APP_ENV")
    read_env_file(env_file)
    assert os.environ.pop("WEERWOORD_PROBE") == "from-the-file"


def test_the_secret_of_a_data_directory_is_made_once_and_kept_private(tmp_path: Path) -> None:
    secret = local_secret(tmp_path)
    assert len(secret) >= 50
    assert local_secret(tmp_path) == secret
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_the_sealing_key_of_a_data_directory_is_made_once_and_kept_private(tmp_path: Path) -> None:
    key = local_sealing_key(tmp_path)
    assert is_sealing_key(key)
    assert local_sealing_key(tmp_path) == key
    assert (tmp_path / "credential_key").stat().st_mode & 0o077 == 0
