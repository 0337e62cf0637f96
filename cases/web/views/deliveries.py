"""The door for deliveries: no session and no cookie, only a signature. Answers are for programs."""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cases.access import LARGEST_ID
from cases.services.intake import open_cases
from monitoring.connectors.errors import Forged, SourceError, Unreadable
from monitoring.intake import NoDoor, Receipt, SwitchedOff, handshake, receive

MOST_BYTES = 1_000_000
JSON_TYPE = "application/json"
STATUS = {NoDoor: 404, Forged: 401, SwitchedOff: 409, Unreadable: 422}
"""How each refusal is answered (docs/connectors/webhook.md)."""


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest, source_id: int) -> HttpResponse:
    """POST: take in a delivery. GET: a platform asks whether this address is ours."""
    number = min(source_id, LARGEST_ID)
    try:
        if request.method == "GET":
            return _shake(request, number)
        return _take(request, number, now=timezone.now())
    except SourceError:
        return _refused(503, "We cannot take deliveries here now; send it again later.")
    except (NoDoor, Forged, SwitchedOff, Unreadable) as refusal:
        return _refused(STATUS[type(refusal)], str(refusal))


def _shake(request: HttpRequest, source_id: int) -> HttpResponse:
    answer = handshake(source_id, {name: str(value) for name, value in request.GET.items()})
    if answer is None:
        return _refused(403, "This address answers to signed deliveries only.")
    return HttpResponse(answer, content_type="text/plain; charset=utf-8")


def _take(request: HttpRequest, source_id: int, *, now: datetime) -> HttpResponse:
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return _refused(413, "A delivery has at most 1,000,000 bytes.")
    if request.content_type != JSON_TYPE:
        return _refused(415, f"Send JSON: Content-Type: {JSON_TYPE}.")
    try:
        body = request.body
    except RequestDataTooBig:
        return _refused(413, "A delivery has at most 1,000,000 bytes.")
    if len(body) > MOST_BYTES:
        return _refused(413, "A delivery has at most 1,000,000 bytes.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    receipt = receive(source_id, headers, body, on_page=open_cases, now=now)
    return JsonResponse(_told(receipt), status=207 if receipt.rejected else 200)


def _told(receipt: Receipt) -> dict[str, object]:
    """What became of it; a post that was set aside is named by its place in what was sent."""
    return {
        "status": "known" if receipt.is_known else "taken",
        "n_posts": receipt.n_posts,
        "n_new": receipt.n_new,
        "rejected": [{"index": each.place, "reason": each.reason} for each in receipt.rejected],
    }


def _refused(status: int, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)
