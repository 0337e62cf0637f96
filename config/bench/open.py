"""`bench open`: the same as `store`, plus case, audit event and counts, against the bare upsert."""

from datetime import datetime, timedelta

from django.db import connection

from cases.models import AuditEvent, Case, User, Watch, WatchCount
from cases.services import intake, watching
from config.bench.measure import Bar, Report
from config.bench.scratch import listening_source
from config.bench.store import counts, race_against_bare

BAR = 0.35
N_WATCHES = 50


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database, with fifty open watches on running threads."""
    source = listening_source(now=now)
    result = race_against_bare(
        source,
        lambda stored: intake.open_cases(stored, now=now),
        name="open",
        seed=seed,
        n_pages=n_pages,
        now=now,
        after_warm_up=lambda: _watch_newest(now=now),
    )
    ratio = result.ratio("open", to="bare")
    found = {
        "n_cases": Case.objects.count(),
        "n_events": AuditEvent.objects.count(),
        "n_watches": Watch.objects.count(),
        "n_counted": sum(WatchCount.objects.values_list("n", flat=True)),
    }
    return Report(
        {**result.figures(), "ratio": ratio, **counts(), **found},
        (Bar(f"open/bare on {connection.vendor}", ratio, ">=", BAR),),
    )


def _watch_newest(*, now: datetime) -> None:
    officer = User.objects.get()
    plan = watching.Plan(officer, "more replies", timedelta(hours=1), now + timedelta(days=7))
    for case in Case.objects.select_related("post").order_by("-pk")[:N_WATCHES]:
        watching.start(case, plan, by=officer, now=now)
