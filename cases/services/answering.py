"""One message answers many cases: who is answered, who is left out, and who gets a reply of their own."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from cases import carried, policy
from cases.models import (
    Assessment,
    Batch,
    Case,
    Escalation,
    PublicMessage,
    Response,
    Task,
    User,
    Watch,
)
from cases.rules.mandate import NotCovered
from cases.rules.workflow import OPEN, State
from cases.services import audit, batches, counting, messages, pacing
from cases.services.batches import Act
from cases.services.messages import CannotPublish
from cases.services.transitions import move_many
from cases.wording import why_not
from monitoring import replies
from monitoring.connectors.base import Yes
from monitoring.models import Post

AT_ONCE = 2000
"""Cases asked about in one statement."""

ANSWERED = "answered by message"
OPTION = "message"

MAY = frozenset({State.NEW, State.ASSESSED, State.DRAFTING, State.COMMS})
"""States that a message ends."""


@dataclass(slots=True)
class Proposal:
    """Before anything happens: the cases that would be answered, and the others by what keeps them out."""

    seen: dict[int, State] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    n_posts: int = 0

    @property
    def n_left(self) -> Counter[str]:
        return Counter(self.left.values())


def propose(case_ids: Collection[int], *, now: datetime, silenced: Collection[int] = ()) -> Proposal:
    """Who would be answered and who is left out, by kind (`why`), without doing anything.

    `silenced`: situations whose cases it may not answer (`messages.silenced`).
    """
    proposal, ids = Proposal(), sorted(set(case_ids))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        found = Case.objects.filter(pk__in=some).select_related("scheme")
        bars = _bars(some)
        for case in found:
            if case.state == State.MERGED:
                continue  # its lead stands for it
            proposal.n_posts += 1 + case.n_copies
            if kind := _kind(case, now=now, silenced=silenced) or bars.get(case.pk, ""):
                proposal.left[case.pk] = kind
            else:
                proposal.seen[case.pk] = State(case.state)
    return proposal


def answer(
    message: PublicMessage,
    seen: Mapping[int, State],
    *,
    by: User,
    now: datetime,
    chosen: Mapping[str, object],
) -> Batch:
    """Let a message that stands answer these cases; a worker does it. `chosen`: how they were chosen.

    Raises CannotPublish before it was published, without cases, or without the mandate for it.
    """
    covered = messages.mandate_for(message, by=by, now=now)
    reasons = messages.one_voice_bars(message, by=by, now=now)
    if message.status != PublicMessage.Status.PUBLISHED:
        reasons.append(_("The message does not stand anywhere yet. Publish it first, then choose the cases."))
    if not seen:
        reasons.append(_("There is no case that it can answer."))
    if isinstance(covered, NotCovered):
        reasons.append(why_not(covered))
    if reasons:
        raise CannotPublish(reasons)
    act = Act(
        Batch.Kind.ANSWER,
        situation=message.situation,
        message=message,
        claim=message.claim,
        facts={"chosen": dict(chosen)},
    )
    return batches.begin(act, seen, by=by, now=now)


def carry_out(batch: Batch, cases: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """Answer held cases in a few statements, however many; says of each why not."""
    message = batch.message
    if message is None or batch.by is None:
        return {case.pk: why("gone", case.pk) for case in cases}
    bars = _bars([case.pk for case in cases])
    silenced = messages.silenced(message, by=batch.by, now=now)
    kinds = {case.pk: _kind(case, now=now, silenced=silenced) or bars.get(case.pk, "") for case in cases}
    ready = [case for case in cases if not kinds[case.pk]]
    if ready:
        _answer(message, ready, by=batch.by, now=now)
    return {pk: why(kind, pk) if kind else "" for pk, kind in kinds.items()}


def stop(message: PublicMessage, *, by: User, now: datetime) -> int:
    """No further case is answered and no further reply leaves; returns how many replies stay unsent.

    What was answered stays answered by the message. A reply that may have arrived is only looked for. All in
    one transaction, and no worker that writes a reply of this message keeps it waiting (no key).
    """
    with transaction.atomic():
        held = PublicMessage.objects.select_for_update(no_key=True).get(pk=message.pk)
        held.replies_to = PublicMessage.RepliesTo.NOBODY
        held.revision += 1
        held.save(update_fields=["replies_to", "revision"])
        n = waiting(held).update(status=Response.Status.WITHDRAWN, send_at=None)
        facts = {"replies not sent": n}
        audit.append(messages.subject_of(held.pk), "message stopped", by=by, now=now, facts=facts)
        for batch in Batch.objects.filter(message=held, status=Batch.Status.RUNNING).order_by("pk"):
            batches.stop(batch, by=by, now=now)
    return n


def waiting(message: PublicMessage) -> QuerySet[Response]:
    """Replies of their own that have not been tried yet."""
    return Response.objects.filter(message=message, status=Response.Status.QUEUED)


def why(kind: str, case_id: int) -> str:
    """Why a case is left out, in one sentence."""
    return {
        "gone": _("There is no case %(case)d."),
        "urgent": _("Case %(case)d is urgent; look at it by itself."),
        "ended": _("Nobody waits for an answer on case %(case)d."),
        "begun": _("Somebody has begun to judge case %(case)d; finish it by itself."),
        "voice": _("Case %(case)d is in a situation with one voice; a duty lead lets a message answer it."),
        "taken": _("Somebody is at case %(case)d now."),
        "reply": _("A reply to case %(case)d is being written or sent."),
        "watch": _("Case %(case)d is being watched."),
        "promise": _("Something was promised on case %(case)d."),
        "alarm": _("An alarm runs on case %(case)d."),
    }[kind] % {"case": case_id}


def _kind(case: Case, *, now: datetime, silenced: Collection[int]) -> str:
    """What keeps a case out by itself; "" = nothing."""
    if case.is_urgent or case.category == "danger":
        return "urgent"
    if case.state not in MAY or case.state not in OPEN:
        return "ended"
    if case.situation_id in silenced:
        return "voice"
    if case.taken_until and case.taken_until > now:
        return "taken"
    if case.state == State.NEW and case.scheme_node != policy.scheme_of(case).start:
        return "begun"
    return ""


def _bars(case_ids: Sequence[int]) -> dict[int, str]:
    """What else keeps them out. An empty draft keeps nobody out."""
    typed = Response.objects.filter(case__in=case_ids, status__in=Response.PENDING).exclude(
        status=Response.Status.DRAFT, text=""
    )
    rows = {
        "reply": typed,
        "watch": Watch.objects.filter(case__in=case_ids, ended_at=None),
        "promise": Task.objects.filter(case__in=case_ids, done_at=None),
        "alarm": Escalation.objects.filter(case__in=case_ids, resolved_at=None),
    }
    return {
        pk: kind
        for kind, found in rows.items()
        for pk in found.values_list("case_id", flat=True)
        if pk is not None
    }


def _answer(message: PublicMessage, cases: Sequence[Case], *, by: User, now: datetime) -> None:
    """In the worker's transaction, which holds the cases: judged, answered, clocks stopped, written down."""
    ids, facts = [case.pk for case in cases], {"message": message.pk, "link": message.url}
    fresh = [case for case in cases if case.state == State.NEW]
    Response.objects.filter(case__in=ids, status=Response.Status.DRAFT, text="").update(
        status=Response.Status.WITHDRAWN
    )
    _judge(message, fresh, by=by, now=now)
    Case.objects.filter(pk__in=ids).update(outcome=ANSWERED)
    Case.objects.filter(pk__in=ids, category="").update(category=message.category)
    move_many(fresh, State.ASSESSED, by=by, now=now, facts=facts)
    move_many(cases, State.RESPONDED, by=by, now=now, facts=facts)
    Response.objects.bulk_create([_record(message, case, by=by, now=now) for case in cases])
    _reply_to(message, cases, by=by, now=now)
    counting.rejudged(ids, now=now)


