"""Environment pictures of a situation: make one, read it, advise, sign; who gets it and how often."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.access import picture_for, situation_to_picture
from cases.reads.people import officer_of
from cases.reads.picture_content import collect
from cases.reads.pictures import picture_record, readers
from cases.reads.pictures import pictures as pictures_of
from cases.rules.permissions import Need, may
from cases.services import mailing
from cases.services import pictures as services
from cases.sheet.names import ADVICE_HINTS
from cases.sheet.pdf import pdf_of
from cases.sheet.plain import plain_text
from cases.sheet.words import sheet
from cases.web.charts import NARROW, WIDE, Hourly, hourly
from cases.web.picture_forms import INTERVALS, AdviceForm, MakeForm, ReaderForm, ScheduleForm
from cases.web.views.base import page, posted, told, valid


@require_GET
def pictures(request: HttpRequest, situation_id: int) -> HttpResponse:
    """All pictures of a situation, and the settings of its clock and its mailing list."""
    officer = officer_of(request.user)
    situation = situation_to_picture(officer, situation_id)
    every_s = situation.picture_every_s
    context = {
        "situation": situation,
        "lines": pictures_of(situation),
        "readers": readers(situation),
        "intervals": INTERVALS,
        "every": str(every_s // 60) if every_s else "",
        "is_open": situation.status == "open",
        "may_make": may(officer.role, Need.MAKE_PICTURE),
        "may_see_cases": may(officer.role, Need.SEE),
    }
    return page(request, "cases/pictures.html", context, here="situations")


@posted
@told
def make(request: HttpRequest, situation_id: int) -> HttpResponse:
    """One press: the figures are frozen, and the draft waits for advice and a signature."""
    officer, now = officer_of(request.user), timezone.now()
    situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
    reason = valid(MakeForm(request.POST)).reason_for_names()
    made = services.make(situation, collect=collect, by=officer, now=now, reason_for_names=reason)
    return redirect("cases:picture", situation.pk, made.n)


@never_cache
@require_GET
def picture(request: HttpRequest, situation_id: int, picture_n: int) -> HttpResponse:
    """One picture: the draft with its advice to write, or what was signed."""
    officer = officer_of(request.user)
    found = picture_for(officer, situation_id, picture_n)
    record = picture_record(found)
    may_sign = may(officer.role, Need.SIGN_PICTURE) and found.signed_at is None
    context = {
        "record": record,
        "picture": found,
        "sheet": record.sheet,
        "charts": _charts(record.sheet),
        "columns": list(zip(record.sheet.chart.labels, record.sheet.chart.counts, strict=True)),
        "advice": [(each, ADVICE_HINTS[each.name]) for each in record.sheet.advice],
        "may_sign": may_sign,
        "may_make": may(officer.role, Need.MAKE_PICTURE),
        "may_see_cases": may(officer.role, Need.SEE),
    }
    return page(request, "cases/picture.html", context, here="situations")


@never_cache
@require_GET
def pdf(request: HttpRequest, situation_id: int, picture_n: int) -> HttpResponse:
    """The picture on one A4 with its annex, in the language of who asks."""
    found = picture_for(officer_of(request.user), situation_id, picture_n)
    answer = HttpResponse(pdf_of(sheet(found)), content_type="application/pdf")
    name = f"picture-{situation_id}-{picture_n}.pdf"
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


@never_cache
@require_GET
def text(request: HttpRequest, situation_id: int, picture_n: int) -> HttpResponse:
    found = picture_for(officer_of(request.user), situation_id, picture_n)
    return HttpResponse(plain_text(sheet(found)), content_type="text/plain; charset=utf-8")


@never_cache
@require_GET
def as_json(request: HttpRequest, situation_id: int, picture_n: int) -> HttpResponse:
    """What was stored and signed, as it is sealed."""
    found = picture_for(officer_of(request.user), situation_id, picture_n)
    answer: dict[str, Any] = {
        "situation": found.situation_id,
        "n": found.n,
        "cutoff_at": found.cutoff_at,
        "content": found.content,
        "advice": {name: getattr(found, name) for name in services.ADVICE},
        "signed_by": str(found.signed_by) if found.signed_by else None,
        "signed_at": found.signed_at,
        "digest": found.digest,
    }
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "indent": 2})


@posted
@told
def advise(request: HttpRequest, situation_id: int, picture_n: int) -> HttpResponse:
    """Keep the advice, or keep it and sign: the same form with another button."""
    officer, now = officer_of(request.user), timezone.now()
    found = picture_for(officer, situation_id, picture_n, Need.SIGN_PICTURE)
    sent = valid(AdviceForm(request.POST)).cleaned_data
    revision = sent.pop("revision")
    services.write_advice(found, **sent, by=officer, revision=revision, now=now)
    if request.POST.get("then") == "sign":
        services.sign(found, by=officer, revision=found.revision, now=now)
        messages.success(
            request, _("Picture %(n)d is signed. Nothing in it changes any more.") % {"n": found.n}
        )
    else:
        messages.success(request, _("The advice is kept. The picture is not signed yet."))
    return redirect("cases:picture", situation_id, picture_n)


@posted
@told
def schedule(request: HttpRequest, situation_id: int) -> HttpResponse:
    """How often a draft is made by itself."""
    officer, now = officer_of(request.user), timezone.now()
    situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
    minutes = valid(ScheduleForm(request.POST)).cleaned_data["minutes"]
    services.schedule(situation, every_s=minutes * 60 if minutes else None, by=officer, now=now)
    messages.success(
        request,
        _("Every %(n)d minutes a draft is made; somebody signs it.") % {"n": minutes}
        if minutes
        else _("Pictures are made only when somebody asks for one."),
    )
    return redirect("cases:pictures", situation_id)


@posted
@told
def add_reader(request: HttpRequest, situation_id: int) -> HttpResponse:
    """Put an address on the mailing list."""
    officer = officer_of(request.user)
    situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
    to = mailing.Address(**valid(ReaderForm(request.POST)).cleaned_data)
    added = mailing.add_reader(situation, to, by=officer, now=timezone.now())
    messages.success(request, _("%(email)s gets every signed picture from now on.") % {"email": added.email})
    return redirect("cases:pictures", situation_id)


@posted
@told
def remove_reader(request: HttpRequest, situation_id: int) -> HttpResponse:
    """Take an address off the mailing list."""
    officer = officer_of(request.user)
    situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
    email = valid(ReaderForm(request.POST)).cleaned_data["email"]
    mailing.remove_reader(situation, email, by=officer, now=timezone.now())
    messages.success(request, _("%(email)s gets no more pictures.") % {"email": email})
    return redirect("cases:pictures", situation_id)


def _charts(shown: Any) -> list[str]:
    chart = shown.chart
    none = [0] * len(chart.counts)
    columns = Hourly(chart.labels, chart.counts, none, [False] * len(none))
    title = shown.words["chart"]
    return [
        hourly(columns, title=title, told=chart.sentence, width=width, height=200) for width in (WIDE, NARROW)
    ]
