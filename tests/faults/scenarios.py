"""The work that is killed, and the counts afterwards; each scenario returns plain numbers."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_string
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count
from django.test.utils import override_settings
from django.utils import timezone

from cases.models import AuditEvent, Case, Escalation, Notification, Response
from cases.services import audit, escalation, intake, notifications, outbox
from cases.services.escalation import Alarm
from monitoring import polling
from monitoring.connectors import registry
from monitoring.models import Post, PostIdentity, Query, RejectedMention, Source
from tests.cases import steps
from tests.faults import absorbed, alarms, at_the_desk, messages, nearby
from tests.faults.arrivals import Platform
from tests.faults.killing import killed_at_each_point
from tests.world import Desk, mention, open_desk

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEASED = timedelta(seconds=settings.LEASE_S + 1)
FILE_MAIL = "django.core.mail.backends.filebased.EmailBackend"


def migrate() -> dict[str, Any]:
    call_command("migrate", interactive=False, verbosity=0)
    return {}


def seed(folder: str, n_sources: int, n_each: int, over_s: float = 0) -> dict[str, Any]:
    """Sources that each bring `n_each` mentions, all at once or spread over some seconds from now."""
    now = timezone.now()
    desk = open_desk(now, outbox=Path(folder) / "outbox")
    Source.objects.filter(pk=desk.source.pk).update(is_enabled=False)
    for n in range(n_sources):
        path = Path(folder) / f"incident-{n}.jsonl"
        path.write_text(incident(n, n_each, over_s=over_s), encoding="utf-8")
        source = Source.objects.create(
            name=f"source {n}",
            connector="replay",
            interval_s=1,
            settings={"path": str(path), "started_at": now.isoformat(), "run": "1", "speed": 1},
            next_poll_at=now,
        )
        source.queries.add(desk.query)
    return {"mentions": n_sources * n_each}


def incident(source: int, n_mentions: int, *, over_s: float = 0) -> str:
    """A recorded incident whose texts are all different: one file of lines."""
    lines: list[dict[str, Any]] = [
        {"incident": f"incident-{source}", "title": {"nl": "Proef", "en": "Trial"}}
    ]
    lines += [
        {
            "id": f"p{n}",
            "at_s": -60 + n / 1000 if not over_s else n * over_s / n_mentions,
            "platform": "replay",
            "handle": f"author{n % 17}",
            "text": f"De brandweer bij de Loswal, melding {source}-{n}",
        }
        for n in range(n_mentions)
    ]
    return "\n".join(json.dumps(line) for line in lines) + "\n"


def tally() -> dict[str, Any]:
    """What was kept of all that came: nothing may be missing, double, or without its first event."""
    texts = Counter(Post.objects.values_list("text", flat=True))
    first = AuditEvent.objects.filter(action="opened", seq=1)
    audit.checkpoint(now=timezone.now())
    return {
        "posts": len(texts),
        "doubled": sum(n - 1 for n in texts.values()),
        "identities": PostIdentity.objects.count(),
        "cases": Case.objects.count(),
        "opened": first.count(),
        "opened_twice": first.values("subject").annotate(n=Count("pk")).filter(n__gt=1).count(),
        "findings": [f"{finding.subject} {finding.what}" for finding in audit.verify()],
    }


def poll_dying(folder: str, n_each: int) -> dict[str, Any]:
    """A poll of one page, killed at every statement and commit; then polled again."""
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    path = Path(folder) / "incident-0.jsonl"
    path.write_text(incident(0, n_each), encoding="utf-8")
    place = {"path": str(path), "started_at": NOON.isoformat(), "speed": 1}

    def prepare() -> Callable[[], object]:
        Source.objects.filter(pk=desk.source.pk).update(cursor={}, settings={**place, "run": next(runs)})
        return lambda: desk.poll(now=NOON)

    runs = (str(n) for n in range(1, 1000))
    n_points = n_wrong = 0
    for n_points in killed_at_each_point(prepare):
        before = Post.objects.count()
        assert before % n_each == 0, "half a page was stored"
        desk.poll(now=NOON + LEASED)
        n_wrong += Post.objects.count() != n_points * n_each
        n_wrong += Case.objects.count() != n_points * n_each
    return {"points": n_points, "wrong": n_wrong, "findings": len(audit.verify())}


def send_dying(folder: str) -> dict[str, Any]:
    """A reply on its way out, killed at every statement and commit; then the sweep comes by again."""
    platform = Platform(Path(folder) / "arrived")
    registry.CONNECTORS = {**registry.CONNECTORS, "replay": platform}
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    sent_at = NOON + timedelta(seconds=settings.UNDO_WINDOW_S)
    numbers = iter(range(1000))

    def prepare() -> Callable[[], object]:
        case = desk.hear(mention(next(numbers), at=NOON))[0]
        response = steps.queued(case, by=desk.officer, now=NOON)
        return lambda: outbox.deliver(response.pk, now=sent_at)

    n_points = 0
    for n_points in killed_at_each_point(prepare):  # noqa: B007
        _sweep_replies(sent_at + LEASED)
        _sweep_replies(sent_at + 10 * LEASED)
    arrived = Counter(platform.keys())
    sent = Response.objects.filter(status=Response.Status.SENT, case__state="responded")
    return {
        "points": n_points,
        "sent": sent.count(),
        "lost": n_points - len(arrived),
        "doubled": sum(n - 1 for n in arrived.values()),
        "findings": len(audit.verify()),
    }


def _sweep_replies(now: datetime) -> None:
    for response_id in outbox.due_responses(now=now):
        outbox.deliver(response_id, now=now)


def alert_dying(folder: str) -> dict[str, Any]:
    """An alarm being raised into messages, and each message being mailed, killed at every point."""
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    mail = Path(folder) / "mail"
    numbers = iter(range(1000))

    def alarm() -> Escalation:
        case = desk.hear(mention(next(numbers), at=NOON))[0]
        cause = Alarm(3, "worsened", {"n_60": 12, "level": 3})
        return escalation.raise_escalation(case, cause, by=None, now=NOON)

    def steps_die() -> Callable[[], object]:
        alarm()
        return lambda: escalation.take_due_steps(now=NOON)

    def mail_dies() -> Callable[[], object]:
        raised = alarm()
        escalation.take_due_steps(now=NOON)
        message = Notification.objects.filter(escalation=raised, channel="email").earliest("pk")
        return lambda: notifications.deliver(message.pk, now=NOON)

    with override_settings(EMAIL_BACKEND=FILE_MAIL, EMAIL_FILE_PATH=str(mail)):
        n_step_points = n_mail_points = 0
        for n_step_points in killed_at_each_point(steps_die):  # noqa: B007
            escalation.take_due_steps(now=NOON)
        for n_mail_points in killed_at_each_point(mail_dies):  # noqa: B007
            _sweep_mail(NOON + timedelta(minutes=1))
    return {"step_points": n_step_points, "mail_points": n_mail_points, **_mailed(desk, mail)}


def _sweep_mail(now: datetime) -> None:
    for notification_id in notifications.due_notifications(now=now):
        notifications.deliver(notification_id, now=now)


def _mailed(desk: Desk, mail: Path) -> dict[str, Any]:
    """How many mails went, by Message-ID, against the messages that were to be mailed."""
    _sweep_mail(NOON + timedelta(minutes=5))
    separator = "-" * 79
    mails = [
        message_from_string(part.strip())
        for path in mail.glob("*.log")
        for part in path.read_text(encoding="utf-8").split(separator)
        if part.strip()
    ]
    ids = Counter(str(one["Message-ID"]) for one in mails)
    wanted = Notification.objects.filter(channel="email")
    told = {(one.escalation_id, one.recipient_id) for one in wanted}
    return {
        "escalations": Escalation.objects.count(),
        "messages": wanted.count(),
        "told_twice": wanted.count() - len(told),
        "undelivered": wanted.filter(delivered_at=None).count(),
        "mails": len(mails),
        "message_ids": len(ids),
        "findings": len(audit.verify()),
    }


def seed_platforms(folder: str, urls: list[str], n_each: int = 1, interval_s: int = 1) -> dict[str, Any]:
    """Sources that read #loswal on servers that speak as Mastodon does, `n_each` a server."""
    now = timezone.now()
    desk = open_desk(now, outbox=Path(folder) / "outbox")
    Source.objects.filter(pk=desk.source.pk).update(is_enabled=False)
    tagged = Query.objects.create(
        name="tag",
        terms="#loswal",
        purpose="proof",
        legal_basis="public task",
        owner=desk.lead,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        created_at=now,
    )
    for url in urls:
        for nth in range(n_each):
            source = Source.objects.create(
                name=f"{url} {nth}",
                connector="mastodon",
                interval_s=interval_s,
                settings={"server": url},
                next_poll_at=now,
            )
            source.queries.add(tagged)
    return {"sources": len(urls) * n_each}


