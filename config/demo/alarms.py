"""What happened with alarms before you came: one ran out, one was false, one a person saw first.

Told by the same services as at a desk, with the times of these days; the watches are over.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from cases.models import Case, DutyPost, Escalation, User, Watch
from cases.rules.workflow import State
from cases.services import escalation, intake, lookback, taking, watching
from cases.services.escalation import Alarm
from cases.services.watching import Plan
from monitoring.connectors.base import AuthorRef, Mention
from monitoring.models import Source
from monitoring.store import upsert_posts

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BUSY = {
    "n": 14,
    "window_s": 3600,
    "usual_low": 0,
    "usual_high": 2,
    "probability": 2.4e-6,
    "n_60": 14,
    "level": 2,
}


def seed_alarms(people: Mapping[str, User], *, now: datetime) -> None:
    """Three alarms of these days, once."""
    if Escalation.objects.exists():
        return
    quiet = Case.objects.filter(state__in=(State.CLOSED, State.DISMISSED), watches=None, lead=None)
    cases = list(quiet.select_related("post").order_by("pk")[:3])
    if len(cases) < 3:
        return
    ran_out, was_false, seen_first = cases
    _ran_out(ran_out, people, at=now - 7 * HOUR)
    _was_false(was_false, people, at=now - 26 * HOUR)
    _seen_first(seen_first, people, at=now - 5 * HOUR)


def seed_blind(people: Mapping[str, User], source: Source, *, now: datetime) -> None:
    """A watch on a conversation of the forum that gives no answer; somebody has its alarm."""
    at = now - 3 * HOUR
    if Case.objects.filter(post__source=source, watches__isnull=False).exists():
        return
    heard = Mention(
        platform="forum",
        canonical_id="havenforum-1",
        url="https://havenforum.example/t/1",
        text="Wie weet waarom de brandweer vannacht zo lang bij de Loswal stond?",
        posted_at=at,
        author=AuthorRef("havenforum-kees", "kees_aan_de_kade", "Kees", 40),
        thread_id="havenforum-1",
        language="nl",
    )
    with transaction.atomic():
        stored = upsert_posts([heard], now=at, source_id=source.pk)
        intake.open_cases(stored, now=at)
    watch = _watch(Case.objects.get(pk=stored.new[0].id), people, at=at)
    watching.evaluate(watch.pk, now=now)
    for alarm in Escalation.objects.filter(watch=watch, resolved_at=None):
        escalation.take_steps(alarm.pk, now=now)
        escalation.acknowledge(alarm, by=people["bram"], now=now)


def _ran_out(case: Case, people: Mapping[str, User], *, at: datetime) -> None:
    """Taken and left lying: it rang again, and somebody else ended it."""
    watch = _watch(case, people, at=at - HOUR)
    alarm = _rings(case, watch, at=at)
    escalation.acknowledge(alarm, by=people["ilse"], now=at + 4 * MINUTE)
    alarm.refresh_from_db()
    again = (alarm.taken_until or at) + MINUTE
    taking.lapse(alarm.pk, now=again)
    escalation.take_steps(alarm.pk, now=again)
    alarm.refresh_from_db()
    escalation.acknowledge(alarm, by=people["sanne"], now=again + 3 * MINUTE)
    alarm.refresh_from_db()
    taking.finish(
        alarm, reason="Met de wijkraad gebeld; het is rustig.", by=people["sanne"], now=again + HOUR
    )
    lookback.say(alarm, is_false=False, by=people["sanne"], now=again + HOUR)
    _over(watch, people, now=again + HOUR)


def _was_false(case: Case, people: Mapping[str, User], *, at: datetime) -> None:
    watch = _watch(case, people, at=at - HOUR)
    alarm = _rings(case, watch, at=at)
    escalation.acknowledge(alarm, by=people["sanne"], now=at + 2 * MINUTE)
    alarm.refresh_from_db()
    taking.finish(alarm, reason="Een prijsvraag, geen onrust.", by=people["sanne"], now=at + 30 * MINUTE)
    why = "Leerlingen reageerden op een prijsvraag van de school."
    lookback.say(alarm, is_false=True, reason=why, by=people["bram"], now=at + HOUR)
    _over(watch, people, now=at + HOUR)


def _seen_first(case: Case, people: Mapping[str, User], *, at: datetime) -> None:
    """The watcher said so; the machine never rose."""
    watch = _watch(case, people, at=at - HOUR)
    watching.say_worse(
        watch, by=people["joris"], now=at, note="In een besloten groep roepen ze op om te komen."
    )
    alarm = Escalation.objects.get(case=case)
    escalation.take_steps(alarm.pk, now=at)
    escalation.acknowledge(alarm, by=people["bram"], now=at + 6 * MINUTE)
    alarm.refresh_from_db()
    taking.finish(alarm, reason="De wijkagent is erbij.", by=people["bram"], now=at + 2 * HOUR)
    _over(watch, people, now=at + 2 * HOUR)


def _watch(case: Case, people: Mapping[str, User], *, at: datetime) -> Watch:
    """A watch kept by whoever is on duty at webcare."""
    plan = Plan(
        post=DutyPost.objects.filter(function="officer").first(),
        rule="Meer mensen vallen bij, of het gaat over personen",
        check_every=HOUR,
        ends_at=at + timedelta(days=7),
    )
    return watching.start(case, plan, by=people["ilse"], now=at)


def _rings(case: Case, watch: Watch, *, at: datetime) -> Escalation:
    alarm = Alarm(2, "worsened", BUSY, watch, onset_at=at - 9 * MINUTE)
    raised = escalation.raise_escalation(case, alarm, by=None, now=at)
    escalation.take_steps(raised.pk, now=at)
    return raised


def _over(watch: Watch, people: Mapping[str, User], *, now: datetime) -> None:
    watching.end(watch, by=people["bram"], now=now, reason="Het is voorbij.")
