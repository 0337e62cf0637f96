"""The claim register: the list, one claim with its sources, decisions and answers, linking from a case."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from cases.access import answer_for, case_for, claim_for, fact_for, require
from cases.reads import claims as claims_read
from cases.reads import nearness
from cases.reads.people import officer_of
from cases.reads.spread import spread
from cases.rules.permissions import Need, may
from cases.services import answers, claims, linking
from cases.services.claims import ClaimRefused
from cases.web.claim_forms import (
    AnswerToClaimForm,
    ClaimForm,
    DecideClaimForm,
    FactForm,
    LinkForm,
    LinkManyForm,
    MergeClaimForm,
    ReasonForm,
    RewordForm,
    WithdrawFactForm,
)
from cases.web.claim_words import STATUSES
from cases.web.events import told_briefly
from cases.web.views.base import back, page, posted, told, valid, whole_number
from cases.web.views.templates import FOR_LANGUAGES
from cases.web.words import PLATFORMS

LASTS = timedelta(hours=4)
"""How long an answer is proposed to hold: a shift, after which somebody reads it again."""

PROPOSED = 280
"""Characters of a post that are offered as the statement, to be made shorter."""


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE)
    asked = request.GET
    wanted = claims_read.Wanted(
        status=asked.get("status", ""),
        situation=whole_number(asked.get("situation", "")),
        before=whole_number(asked.get("before", "")),
    )
    context = {
        "register": claims_read.register(wanted, now=timezone.now()),
        "wanted": wanted,
        "statuses": STATUSES.items(),
        "may_open": may(officer.role, Need.JUDGE),
        "here_path": request.get_full_path(),
    }
    return page(request, "cases/claims.html", context, here="claims")


@require_GET
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One claim; with `near` also the open cases that nearly say the same, for who asked."""
    officer, now = officer_of(request.user), timezone.now()
    shown = claims_read.claim_page(claim_for(officer, claim_id), now=now)
    others = [each for each in claims_read.open_claims() if each.pk != claim_id]
    context = {
        "shown": shown,
        "claim": shown.claim,
        "spread": spread(shown.claim, now=now),
        "history": [(event, told_briefly(event, None)) for event in shown.history],
        "near": nearness.cases_near(shown.claim, now=now) if "near" in request.GET else None,
        "others": others if not shown.claim.merged_into_id else [],
        "statuses": STATUSES.items(),
        "languages": FOR_LANGUAGES,
        "platforms": [(name, str(label)) for name, label in PLATFORMS.items()],
        "lasts_until": timezone.localtime(now + LASTS),
        "may_judge": may(officer.role, Need.JUDGE),
        "may_check": may(officer.role, Need.CHECK_CLAIM),
        "may_write": may(officer.role, Need.DRAFT),
        "next": reverse("cases:claim", args=[claim_id]),
    }
    return page(request, "cases/claim.html", context, here="claims")


@posted
@told
def open_claim(request: HttpRequest) -> HttpResponse:
    """Put a claim into the register; from a case that case carries it, and its page comes back."""
    officer, now = officer_of(request.user), timezone.now()
    require(officer, Need.JUDGE)
    data = valid(ClaimForm(request.POST)).cleaned_data
    case = case_for(officer, data["case"], Need.JUDGE) if data["case"] else None
    situation = claims_read.situation_numbered(data["situation"])
    opened = claims.open_claim(data["statement"], by=officer, now=now, case=case, situation=situation)
    messages.success(request, _("The claim stands in the register."))
    return back(request) if case else redirect("cases:claim", opened.pk)


