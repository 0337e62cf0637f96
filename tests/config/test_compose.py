"""The compose file: right by its schema, and as strict as promised."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {"db", "valkey", "migrate", "web", "worker-poll", "worker-core", "beat"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file, with its anchors filled in."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema of the Compose Specification."""
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_compose_file_is_valid_by_the_compose_specification(
    compose: dict[str, Any], schema: dict[str, Any]
) -> None:
    jsonschema.validate(compose, schema)


def test_the_schema_refuses_a_misspelt_key(compose: dict[str, Any], schema: dict[str, Any]) -> None:
    wrong = {**compose, "services": {"web": {"image": "x", "helthcheck": {}}}}
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.validate(wrong, schema)


def test_every_part_is_there_and_none_writes_to_its_image_or_gains_rights(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == SERVICES
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_no_container_runs_as_root(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if "build" not in service:
            assert service["user"] not in {"", "root", "0"}, name
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users[-1] == "10001:10001"


def test_every_part_that_stays_has_a_health_check(compose: dict[str, Any]) -> None:
    without = [name for name, service in compose["services"].items() if "healthcheck" not in service]
    assert without == ["migrate"]


def test_the_broker_keeps_everything_and_only_the_web_is_reachable(compose: dict[str, Any]) -> None:
    command = compose["services"]["valkey"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_work_starts_only_after_the_database_is_migrated(compose: dict[str, Any]) -> None:
    for name in ("web", "worker-poll", "worker-core", "beat"):
        needs = compose["services"][name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully", name


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    settings = compose["services"]["web"]["environment"]
    for name in ("SECRET_KEY", "CREDENTIAL_KEYS", "EMAIL_URL", "DATABASE_URL"):
        assert ":?" in settings[name], name
