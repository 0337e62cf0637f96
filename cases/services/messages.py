"""Our own message to everybody: written, let go from one of our accounts, or registered."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from secrets import token_hex
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cases import carried, policy, wording
from cases.models import Claim, PublicMessage, Situation, User, VettedAnswer
from cases.rules import one_voice
from cases.rules.mandate import NO_SITUATION, Ask, Covered, NotCovered
from cases.rules.permissions import Role
from cases.rules.scheme import Action
from cases.services import audit, speaking
from cases.services.drafts import unfilled
from monitoring import replies
from monitoring.connectors.base import No
from monitoring.models import Source

Status = PublicMessage.Status


class CannotPublish(Exception):
    """A message that may not leave yet: every reason at once."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)


class MessageChanged(Exception):
    """Somebody changed the message, or let it go, after the page was opened."""

    def __init__(self, message_id: int) -> None:
        super().__init__(message_id)
        self.message_id = message_id

    def __str__(self) -> str:
        return _(
            "Message %(n)d was changed or sent after you opened the page. Nothing was kept; "
            "look at it as it is now and try again."
        ) % {"n": self.message_id}


@dataclass(frozen=True, slots=True)
class Words:
    """What the message says, where it goes, and whom it answers besides."""

    text: str
    category: str
    language: str = "nl"
    source: Source | None = None
    situation: Situation | None = None
    claim: Claim | None = None
    replies_to: str = PublicMessage.RepliesTo.NOBODY
    reply_text: str = ""


def write(words: Words, *, by: User, now: datetime) -> PublicMessage:
    """Begin a message; nothing leaves yet. Raises CannotPublish without words."""
    if not words.text.strip():
        raise CannotPublish([_("The message is empty.")])
    with transaction.atomic():
        message = PublicMessage.objects.create(**_fields(words), by=by, created_at=now, key=token_hex(16))
        audit.append(subject_of(message.pk), "message written", by=by, now=now, facts=_facts(message))
    return message


def change(message: PublicMessage, words: Words, *, by: User, now: datetime, seen: int) -> PublicMessage:
    """Say it otherwise, while it is a draft. Raises MessageChanged when it is not what was seen."""
    if not words.text.strip():
        raise CannotPublish([_("The message is empty.")])
    with transaction.atomic():
        latest = _draft(message, seen=seen)
        for name, value in _fields(words).items():
            setattr(latest, name, value)
        latest.revision += 1
        latest.save()
        audit.append(subject_of(latest.pk), "message changed", by=by, now=now, facts=_facts(latest))
    return latest


def publish(message: PublicMessage, *, by: User, now: datetime, seen: int) -> PublicMessage:
    """Let it go after the undo window. Raises CannotPublish with every reason, or MessageChanged."""
    with transaction.atomic():
        latest = _draft(message, seen=seen)
        covered = mandate_for(latest, by=by, now=now)
        reasons = _no_way_out(latest) + _reasons(latest, covered, by=by, now=now)
        if reasons:
            raise CannotPublish(reasons)
        latest.status, latest.error = Status.QUEUED, ""
        latest.send_at = now + timedelta(seconds=settings.UNDO_WINDOW_S)
        latest.mandate_id = covered.grant.number if isinstance(covered, Covered) else None
        latest.claim_revision = _standing(latest)
        latest.revision += 1
        latest.save()
        audit.append(subject_of(latest.pk), "message queued", by=by, now=now, facts=_facts(latest))
    return latest


def register(message: PublicMessage, url: str, *, by: User, now: datetime, seen: int) -> PublicMessage:
    """Write down that it stands somewhere already, at this address. Raises as `publish`."""
    with transaction.atomic():
        latest = _draft(message, seen=seen)
        covered = mandate_for(latest, by=by, now=now)
        reasons = _no_address(url) + _reasons(latest, covered, by=by, now=now)
        if reasons:
            raise CannotPublish(reasons)
        latest.status, latest.url, latest.published_at = Status.PUBLISHED, url, now
        latest.mandate_id = covered.grant.number if isinstance(covered, Covered) else None
        latest.revision += 1
        latest.save()
        audit.append(subject_of(latest.pk), "message registered", by=by, now=now, facts=_facts(latest))
        if latest.situation_id:
            speaking.spoke(latest.situation_id, now=now)
    return latest


def take_back(message: PublicMessage, *, by: User, now: datetime) -> bool:
    """Stop it within the undo window; False when it is already on its way."""
    with transaction.atomic():
        latest = PublicMessage.objects.select_for_update().get(pk=message.pk)
        if latest.status != Status.QUEUED:
            return False
        latest.status, latest.send_at, latest.revision = Status.DRAFT, None, latest.revision + 1
        latest.save()
        audit.append(subject_of(latest.pk), "message taken back", by=by, now=now)
    return True


