"""The dashboard: five figures, the volume by outcome, and who did what."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.access import require
from cases.reads.figures import SPANS, TARGET_SHARE, Column, figures
from cases.reads.forecast import forecast
from cases.reads.people import officer_of
from cases.reads.sources import not_seen
from cases.reads.workload import workload
from cases.rules.permissions import Need, may
from cases.web.charts import STACK, Bar
from cases.web.views.base import page


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.SEE_FIGURES)
    span = request.GET.get("span", "day")
    span = span if span in SPANS else "day"
    now = timezone.now()
    shown = figures(span, now=now)
    bars = [Bar(_name(column, span), column.counts) for column in shown.columns]
    busiest = max(bars, key=lambda bar: bar.total, default=Bar(""))
    facts = {"n": shown.n_posts, "most": busiest.total, "when": busiest.label}
    context = {
        "figures": shown,
        "span": span,
        "bars": bars,
        "stack": STACK,
        "sentence": _("%(n)d posts; the busiest stretch was %(when)s with %(most)d.") % facts
        if shown.n_posts
        else _("No posts in this period."),
        "target_percent": round(TARGET_SHARE * 100),
        "not_seen": not_seen(now=now),
        "people": workload(now=now) if may(officer.role, Need.SEE_TEAM) else [],
        "forecast": forecast(now=now),
        "pace": _faster(shown.median_s, shown.median_before_s),
    }
    return page(request, "cases/dashboard.html", context, here="dashboard")


def _name(column: Column, span: str) -> str:
    local = timezone.localtime(column.start)
    return date_format(local, "D H:i" if span == "week" else "H:i")


def _faster(now_s: float | None, before_s: float | None) -> float | None:
    """Seconds faster than the span before (negative: slower); None when there is nothing to compare."""
    return None if now_s is None or before_s is None else before_s - now_s
