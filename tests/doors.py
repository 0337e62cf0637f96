"""Every door for every role: rows to go to, and what the table says that happens there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import URLPattern, URLResolver, reverse

from cases.models import (
    Absence,
    AssignmentRule,
    Batch,
    Calendar,
    Contact,
    DutyPost,
    Escalation,
    Exercise,
    HandOver,
    Inject,
    Mandate,
    Notification,
    RotaPattern,
    SchemeVersion,
    Shift,
    Situation,
    SituationLevel,
    Swap,
    Target,
    WatchProfile,
)
from cases.reads.feeds import token_of
from cases.rules.doors import HIDING, Door, Open, Who, opens
from cases.rules.permissions import Need, Role, may
from cases.services import batches, escalation, feeds, imports, messages, onetap, promises, templates
from cases.services.batches import Act
from cases.services.messages import Words
from cases.services.templates import TemplatePlan
from cases.services.views import save as save_view
from monitoring.connectors.incident import INCIDENTS
from monitoring.models import RejectedMention, Source
from tests.cases import claiming
from tests.cases.pictures import fire, made
from tests.cases.steps import drafting, watched
from tests.world import Desk, mention

NOBODYS = 8_999_999
"""A number that no row has."""

METHODS = ("get", "post")


def rows(desk: Desk, *, now: datetime) -> dict[str, Any]:
    """What is really there for every part of an address that names something."""
    case, other, third = desk.hear(*(mention(n, at=now) for n in range(3)))
    watch = watched(desk, case, now=now)
    response = drafting(other, by=desk.officer, now=now)
    task = promises.promise(case, "Call back", due_at=now + timedelta(days=1), by=desk.officer, now=now)
    alarm = escalation.Alarm(2, "referred", {"note": "x"})
    escalation.raise_escalation(third, alarm, by=desk.officer, now=now)
    text = templates.write(TemplatePlan("thanks", "Dank je wel."), by=desk.officer, now=now)
    rejected = RejectedMention.objects.create(source=desk.source, raw="{}", reason="odd", at=now)
    file = imports.prepare("posts.csv", b"text,posted_at\nBrand,2026-03-02", by=desk.lead, now=now)
    notice = Notification.objects.create(
        recipient=desk.lead, kind="query ending", about="query:1", channel="in-app", key="1", created_at=now
    )
    picture = made(_pictured(desk, now=now), desk, now=now)
    return {
        "case_id": case.pk,
        "post_id": case.pk,
        "exit_id": "neutral",
        "view_id": save_view("fire", {"text": "brand"}, by=desk.officer, now=now).pk,
        "response_id": response.pk,
        "watch_id": watch.pk,
        "profile_id": WatchProfile.objects.get_or_create(name="normal")[0].pk,
        "contact_id": _contact(desk, now=now).pk,
        "token": _token(desk, third.escalations.get()),
        "task_id": task.pk,
        "template_id": text.pk,
        **_claim_rows(desk, now=now),
        "level": 2,
        "level_id": SituationLevel.objects.order_by("n")[0].pk,
        "escalation_id": third.escalations.get().pk,
        "query_id": desk.query.pk,
        "source_id": desk.source.pk,
        "import_id": file,
        "rejected_id": rejected.pk,
        "notification_id": notice.pk,
        "inject_id": _inject(desk, now=now),
        "situation_id": picture.situation_id,
        "picture_n": picture.n,
        "message_id": messages.write(Words("Geen gevaar.", "untruth"), by=desk.officer, now=now).pk,
        "batch_id": _batch(picture.situation, desk, now=now).pk,
        **team_rows(desk, now=now),
    }


def _pictured(desk: Desk, *, now: datetime) -> Situation:
    """The newest situation there is: the one that other addresses lead to, or a fire."""
    return Situation.objects.order_by("-pk").first() or fire(desk, now=now)


def _batch(situation: Situation, desk: Desk, *, now: datetime) -> Batch:
    """An act on many cases that has none to do yet."""
    return batches.begin(Act(Batch.Kind.CLOSE, situation=situation), {}, by=desk.officer, now=now)


def _claim_rows(desk: Desk, *, now: datetime) -> dict[str, int]:
    """A claim decided on a source, with an answer in force."""
    claim = claiming.decided(claiming.rumour(desk, now=now), "false", by=desk.officer, now=now)
    answer = claiming.vetted(claim, desk, now=now)
    return {"claim_id": claim.pk, "fact_id": claim.sources.get().pk, "answer_id": answer.pk}


def team_rows(desk: Desk, *, now: datetime) -> dict[str, int]:
    """Who is on duty, what they left, and how work is divided."""
    post = DutyPost.objects.create(name="webcare")
    ends = now + timedelta(hours=8)
    shift = Shift.objects.create(post=post, person=desk.officer, starts_at=now, ends_at=ends)
    later = now + timedelta(days=1), ends + timedelta(days=1)
    tomorrow = Shift.objects.create(post=post, person=desk.lead, starts_at=later[0], ends_at=later[1])
    swap = Swap.objects.create(shift=tomorrow, for_person=desk.lead, asked_by=desk.lead, asked_at=now)
    away = Absence.objects.create(person=desk.colleague, starts_at=now, ends_at=ends)
    pattern = RotaPattern.objects.create(post=post, first=now.date())
    left = HandOver.objects.create(by=desk.officer, to=desk.lead, at=now)
    calendar = Calendar.objects.create(name="office", hours={"0": [["09:00", "17:00"]]})
    rule = AssignmentRule.objects.create(n=99, name="fire", words="brand", to_person=desk.officer)
    mandate = Mandate.objects.filter(holder=desk.officer).first()
    assert mandate is not None
    return {
        "mandate_id": mandate.pk,
        "version_id": SchemeVersion.objects.get().pk,
        "duty_post_id": post.pk,
        "shift_id": shift.pk,
        "swap_id": swap.pk,
        "feed_token": token_of(desk.officer, feeds.renew(by=desk.officer, now=now)),
        "absence_id": away.pk,
        "pattern_id": pattern.pk,
        "hand_over_id": left.pk,
        "rule_id": rule.pk,
        "calendar_id": calendar.pk,
        "target_id": Target.objects.create(minutes=60, calendar=None).pk,
    }


@dataclass(frozen=True, slots=True)
class Address:
    """One address with the number of something that is there, and with one that nobody has."""

    name: str
    there: str
    nowhere: str
    is_hiding: bool


def addresses(
    patterns: Iterable[URLPattern | URLResolver], found: Mapping[str, Any], *, space: str
) -> list[Address]:
    """All addresses of `space` whose parts `rows` names (`without_row` tells of the others)."""
    listed = []
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)
        parts = list(pattern.pattern.converters)
        if not set(parts) <= set(found):
            continue
        named = {part: found[part] for part in parts}
        if "source_id" in named and str(pattern.pattern).startswith("import"):
            named["source_id"] = found["import_id"]
        to = f"{space}:{pattern.name}"
        nobodys = {part: NOBODYS if isinstance(value, int) else value for part, value in named.items()}
        is_hiding = not HIDING.isdisjoint(parts)
        there, nowhere = reverse(to, kwargs=named), reverse(to, kwargs=nobodys)
        listed.append(Address(str(pattern.name), there, nowhere if nowhere != there else "", is_hiding))
    return listed


def without_row(
    patterns: Iterable[URLPattern | URLResolver], table: Mapping[str, Door], found: Mapping[str, Any]
) -> list[str]:
    """What to add so that every address is tried; empty when each has its row."""
    named = {str(pattern.name): pattern for pattern in patterns if isinstance(pattern, URLPattern)}
    say = [f"cases/rules/doors.py: say who may go to {name!r}" for name in sorted(set(named) - set(table))]
    say += [
        f"cases/rules/doors.py: {name!r} is no address any more" for name in sorted(set(table) - set(named))
    ]
    parts = {part: name for name, pattern in named.items() for part in pattern.pattern.converters}
    return say + [
        f"tests/doors.py: say in `rows` what is really there for {part!r} of {name!r}"
        for part, name in sorted(parts.items())
        if part not in found
    ]


def rolled_back(act: Callable[[str], Any], url: str) -> Any:
    """What an address answers; nothing of it stays, so that each is tried on the same rows."""
    with transaction.atomic():
        answer = act(url)
        transaction.set_rollback(True)
    return answer


def said(status: int, to: str = "") -> str:
    """What an answer comes to for who asks."""
    if status == 401 or status == 302 and to.startswith("/sign-in/"):
        return "who?"
    if status in (302, 303):
        return "led on"
    return {403: "may not", 404: "not there", 405: "not so"}.get(status, "may" if status < 500 else "broken")


def wanted(role: Role, who: Who | None, at: Address, *, is_there: bool) -> set[str]:
    """What the table lets an address answer. Nobody learns by a refusal what exists."""
    if who is None:
        return {"not so", "not there", "may not", "led on"}
    if who is Open.KEY:
        return {"not so", "not there", "may not", "may", "led on"}
    if who is Open.PUBLIC:
        return {"may", "led on", "who?"}
    if at.is_hiding and not may(role, Need.SEE):
        return {"not there"}
    if who is Open.OWN:
        return {"not there", "may not"}
    if opens(role, who):
        return {"may", "led on"} if is_there else {"not there"}
    return {"may not"} if is_there else {"not there", "may not"}


def _inject(desk: Desk, *, now: datetime) -> int:
    """Something that happened in an exercise that is over."""
    clock = [[now.isoformat(), 0.0, 1.0], [now.isoformat(), 0.0, 0.0]]
    settings = {**desk.source.settings, "path": str(INCIDENTS / "sluis.jsonl"), "clock": clock}
    source = Source.objects.create(name="story", connector="replay", settings=settings, next_poll_at=now)
    exercise = Exercise.objects.create(
        title="Sluis", incident="sluis", source=source, made_at=now, began_at=now, ended_at=now
    )
    return Inject.objects.create(exercise=exercise, text="De burgemeester belt.", told_at=now).pk


def _contact(desk: Desk, *, now: datetime) -> Contact:
    """A chat of somebody else than whoever tries."""
    return Contact.objects.create(
        person=desk.employee, kind="chat", name="chat", address="", fingerprint="f", created_at=now
    )


def _token(desk: Desk, alarm: Escalation) -> str:
    tap = onetap.Tap(desk.officer.pk, alarm.pk, alarm.round, alarm.level)
    return onetap.link(tap).rstrip("/").rsplit("/", 1)[1]
