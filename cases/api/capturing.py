"""Capturing: bring in a post that somebody saw or was told about."""

import uuid

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import require
from cases.api.base import Endpoint
from cases.api.fields import MomentField, Shape, words_field
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import capturing
from monitoring.connectors.manual import Capture, Via, normalise
from monitoring.resolving import Resolved

LONGEST = 20_000


class CaptureIn(Shape):
    """A post that was seen: its address, its text, or both."""

    via = serializers.ChoiceField(choices=[via.value for via in Via])
    url = words_field("The address of the post.", most=2000)
    text = words_field("What it says.", most=LONGEST)
    author = words_field("Who wrote it, as shown there.", most=200)
    posted_at = MomentField(required=False, default=None, help_text="Left out: now.")
    key = serializers.UUIDField(
        required=False, default=None, help_text="Yours, so that a repeated request opens no second case."
    )


class CapturePost(Endpoint):
    """Open a case for a post that somebody pasted or was told; one that was known is given back with 200.

    The platform of an address is asked for the post itself (some seconds); where it gives none, what was
    sent is used as it is.
    """

    takes, gives_status, also_gives = CaptureIn, 201, (200,)

    def post(self, request: Request) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.CAPTURE)
        sent = self.sent(request)
        capture = Capture(
            key=str(sent["key"] or uuid.uuid4()),
            via=Via(sent["via"]),
            text=sent["text"],
            url=sent["url"],
            author=sent["author"],
            posted_at=sent["posted_at"],
        )
        typed = normalise(capture, now=now)
        found = capturing.ask(sent["url"], now=now) if typed.url else None
        if isinstance(found, Resolved):
            case_id, is_new = capturing.capture_resolved(found, typed, by=officer, now=now)
        else:
            case_id, is_new = capturing.capture(typed, by=officer, now=now)
        return self.answer_case(request, case_id, status=201 if is_new else 200)
