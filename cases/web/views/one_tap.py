"""The page behind the link in a message: one alarm and one button, without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cases.services import acknowledging
from cases.services.onetap import LinkRefused


@login_not_required
@csrf_exempt  # the link is the proof; a browser that keeps no cookies must be able to press
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_tap(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what rings and changes nothing; POST takes it in the name of who the link was sent to."""
    try:
        if request.method == "POST":
            tapped = acknowledging.take(token, now=timezone.now())
        else:
            tapped = acknowledging.look(token)
    except LinkRefused:
        answer = render(request, "cases/one_tap.html", {"tapped": None}, status=404)
    else:
        with override(tapped.person.language):
            # Once more for the sentence: it is made in the language of who reads it.
            context = {"tapped": acknowledging.look(token)}
            answer = render(request, "cases/one_tap.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer
