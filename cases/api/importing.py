"""Files of posts: given, and followed while a worker reads them."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import require
from cases.api.base import Endpoint
from cases.api.fields import PersonOut, Shape
from cases.reads import imports as imports_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import imports

IMPORT_STATES = ("prepared", "reading", "stopped", "finished")
MOST_CHARS = imports.MOST_BYTES


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
