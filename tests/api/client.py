"""A colleague who works through the API, one second after another."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient
from time_machine import Traveller

from cases.models import User


@dataclass(slots=True)
class Api:
    """Every call comes a second after the one before, with a token."""

    user: User
    clock: Traveller
    client: APIClient

    def get(self, name: str, /, *args: int, **query: str | int) -> Any:
        return self.client.get(reverse(f"api:{name}", args=args), query)

    def post(self, name: str, /, *args: int, **sent: object) -> Any:
        self.clock.shift(timedelta(seconds=1))
        return self.client.post(reverse(f"api:{name}", args=args), sent, format="json")

    def done(self, name: str, /, *args: int, **sent: object) -> dict[str, Any]:
        """What came back from something that should work."""
        answer = self.post(name, *args, **sent)
        assert answer.status_code in (200, 201), answer.json()
        body: dict[str, Any] = answer.json()
        return body

    def refused(self, name: str, /, *args: int, **sent: object) -> tuple[int, dict[str, Any]]:
        """The status and the body of something that should not work."""
        answer = self.post(name, *args, **sent)
        assert answer.status_code >= 400, answer.json()
        return answer.status_code, answer.json()

    def read(self, name: str, /, *args: int, **query: str | int) -> dict[str, Any]:
        answer = self.get(name, *args, **query)
        assert answer.status_code == 200, answer.json()
        body: dict[str, Any] = answer.json()
        return body

    def judge(self, case_id: int, **answers: str) -> dict[str, Any]:
        """Answer question after question; the last answer brings the advice."""
        body: dict[str, Any] = {}
        for question, choice in answers.items():
            body = self.done("answer", case_id, question=question, choice=choice, seen="new")
        return body

    def choose(self, case_id: int, option: str, **beside: object) -> dict[str, Any]:
        return self.done("choose", case_id, option=option, seen="assessed", **beside)


def sign_in(user: User, clock: Traveller) -> Api:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=user).key}")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return Api(user, clock, client)