def _judge(message: PublicMessage, cases: Sequence[Case], *, by: User, now: datetime) -> None:
    """Cases that nobody had judged are what the message answers (docs/decisions/0018-one-message.md)."""
    ids = [case.pk for case in cases]
    rows = Assessment.objects.filter(case__in=ids).values("case").annotate(last=Max("n"))
    last = {row["case"]: row["last"] for row in rows}
    Assessment.objects.bulk_create(
        Assessment(
            case=case,
            n=last.get(case.pk, 0) + 1,
            categories=[message.category],
            option=OPTION,
            reason=f"message:{message.pk}",
            by=by,
            started_at=now,
            completed_at=now,
            chosen_at=now,
        )
        for case in cases
    )


def _record(message: PublicMessage, case: Case, *, by: User, now: datetime) -> Response:
    return Response(
        case=case,
        status=Response.Status.ELSEWHERE,
        option=OPTION,
        medium="message",
        text=message.text,
        permalink=message.url,
        author=by,
        message=message,
        mandate_id=message.mandate_id,
        key=token_hex(16),
        created_at=now,
        sent_at=now,
    )


def _reply_to(message: PublicMessage, cases: Sequence[Case], *, by: User, now: datetime) -> None:
    """Queue a reply of their own for those in the rule, each at its turn in the pace of its account."""
    stands = PublicMessage.objects.only("replies_to").get(pk=message.pk)
    if stands.replies_to == PublicMessage.RepliesTo.NOBODY:
        return
    asked = [case for case in cases if case.asks or stands.replies_to == PublicMessage.RepliesTo.ALL]
    posts = Post.objects.select_related("source__credential", "author").in_bulk([case.pk for case in asked])
    text = message.reply_text if message.url in message.reply_text else f"{message.reply_text} {message.url}"
    standings = carried.standings_of([case.pk for case in asked])
    turns: dict[int, Iterator[datetime]] = {}
    queued = []
    for case in asked:
        post = posts[case.pk]
        if post.source is None or not isinstance(replies.can_reply(post), Yes):
            continue
        turn = turns.setdefault(
            post.source.credential_id or -post.source.pk, pacing.turns(post.source, now=now)
        )
        queued.append(
            Response(
                case=case,
                status=Response.Status.QUEUED,
                option=OPTION,
                text=text.strip(),
                author=by,
                written_by=message.by,
                message=message,
                mandate_id=message.mandate_id,
                claim_revision=standings.get(case.pk),
                post_version=post.version,
                key=token_hex(16),
                created_at=now,
                send_at=next(turn),
            )
        )
    Response.objects.bulk_create(queued)
