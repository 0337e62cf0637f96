"""Sources: how each stands, what could not be read of it, and files of posts."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, require
from cases.api.base import Endpoint, next_page
from cases.api.fields import PageIn, PersonOut, Shape
from cases.reads import imports as imports_read
from cases.reads import quarantine as quarantine_read
from cases.reads import sources as reads
from cases.reads.health import trial_sentence
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import imports, quarantine, sources

STANDINGS = (
    *("waiting", "working", "behind", "limited", "failing", "refused", "ended"),
    *("off", "silent", "receiving"),
)
IMPORT_STATES = ("prepared", "reading", "stopped", "finished")
MOST_CHARS = imports.MOST_BYTES


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


class ImportOut(Shape):
    """A file of posts. `n_known` were in the store already, or stand in the file twice."""

    id = serializers.IntegerField()
    filename = serializers.CharField()
    state = serializers.ChoiceField(choices=IMPORT_STATES)
    by = PersonOut(allow_null=True)
    at = serializers.DateTimeField()
    n_rows = serializers.IntegerField()
    n_read = serializers.IntegerField()
    n_new = serializers.IntegerField()
    n_known = serializers.IntegerField()
    n_rejected = serializers.IntegerField()


class ImportListOut(Shape):
    results = ImportOut(many=True)


class ListImports(Endpoint):
    """The newest 50 files that were given to be read in."""

    gives = ImportListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.IMPORT)
        return self.answer({"results": [imports_read.record(found) for found in imports_read.imports()]})


class CreateImportIn(Shape):
    """A file as text: CSV with a first row of column names, or one JSON object on each line."""

    filename = serializers.CharField(max_length=200)
    content = serializers.CharField(max_length=MOST_CHARS, trim_whitespace=False)


class CreateImport(Endpoint):
    """Give a file of posts; a worker reads it row by row. Read the import to follow it."""

    takes, gives, gives_status = CreateImportIn, ImportOut, 201

    def post(self, request: Request) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        require(officer, Need.IMPORT)
        sent = self.sent(request)
        content = sent["content"].encode("utf-8", "replace")
        source_id = imports.prepare(sent["filename"], content, by=officer, now=now)
        imports.start(source_id, by=officer, now=now)
        return self.answer(imports_read.record(imports_read.import_of(source_id)), status=201)


class ReadImport(Endpoint):
    """How far a file was read, and what came of it."""

    gives = ImportOut

    def get(self, request: Request, source_id: int) -> Response:
        require(officer_of(request.user), Need.IMPORT)
        return self.answer(imports_read.record(imports_read.import_of(source_id)))
