"""The published versions of the decision scheme, and the cases pinned to each."""

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import require
from cases.api.base import Endpoint
from cases.api.fields import Shape
from cases.reads import schemes as schemes_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need


class VersionOut(Shape):
    id = serializers.IntegerField(source="pk")
    scheme = serializers.CharField(source="scheme_id")
    version = serializers.CharField()
    checksum = serializers.CharField(help_text="sha256 of what the scheme says, however it is laid out.")
    published_at = serializers.DateTimeField()
    is_current = serializers.BooleanField(help_text="New cases are judged by it.")
    cases = serializers.IntegerField(source="n_cases")
    open_cases = serializers.IntegerField(source="n_open")


class VersionListOut(Shape):
    results = VersionOut(many=True)


class DifferenceOut(Shape):
    place = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class VersionPageOut(Shape):
    version = VersionOut(source="row")
    changed = DifferenceOut(many=True, help_text="Since the version of this scheme before it.")


class ListSchemes(Endpoint):
    """Published versions of the scheme, the current one first."""

    gives = VersionListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        return self.answer({"results": schemes_read.versions()})


class ReadScheme(Endpoint):
    """One version of the scheme, and what it changed."""

    gives = VersionPageOut

    def get(self, request: Request, version_id: int) -> Response:
        require(officer_of(request.user), Need.SEE_TEAM)
        found = schemes_read.version(version_id)
        if found is None:
            raise Http404
        return self.answer(found)
