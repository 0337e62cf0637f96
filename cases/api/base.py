"""What every endpoint does the same: read the input, answer with a record, and describe itself."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.text import camel_case_to_spaces
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from cases.access import case_for
from cases.api.case_outputs import CaseOut
from cases.api.outputs import ErrorOut, InvalidOut
from cases.reads.people import officer_of
from cases.reads.records import case_record
from cases.services import audit

REFUSED_WITH = {
    401: "Nobody is signed in: send a token.",
    403: "Your role may not do this.",
    404: "There is no such thing, or you may not see it.",
}


class EndpointSchema(AutoSchema):
    """How an endpoint describes itself: by its name, its first sentence, what it takes and gives."""

    view: Any

    def get_operation_id(self) -> str:
        """The class name in words: `TakeCase` is take_case."""
        return camel_case_to_spaces(type(self.view).__name__).replace(" ", "_")

    def get_summary(self) -> str:
        return (type(self.view).__doc__ or "").strip().split(".")[0].split(";")[0]

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular asks without arguments
        return " ".join((type(self.view).__doc__ or "").split())

    def get_tags(self) -> list[str]:
        return [self.path.strip("/").split("/")[2]]

    def get_override_parameters(self) -> list[Any]:
        return [self.view.takes] if self.method == "GET" and self.view.takes else []

    def get_request_serializer(self) -> Any:
        return self.view.takes

    def get_response_serializers(self) -> Any:
        """What comes back when it works, and every way in which it can be refused."""
        codes: dict[int, Any] = dict.fromkeys(
            (self.view.gives_status, *self.view.also_gives), self.view.gives
        )
        codes |= dict.fromkeys(REFUSED_WITH, ErrorOut)
        if self.view.takes:
            codes[400] = InvalidOut
        if self.method == "POST":
            codes |= dict.fromkeys((409, 422, 503), ErrorOut)
        return codes


class Endpoint(APIView):
    """One address with one verb: `takes` is what must be sent, `gives` what comes back."""

    schema = EndpointSchema()
    takes: ClassVar[type[Serializer[Any]] | None] = None
    gives: ClassVar[type[Serializer[Any]]] = CaseOut
    gives_status: ClassVar[int] = 200
    also_gives: ClassVar[tuple[int, ...]] = ()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Everything done here is written down as done through the API."""
        with audit.acting_through("api"):
            return super().dispatch(request, *args, **kwargs)

    def sent(self, request: Request) -> dict[str, Any]:
        """The input, checked for shape. Raises ValidationError, which becomes 400."""
        if self.takes is None:
            return {}
        serializer = self.takes(data=request.query_params if request.method == "GET" else request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def answer(self, record: object, *, status: int = 200) -> Response:
        return Response(self.gives(record).data, status=status)

    def answer_case(self, request: Request, case_id: int, *, status: int = 200) -> Response:
        """The case as it is now."""
        officer = officer_of(request.user)
        record = case_record(case_for(officer, case_id), viewer=officer, now=timezone.now())
        return Response(CaseOut(record).data, status=status)


def next_page(request: Request, before: int | None) -> str | None:
    """The address of the next page of a list, with the same filters."""
    if before is None:
        return None
    query = request.query_params.copy()
    query["before"] = str(before)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
