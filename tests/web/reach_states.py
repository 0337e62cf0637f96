"""How people are reached, in every state that its pages look different in."""

from datetime import datetime, time, timedelta

from cases.models import Attempt, Contact, DutyPost, Notification
from cases.outcomes import Outcome
from cases.rules.permissions import Role
from cases.services import contacts, escalation, onetap
from cases.services.contacts import NewContact, Reach
from cases.services.escalation import Alarm
from cases.services.onetap import Tap
from tests.world import Desk, mention, person

SLACK = "slack://T1JJ3T3L{n}/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"
LONG_NAME = "Telefoon van de nachtdienst op de tweede verdieping, naast de kast"


def every_way(desk: Desk, now: datetime) -> list[str]:
    """My ways in every state, the log with every outcome, the page of an alarm with its messages."""
    officer = desk.officer
    contacts.set_reach(officer, Reach(time(22), time(7), "Europe/Brussels", 2), now=now)
    for n, changes in enumerate(
        (
            {"last_ok_at": now},
            {"failing_since": now, "error": Outcome.CHAT_REFUSED("Slack")},
            {"is_active": False, "failing_since": now, "error": Outcome.PUSH_ENDED},
        )
    ):
        made = contacts.add(NewContact("chat", LONG_NAME, SLACK.format(n=n)), by=officer, now=now)
        Contact.objects.filter(pk=made.pk).update(**changes)
    post = DutyPost.objects.create(name="nachtdesk")
    contacts.add(NewContact("chat", "team", SLACK.format(n=9), post=post), by=desk.lead, now=now)
    case, *_ = desk.hear(mention("reach", "Het water stijgt bij de brug", at=now))
    alarm = escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=now)
    escalation.take_due_steps(now=now)
    sent = Notification.objects.filter(escalation=alarm, channel="email").order_by("pk")
    first, *_rest = sent
    for n, outcome in enumerate(Outcome):
        Attempt.objects.create(
            notification=first,
            at=now + timedelta(seconds=n),
            is_delivered=outcome is Outcome.DELIVERED,
            outcome=outcome("x1"),
        )
    sent.filter(pk=first.pk).update(n_attempts=4, error=Outcome.MAIL_REFUSED("OSError"))
    sent.exclude(pk=first.pk).update(digest=True, due_at=now + timedelta(hours=8))
    return [
        "/me/",
        "/messages/",
        "/messages/?failing=1",
        f"/messages/?alarm={alarm.pk}",
        f"/alarms/{alarm.pk}/",
    ]


def every_tap(desk: Desk, now: datetime, *, lang: str) -> list[str]:
    """The page behind a link: it rings, rose, was taken by them and by a colleague, is over, is no link."""
    reader = person("tess", Role.OFFICER)
    reader.language = lang
    reader.save(update_fields=["language"])
    cases = desk.hear(*(mention(f"tap{n}", f"Het water stijgt, melding {n}", at=now) for n in range(5)))
    alarms = [escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=now) for case in cases]
    links = [onetap.link(Tap(reader.pk, alarm.pk, alarm.round, 2)) for alarm in alarms]
    escalation.raise_escalation(cases[1], Alarm(3, "danger", {}), by=None, now=now)
    escalation.acknowledge(alarms[2], by=reader, now=now)
    escalation.acknowledge(alarms[3], by=desk.colleague, now=now)
    escalation.resolve(cases[4], by=desk.lead, now=now, resolution="x")
    return ["/a/" + link.rstrip("/").rsplit("/", 1)[1] + "/" for link in links] + ["/a/geen/"]