@posted
@told
def reword(request: HttpRequest, claim_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = claim_for(officer, claim_id, Need.CHECK_CLAIM)
    data = valid(RewordForm(request.POST)).cleaned_data
    claims.reword(found, data["statement"], by=officer, now=timezone.now(), seen=data["seen"])
    return redirect("cases:claim", claim_id)


@posted
@told
def decide(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Decide how a claim stands; a source that was typed with it is added first."""
    officer, now = officer_of(request.user), timezone.now()
    found = claim_for(officer, claim_id, Need.CHECK_CLAIM)
    form, fact = valid(DecideClaimForm(request.POST)), valid(FactForm(request.POST))
    claims.decide_on(found, form.verdict(), fact.plan(), by=officer, now=now, seen=form.cleaned_data["seen"])
    messages.success(request, _("Decided. Every open case that carries the claim says so now."))
    return redirect("cases:claim", claim_id)


@posted
@told
def add_fact(request: HttpRequest, claim_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = claim_for(officer, claim_id, Need.JUDGE)
    claims.add_source(found, valid(FactForm(request.POST)).plan(), by=officer, now=timezone.now())
    return redirect("cases:claim", claim_id)


@posted
@told
def withdraw_fact(request: HttpRequest, fact_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    fact = fact_for(officer, fact_id)
    data = valid(WithdrawFactForm(request.POST)).cleaned_data
    claims.withdraw_source(fact, reason=data["reason"], by=officer, now=timezone.now(), seen=data["seen"])
    return redirect("cases:claim", fact.claim_id)


@posted
@told
def merge(request: HttpRequest, claim_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = claim_for(officer, claim_id, Need.CHECK_CLAIM)
    data = valid(MergeClaimForm(request.POST)).cleaned_data
    into = claim_for(officer, data["into"], Need.CHECK_CLAIM)
    linking.merge(found, into, by=officer, now=timezone.now(), seen=data["seen"])
    return redirect("cases:claim", into.pk)


@posted
@told
def part(request: HttpRequest, claim_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    linking.part(claim_for(officer, claim_id, Need.CHECK_CLAIM), by=officer, now=timezone.now())
    return redirect("cases:claim", claim_id)


@posted
@told
def write_answer(request: HttpRequest, claim_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    found = claim_for(officer, claim_id, Need.DRAFT)
    answers.write(found, valid(AnswerToClaimForm(request.POST)).plan(), by=officer, now=timezone.now())
    messages.success(request, _("The answer waits for a colleague to vet it."))
    return redirect("cases:claim", claim_id)


@posted
@told
def vet_answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    answer = answer_for(officer, answer_id)
    reason = valid(ReasonForm(request.POST)).cleaned_data["reason"]
    seen = whole_number(request.POST.get("seen", ""))
    answers.vet(answer, by=officer, now=timezone.now(), solo_reason=reason, seen=seen)
    messages.success(request, _("The answer is in force."))
    return redirect("cases:claim", answer.claim_id)


@posted
@told
def withdraw_answer(request: HttpRequest, answer_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    answer = answer_for(officer, answer_id)
    reason = valid(ReasonForm(request.POST)).cleaned_data["reason"]
    answers.withdraw(answer, reason=reason, by=officer, now=timezone.now())
    return redirect("cases:claim", answer.claim_id)


@posted
@told
def link_near(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Link the ticked cases of the list that was shown."""
    officer = officer_of(request.user)
    found = claim_for(officer, claim_id, Need.JUDGE)
    ids = valid(LinkManyForm(request.POST)).cleaned_data["case"]
    if not ids:
        raise ClaimRefused([_("Tick the cases that make this claim.")])
    n = linking.link_many(found, ids, by=officer, now=timezone.now())
    said = ngettext("%(n)d case carries the claim now.", "%(n)d cases carry the claim now.", n)
    messages.success(request, said % {"n": n})
    return redirect("cases:claim", claim_id)


@require_GET
def case_claims(request: HttpRequest, case_id: int) -> HttpResponse:
    """Which claim does this post make? Near ones first; one digit links, "n" opens a new one."""
    officer = officer_of(request.user)
    case = case_for(officer, case_id, Need.JUDGE)
    case = case_for(officer, case.lead_id) if case.state == "merged" and case.lead_id else case
    context = {
        "case": case,
        "proposals": nearness.claims_for(case),
        "proposed": case.post.text[:PROPOSED],
        "next": _next(request, case.pk),
    }
    return page(request, "cases/claim_choose.html", context, here="cases")


@posted
@told
def link(request: HttpRequest, case_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    case = case_for(officer, case_id, Need.JUDGE)
    found = claim_for(officer, valid(LinkForm(request.POST)).cleaned_data["claim"])
    linking.link(case, found, by=officer, now=timezone.now())
    return back(request, "cases:case", case_id)


@posted
@told
def unlink(request: HttpRequest, case_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    case = case_for(officer, case_id, Need.JUDGE)
    found = claim_for(officer, valid(LinkForm(request.POST)).cleaned_data["claim"])
    linking.unlink(case, found, by=officer, now=timezone.now())
    return back(request, "cases:case", case_id)


def _next(request: HttpRequest, case_id: int) -> str:
    """Where to go on after choosing: the inbox when one came from there, else the case."""
    if request.GET.get("from") == "inbox":
        return f"{reverse('cases:inbox')}?case={case_id}"
    return reverse("cases:case", args=[case_id])
