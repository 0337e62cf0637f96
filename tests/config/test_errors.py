"""What an officer or a program is told when something underneath is away."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client


def away(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """A database that went away: no query comes back."""
    raise OperationalError("connection to server at 10.1.2.3 failed")


@pytest.fixture
def page() -> Client:
    """A browser that gets the error page, as an officer does."""
    return Client(raise_request_exception=False)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/inbox/", "/api/v1/cases/"])
def test_a_database_that_went_away_is_said_and_passes(
    page: Client, address: str, django_user_model: Any
) -> None:
    page.force_login(django_user_model.objects.create(username="sanne"))
    with connection.execute_wrapper(away):
        answer = page.get(address)
    assert answer.status_code == 503
    assert "Nothing was changed" in answer.content.decode()
    assert "10.1.2.3" not in answer.content.decode()


@pytest.mark.django_db
def test_a_page_carries_the_strict_policy(page: Client) -> None:
    policy = page.get("/sign-in/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/inbox/", "/watching/", "/admin/"])
def test_who_has_not_signed_in_is_asked_to(page: Client, address: str) -> None:
    answer = page.get(address, follow=False)
    assert answer.status_code == 302