def deliver_again(times: int) -> dict[str, Any]:
    """The same tasks for every source, so many times over."""
    ids = list(Source.objects.filter(is_enabled=True).values_list("pk", flat=True))
    for source_id in ids * times:
        current_app.send_task("cases.tasks.poll_source", [source_id], queue="poll", expires=60)
    return {"sent": len(ids) * times}


def read_everything(most_polls: int) -> dict[str, Any]:
    """Poll every source until it has nothing more; what came, and what was set apart with which reason."""
    nearby.open_up()
    for source_id in Source.objects.filter(is_enabled=True).values_list("pk", flat=True):
        for _ in range(most_polls):
            now = timezone.now()
            Source.objects.filter(pk=source_id).update(next_poll_at=now)
            source = polling.take_source(source_id, now=now)
            assert source is not None
            polling.poll(source, on_page=intake.open_cases, now=now)
            source.refresh_from_db()
            if source.health != Source.Health.BEHIND:
                break
    reasons = Counter(RejectedMention.objects.values_list("reason", flat=True))
    return {
        "health": sorted(set(Source.objects.filter(is_enabled=True).values_list("health", flat=True))),
        "rejected": RejectedMention.objects.count(),
        "rejected_raw": RejectedMention.objects.values("raw").distinct().count(),
        "reasons": dict(reasons),
    }


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "migrate": migrate,
    "seed": seed,
    "tally": tally,
    "poll_dying": poll_dying,
    "send_dying": send_dying,
    "alert_dying": alert_dying,
    "officers_rush": at_the_desk.officers_rush,
    "officers_crowd": at_the_desk.officers_crowd,
    "reply_dying": at_the_desk.reply_dying,
    "seed_platforms": seed_platforms,
    "deliver_again": deliver_again,
    "read_everything": read_everything,
    **alarms.SCENARIOS,
    **messages.SCENARIOS,
    **absorbed.SCENARIOS,
}
