"""Sources: how each stands, read at once, tested, switched on and off."""

from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import require
from cases.api.base import Endpoint
from cases.api.fields import Shape
from cases.reads import sources as reads
from cases.reads.health import trial_sentence
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import sources

STANDINGS = (
    *("waiting", "working", "behind", "limited", "failing", "refused", "ended"),
    *("off", "silent", "receiving"),
)


class SourceRowOut(Shape):
    """A source. `sentence` says what is wrong, since when, what happens by itself and who must act."""

    id = serializers.IntegerField(source="source.pk")
    name = serializers.CharField(source="source.name")
    connector = serializers.CharField(source="source.connector")
    is_enabled = serializers.BooleanField(source="source.is_enabled")
    standing = serializers.ChoiceField(source="state", choices=STANDINGS)
    sentence = serializers.CharField()
    last_success_at = serializers.DateTimeField(source="source.last_success_at", allow_null=True)
    newest_at = serializers.DateTimeField(allow_null=True)
    n_posts = serializers.IntegerField()
    n_rejected_waiting = serializers.IntegerField(source="n_waiting")


class SourceListOut(Shape):
    """`not_seen`: platforms that no source of ours can see now."""

    not_seen = serializers.ListField(child=serializers.CharField())
    results = SourceRowOut(many=True)


class SpellOut(Shape):
    """A stretch in which nothing was seen; `is_lost`: it can never be read any more."""

    from_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField(allow_null=True)
    minutes = serializers.IntegerField()
    reason = serializers.CharField()
    is_lost = serializers.BooleanField()


class TodayOut(Shape):
    """Counts of this day (UTC), with its budget; null: no limit."""

    n_polls = serializers.IntegerField()
    n_failed = serializers.IntegerField()
    n_read = serializers.IntegerField()
    n_new = serializers.IntegerField()
    units = serializers.IntegerField()
    units_per_day = serializers.IntegerField(allow_null=True)
    dollars = serializers.DecimalField(max_digits=10, decimal_places=4)
    dollars_per_day = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)


class SourceOut(SourceRowOut):
    """A source with what it costs, brings and misses. `price`: US dollars that a test costs at most."""

    error = serializers.CharField(source="source.error")
    next_poll_at = serializers.DateTimeField(source="source.next_poll_at")
    lag_s = serializers.FloatField(allow_null=True)
    blind_minutes = serializers.IntegerField(help_text="Of the last 24 hours.")
    spells = SpellOut(many=True)
    today = TodayOut()
    quota = serializers.DictField()
    queries = serializers.SerializerMethodField()
    abilities = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.CharField())
    price = serializers.DecimalField(max_digits=10, decimal_places=4)

    def get_queries(self, record: Any) -> list[int]:
        return [query.pk for query in record.queries]


class ListSources(Endpoint):
    """Every source and how it stands; files that were imported have their own list."""

    gives = SourceListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_SOURCES)
        now = timezone.now()
        return self.answer({"not_seen": reads.not_seen(now=now), "results": reads.sources(now=now)})


class SourceEndpoint(Endpoint):
    """A verb on a source; the answer is the source as it is now."""

    gives: ClassVar[type[Shape]] = SourceOut

    def answer_source(self, source_id: int) -> Response:
        return self.answer(reads.source_record(source_id, now=timezone.now()))


class ReadSource(SourceEndpoint):
    """One source with its health, costs, quota and blind spells."""

    def get(self, request: Request, source_id: int) -> Response:
        require(officer_of(request.user), Need.SEE_SOURCES)
        return self.answer_source(source_id)


class PollSource(SourceEndpoint):
    """Make a source due at once; a worker reads it within seconds. One that is off stays off."""

    def post(self, request: Request, source_id: int) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.MEND_SOURCES)
        now = timezone.now()
        reads.source_record(source_id, now=now)
        sources.poll_now([source_id], by=officer, now=now)
        return self.answer_source(source_id)


class SwitchIn(Shape):
    on = serializers.BooleanField()


class SwitchSource(SourceEndpoint):
    """Switch a source on or off; what it brought stays."""

    takes = SwitchIn

    def post(self, request: Request, source_id: int) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.MEND_SOURCES)
        now = timezone.now()
        reads.source_record(source_id, now=now)
        switch = sources.switch_on if self.sent(request)["on"] else sources.switch_off
        switch([source_id], by=officer, now=now)
        return self.answer_source(source_id)


class TestIn(Shape):
    agreed = serializers.BooleanField(
        required=False, default=False, help_text="You know that the test costs `price`."
    )


class TestOut(Shape):
    """What one page showed; nothing of it was stored."""

    said = serializers.CharField()
    sentence = serializers.CharField()
    n_read = serializers.IntegerField()
    newest_at = serializers.DateTimeField(allow_null=True)
    dollars = serializers.DecimalField(max_digits=10, decimal_places=4)
    detail = serializers.CharField(help_text="What the platform said, in its own words.")


class TestSource(Endpoint):
    """Read one page of a source to see whether it works; nothing of it is stored."""

    takes, gives = TestIn, TestOut

    def post(self, request: Request, source_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.MEND_SOURCES)
        reads.source_record(source_id, now=now)
        result = sources.try_out(source_id, agreed=self.sent(request)["agreed"], by=officer, now=now)
        names = ("said", "n_read", "newest_at", "dollars", "detail")
        told = {name: getattr(result, name) for name in names}
        return self.answer(told | {"sentence": trial_sentence(result, now=now)})
