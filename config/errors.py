"""One place that turns a refused move into an answer: 409 with its sentence, on pages and in the API."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.response import Response
from rest_framework.views import exception_handler

from cases.services.transitions import CaseChanged, MoveRefused

CONFLICT = 409


class RefusalMiddleware:
    """Answer 409 when the case has moved meanwhile or may not move like that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a refused move; None leaves other exceptions to Django."""
        if not isinstance(exception, CaseChanged | MoveRefused):
            return None
        facts = {"refusal": exception, "case_changed": isinstance(exception, CaseChanged)}
        return render(request, "cases/409.html", facts, status=CONFLICT)


def api_errors(exception: Exception, context: dict[str, Any]) -> Response | None:
    """The API's answer to an exception: 409 for a refused move, else what Django REST Framework says."""
    if isinstance(exception, CaseChanged | MoveRefused):
        code = "case_changed" if isinstance(exception, CaseChanged) else "move_refused"
        return Response({"code": code, "detail": str(exception)}, status=CONFLICT)
    return exception_handler(exception, context)
