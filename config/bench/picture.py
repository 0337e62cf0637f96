"""`bench picture`: an environment picture over 100,000 posts, made, signed and printed, with repeats."""

import gc
import time
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db import connection

from cases.models import Case, CaseClaim, Claim, Situation, User
from cases.reads.picture_content import collect
from cases.rules.workflow import State
from cases.services import pictures
from cases.sheet.pdf import pdf_of
from cases.sheet.words import sheet
from config.bench.measure import Bar, CannotMeasure, Report
from config.bench.scratch import listening_source
from config.bench.search import fill
from monitoring import bulk

N_POSTS = 100_000
N_TOPICS, N_CLAIMS, N_TIMES = 40_000, 20, 5
N_OF_CLAIM = 200
JUDGED = ("insult", "dissatisfied", "positive", "joke", "untruth")
BAR_S = 5.0


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Fill the configured (scratch) database with one situation, and make its pictures one after another."""
    listening_source(now=now)
    fill(N_POSTS, seed=seed, now=now)
    situation = _situation(now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    officer = User.objects.get()
    spent: dict[str, list[float]] = {"make": [], "print": [], "whole": []}
    gc.collect()
    for n in range(N_TIMES):
        at = now + timedelta(minutes=30 * n)
        began = time.perf_counter()
        picture = pictures.make(situation, collect=collect, by=officer, now=at)
        made = time.perf_counter()
        pictures.sign(picture, by=officer, revision=picture.revision, now=at)
        pdf = pdf_of(sheet(picture))
        ended = time.perf_counter()
        for name, seconds in (("make", made - began), ("print", ended - made), ("whole", ended - began)):
            spent[name].append(seconds)
        if picture.content["figures"]["posts"] != N_POSTS or pdf[:5] != b"%PDF-":
            raise CannotMeasure("The picture does not count the posts that are there, or is no PDF.")
    figures: dict[str, Any] = {"n_posts": N_POSTS, "pdf_bytes": len(pdf)}
    figures |= {f"{name}_s": round(median(each), 2) for name, each in spent.items()}
    figures["worst_s"] = round(max(spent["whole"]), 2)
    bar = Bar(
        f"s, picture with its PDF, worst of {N_TIMES}, {connection.vendor}", max(spent["whole"]), "<=", BAR_S
    )
    return Report(figures, (bar,))


def _situation(*, now: datetime) -> Situation:
    """All posts in one situation: 40,000 topics, some with many copies, a part of them judged."""
    situation = Situation.objects.create(
        name="flood", began_at=now - timedelta(hours=12), created_at=now, opened_at=now
    )
    Case.objects.update(situation=situation)
    copied = Case.objects.filter(pk__gt=N_TOPICS).values_list("pk", flat=True)
    rows = [(pk * pk % 997 + 1, State.MERGED.value, pk) for pk in copied]
    bulk.update(Case, ("lead_id", "state"), rows)
    for n in range(998):
        copies = Case.objects.filter(lead=n).count()
        if copies:
            Case.objects.filter(pk=n).update(n_copies=copies)
    for n, category in enumerate(JUDGED):
        Case.objects.filter(pk__lte=5000, pk__gt=n * 1000).update(category=category)
    for n in range(N_CLAIMS):
        claim = Claim.objects.create(situation=situation, statement=f"statement {n}", opened_at=now)
        carried = range(n * N_OF_CLAIM + 1, (n + 1) * N_OF_CLAIM + 1)
        CaseClaim.objects.bulk_create(CaseClaim(case_id=pk, claim=claim, at=now) for pk in carried)
    return situation
