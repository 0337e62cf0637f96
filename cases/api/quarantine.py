"""What could not be read: listed, read again, or dropped with a reason."""

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, require
from cases.api.base import Endpoint, next_page
from cases.api.fields import PageIn, Shape
from cases.reads import quarantine as quarantine_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import quarantine


class RejectedListIn(PageIn):
    source_id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)


class RejectedOut(Shape):
    """Something a platform sent that could not be read; `n_alike`: so many wait for the same reason."""

    id = serializers.IntegerField(source="rejected.pk")
    source_id = serializers.IntegerField(source="rejected.source_id")
    reason = serializers.CharField(source="rejected.reason")
    raw = serializers.CharField(source="rejected.raw")
    at = serializers.DateTimeField(source="rejected.at")
    n_alike = serializers.IntegerField()


class RejectedListOut(Shape):
    next = serializers.URLField(allow_null=True)
    n_waiting = serializers.IntegerField()
    results = RejectedOut(many=True)


class ListRejected(Endpoint):
    """What could not be read and waits for somebody, newest number first."""

    takes, gives = RejectedListIn, RejectedListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_SOURCES)
        wanted = self.sent(request)
        found = quarantine_read.quarantine(
            source_id=wanted["source_id"], before=wanted["before"], limit=wanted["limit"]
        )
        listed = {"next": next_page(request, found.before), "n_waiting": found.n_waiting}
        return self.answer(listed | {"results": found.rows})


class ReadAgainIn(Shape):
    alike = serializers.BooleanField(
        required=False, default=False, help_text="All of its source with the same reason (200 at a time)."
    )


class ReadAgainOut(Shape):
    """`n_unwanted`: could be read, and no query asks for it; `n_left`: send the same again for these."""

    n_stored = serializers.IntegerField()
    n_unwanted = serializers.IntegerField()
    n_unreadable = serializers.IntegerField()
    n_left = serializers.IntegerField()


class ReadRejectedAgain(Endpoint):
    """Read something that was set aside again, and store it when it can be."""

    takes, gives = ReadAgainIn, ReadAgainOut

    def post(self, request: Request, rejected_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.MEND_SOURCES)
        _require_known(rejected_id)
        if self.sent(request)["alike"]:
            return self.answer(quarantine.read_alike_again(rejected_id, by=officer, now=now))
        return self.answer(quarantine.read_again([rejected_id], by=officer, now=now))


class DropIn(Shape):
    reason = serializers.CharField(max_length=500, help_text="Why nobody needs it.")


class DroppedOut(Shape):
    dropped = serializers.BooleanField(help_text="False: somebody decided about it before.")


class DropRejected(Endpoint):
    """Decide that something that was set aside need not be read; it stays on record with your reason."""

    takes, gives = DropIn, DroppedOut

    def post(self, request: Request, rejected_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.MEND_SOURCES)
        _require_known(rejected_id)
        dropped = quarantine.drop(rejected_id, reason=self.sent(request)["reason"], by=officer, now=now)
        return self.answer({"dropped": dropped})


def _require_known(rejected_id: int) -> None:
    if not quarantine_read.waits(rejected_id):
        raise Http404