def mandate_for(message: PublicMessage, *, by: User, now: datetime) -> Covered | NotCovered:
    """Whether somebody may say this to everybody, from this account."""
    source = message.source
    keys = [f"credential:{source.credential_id}"] if source and source.credential_id else []
    account = (source.connector, *keys) if source else ()
    ask = Ask(
        option=Action.REPLY_PUBLIC,
        account=account,
        visibility="public",
        situation=str(message.situation_id or NO_SITUATION),
    )
    return policy.mandate_of(by, [message.category] if message.category else ["*"], now=now, ask=ask)


def one_voice_bars(message: PublicMessage, *, by: User | None, now: datetime) -> list[str]:
    """A situation that is locked: a lead, or a vetted answer as it is; nobody else."""
    situation = message.situation
    if situation is None or not situation.is_locked or situation.status != Situation.Status.OPEN:
        return []
    if (by and by.role == Role.LEAD) or _is_vetted(message, now=now):
        return []
    return [
        _("“%(name)s” speaks with one voice. The message is kept; a duty lead can let it go as it is.")
        % {"name": situation.name}
    ]


def claim_bars(message: PublicMessage) -> list[str]:
    """The claim that it rests on was decided otherwise, or merged, after it was let go."""
    if message.claim_id is None or message.claim_revision in (None, _standing(message)):
        return []
    (claim,) = carried.roots([message.claim_id]).values()
    return [
        _("What we know changed since this was let go. %(claim)s Read it, and let it go again.")
        % {"claim": carried.sentence(claim)}
    ]


def silenced(message: PublicMessage, *, by: User, now: datetime) -> set[int]:
    """Situations with one voice whose cases this message may not answer: it is no lead's and not vetted."""
    if by.role == Role.LEAD or _is_vetted(message, now=now):
        return set()
    locked = Situation.objects.filter(status=Situation.Status.OPEN, is_locked=True)
    return set(locked.values_list("pk", flat=True)) - {message.situation_id}


def subject_of(message_id: int) -> str:
    return f"message:{message_id}"


def _standing(message: PublicMessage) -> int | None:
    if message.claim_id is None:
        return None
    return carried.standing(carried.roots([message.claim_id]).values())


def _is_vetted(message: PublicMessage, *, now: datetime) -> bool:
    answers = VettedAnswer.objects.in_force(now=now).filter(claim=message.claim_id)
    return any(one_voice.is_same(message.text, answer.text) for answer in answers)


def _draft(message: PublicMessage, *, seen: int) -> PublicMessage:
    latest = PublicMessage.objects.select_for_update().get(pk=message.pk)
    if latest.revision != seen or latest.status not in (Status.DRAFT, Status.FAILED):
        raise MessageChanged(message.pk)
    return latest


def _reasons(message: PublicMessage, covered: object, *, by: User, now: datetime) -> list[str]:
    reasons = unfilled(message.text) + unfilled(message.reply_text)
    if not message.category:
        reasons.append(_("Say what kind of posts it answers: who may say so depends on it."))
    if message.replies_to != PublicMessage.RepliesTo.NOBODY and not message.reply_text.strip():
        reasons.append(_("Write what they read who get a reply of their own."))
    if isinstance(covered, NotCovered):
        reasons.append(wording.why_not(covered))
    return reasons + one_voice_bars(message, by=by, now=now)


def _no_way_out(message: PublicMessage) -> list[str]:
    if message.source is None:
        return [_("Choose the account that says it, or give the address where it stands already.")]
    if isinstance(replies.can_post(message.source), No):
        return [
            _(
                "Weerwoord cannot publish on %(account)s itself. Publish it there, "
                "and give the address where it stands."
            )
            % {"account": message.source.name}
        ]
    limit, length = replies.measure_post(message.source, message.text)
    if limit is None or length <= limit:
        return []
    facts = {"length": length, "limit": limit, "over": length - limit}
    return [_("The message counts %(length)d characters and %(limit)d fit; shorten it by %(over)d.") % facts]


def _no_address(url: str) -> list[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("http", "https") and parts.hostname and len(url) <= 2000:
        return []
    return [_("Give the whole address where the message stands, from https:// on.")]


def _fields(words: Words) -> dict[str, object]:
    return {each.name: getattr(words, each.name) for each in fields(words)}


def _facts(message: PublicMessage) -> dict[str, object]:
    return {
        "text": message.text,
        "category": message.category,
        "account": message.source.name if message.source else "",
        "link": message.url,
        "replies to": message.replies_to,
        "reply": message.reply_text,
        "by mandate": message.mandate_id,
    }
