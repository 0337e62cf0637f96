"""What leaves no doubt that this is an exercise: a header on every answer, a mark in every mail."""

from collections.abc import Callable, Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.http import HttpRequest, HttpResponse

from monitoring import border

MARK = "OEFENING – EXERCISE"
HEADER = "X-Weerwoord-Space"


class SpaceMiddleware:
    """Every answer, of pages and API, says in a header that it comes out of an exercise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response[HEADER] = "exercise"
        return response


class PlainMail(EmailBackend):
    """Mail as files, where no mail server is configured (a demo)."""


class MarkedMail(EmailBackend):
    """Mail stays in the space as files, and says in subject and first line what it is."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            border.stops("mail", ", ".join(message.to))
            message.subject = f"{MARK}: {message.subject}"
            message.body = f"{MARK}\n\n{message.body}"
        return super().send_messages(email_messages)
