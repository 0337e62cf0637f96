"""The description of the API is valid, complete, and its page runs no script of others."""

import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from cases.api.urls import urlpatterns
from config.errors import REFUSALS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema as generated, with every warning a failure."""
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    found: dict[str, Any] = yaml.safe_load(out.getvalue())
    return found


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in schema["paths"].values() for operation in path.values()]


def test_the_schema_is_openapi_3_1_without_warnings(schema: dict[str, Any]) -> None:
    assert schema["openapi"] == "3.1.1"
    assert len(operations(schema)) == len(urlpatterns) - 2  # the schema and its page describe themselves


def test_every_operation_has_a_verb_of_its_own_and_says_what_it_does(schema: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(schema)]
    assert len(ids) == len(set(ids))
    assert {"list_cases", "take_case", "answer_question", "say_worse", "acknowledge_escalation"} <= {*ids}
    assert all(operation["summary"] and operation["description"] for operation in operations(schema))


def test_every_verb_says_how_it_is_refused(schema: dict[str, Any]) -> None:
    for path, verbs in schema["paths"].items():
        for method, operation in verbs.items():
            codes = set(operation["responses"])
            assert {"401", "403", "404"} <= codes, path
            assert method == "get" or {"409", "422"} <= codes, path


def test_a_change_of_a_case_asks_for_the_state_that_was_seen(schema: dict[str, Any]) -> None:
    components = schema["components"]["schemas"]
    assert "seen" in components["AnswerIn"]["required"]
    assert components["CaseState"]["enum"][:3] == ["new", "assessed", "drafting"]


@pytest.mark.django_db
def test_the_page_with_the_documentation_runs_only_scripts_of_ours(client: Client) -> None:
    page = client.get(reverse("api:docs"))
    html = page.content.decode()
    policy = page["Content-Security-Policy"]
    assert page.status_code == 200
    assert "script-src 'self';" in policy + ";"
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "<script>" not in html
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert finders.find(f"drf_spectacular_sidecar/swagger-ui-dist/{name}")
        assert name in html
    script = client.get(reverse("api:docs"), {"script": ""})
    assert script["Content-Type"].startswith("application/javascript")
    assert reverse("api:schema") in script.content.decode()


@pytest.mark.django_db
def test_no_other_page_may_style_itself_inline(client: Client) -> None:
    schema = client.get(reverse("api:schema"))
    assert schema.status_code == 200
    assert "unsafe-inline" not in schema["Content-Security-Policy"]


def test_the_page_about_the_api_names_every_refusal() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [code for _, code in REFUSALS.values() if f"`{code}`" not in text] == []
