"""The file of a case: on a page to print, and as a PDF. Who makes one is written down first."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.access import case_for
from cases.reads.casefile import case_file
from cases.reads.people import officer_of
from cases.services.exporting import note_case_file
from cases.web.casefile import Paper, paper
from cases.web.pdf import pdf_of
from cases.web.views.base import page


@never_cache
@require_GET
def file(request: HttpRequest, case_id: int) -> HttpResponse:
    made = _made(request, case_id, form="page")
    context = {"case_id": case_id, "paper": made, "with_names": _with_names(request)}
    return page(request, "cases/casefile.html", context, here="cases")


@never_cache
@require_GET
def file_pdf(request: HttpRequest, case_id: int) -> HttpResponse:
    answer = HttpResponse(pdf_of(_made(request, case_id, form="PDF")), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, f"case-{case_id}.pdf")
    return answer


def _made(request: HttpRequest, case_id: int, *, form: str) -> Paper:
    officer, now = officer_of(request.user), timezone.now()
    case = case_for(officer, case_id)
    names = _with_names(request)
    note_case_file(case, by=officer, now=now, form=form, names=names)
    return paper(case_file(case, by=officer, now=now), with_names=names)


def _with_names(request: HttpRequest) -> bool:
    return request.GET.get("names") == "1"
