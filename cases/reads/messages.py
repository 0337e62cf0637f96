"""Our messages to many: the list, one with what it did, and the cases that it could answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from cases import carried
from cases.models import Batch, BatchCase, Case, Claim, PublicMessage, Response, Situation, User
from cases.reads.searching import Filter, newest
from cases.rules.pace import per_minute
from cases.rules.workflow import State
from cases.targets import UNANSWERED
from monitoring import replies
from monitoring.connectors.base import Yes
from monitoring.models import Source

PAGE = 100
MOST = 20_000
"""Cases that one message answers at once."""

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cases: those that carry a claim, of a situation, one topic, or those that match a search."""

    claim: int | None = None
    situation: int | None = None
    case: int | None = None
    wanted: Filter = Filter()

    @property
    def is_empty(self) -> bool:
        return not (self.claim or self.situation or self.case) and self.wanted.is_empty

    def kept(self) -> dict[str, Any]:
        """As an address or a batch keeps it."""
        by = {"claim": self.claim, "situation": self.situation, "case": self.case}
        return {name: value for name, value in by.items() if value} | self.wanted.kept()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast replies of their own leave on a platform, and when the last one does."""

    platform: str
    per_minute: int
    n_waiting: int
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Replies:
    """How the replies of their own stand: sent, still to go, and when the last one leaves."""

    n_sent: int
    n_waiting: int
    n_withdrawn: int
    ready_at: datetime | None
    paces: Sequence[Pace]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with all that it did."""

    message: PublicMessage
    batches: Sequence[Batch]
    left: Sequence[BatchCase]
    replies: Replies
    chosen: dict[str, Any]


def messages(*, situation: int | None = None) -> list[PublicMessage]:
    """The newest messages."""
    found = PublicMessage.objects.select_related("by", "source", "situation").order_by("-pk")
    found = found.filter(situation=situation) if situation else found
    answered = Count("responses", filter=Q(responses__status=Response.Status.ELSEWHERE))
    return list(found.annotate(n_answered=answered)[:PAGE])


def message_page(message: PublicMessage, *, now: datetime) -> Shown:
    """One message with its acts on cases, who was left out, and its replies."""
    acts = list(Batch.objects.filter(message=message).select_related("by", "stopped_by").order_by("-pk")[:20])
    left = BatchCase.objects.filter(batch__in=acts, outcome=BatchCase.Outcome.LEFT).order_by("case")
    chosen = dict(acts[0].facts.get("chosen", {})) if acts else {}
    return Shown(message, acts, list(left[:SHOWN]), _replies(message, now=now), chosen)


def chosen(user: User, choice: Choice, *, now: datetime, as_of: datetime | None = None) -> list[int]:
    """The cases of a choice, at most MOST; `as_of`: only those that had been opened by then."""
    if choice.is_empty:
        return []
    if not choice.wanted.is_empty:
        ids = [pk for pk, _at in newest(user, choice.wanted, now=now, most=MOST)]
        cases = Case.objects.filter(pk__in=ids)
    else:
        cases = Case.objects.filter(state__in=UNANSWERED)
    if choice.claim:
        cases = cases.filter(pk__in=carried.carriers(choice.claim).values("pk"))
    if choice.situation:
        cases = cases.filter(situation=choice.situation)
    if choice.case:
        lead = Case.objects.filter(pk=choice.case, state=State.MERGED).values_list("lead", flat=True).first()
        cases = cases.filter(pk=lead or choice.case)
    if as_of:
        cases = cases.filter(opened_at__lte=as_of)
    return list(cases.order_by("pk").values_list("pk", flat=True)[:MOST])


def accounts() -> list[Source]:
    """The sources through which we can publish something of our own."""
    found = Source.objects.filter(is_enabled=True).select_related("credential").order_by("name")
    return [source for source in found if isinstance(replies.can_post(source), Yes)]


def named(
    *, situation: int | None, claim: int | None, source: int | None
) -> tuple[Situation | None, Claim | None, Source | None]:
    """What a form names by number; what is not there is not meant."""
    return (
        Situation.objects.filter(pk=situation).first() if situation else None,
        Claim.objects.filter(pk=claim).first() if claim else None,
        next((each for each in accounts() if each.pk == source), None),
    )


def _replies(message: PublicMessage, *, now: datetime) -> Replies:
    ours = Response.objects.filter(message=message).exclude(status=Response.Status.ELSEWHERE)
    going = Q(status__in=[Response.Status.QUEUED, Response.Status.SENDING, Response.Status.UNKNOWN])
    found = ours.aggregate(
        sent=Count("pk", filter=Q(status=Response.Status.SENT)),
        waiting=Count("pk", filter=going),
        withdrawn=Count("pk", filter=Q(status=Response.Status.WITHDRAWN)),
    )
    paces = _paces(ours.filter(going), now=now) if found["waiting"] else []
    ready = max((pace.ready_at for pace in paces), default=None)
    return Replies(found["sent"], found["waiting"], found["withdrawn"], ready, paces)


def _paces(waiting: QuerySet[Response], *, now: datetime) -> list[Pace]:
    """One for each account; not ready before the pace allows it, however late the worker is."""
    rows = waiting.values("case__post__source").annotate(n=Count("pk"), last=Max("send_at"))
    counts = {row["case__post__source"]: (row["n"], row["last"]) for row in rows}
    accounts: dict[int, list[Source]] = {}
    for source in Source.objects.filter(pk__in=[pk for pk in counts if pk]).order_by("pk"):
        accounts.setdefault(source.credential_id or -source.pk, []).append(source)
    paces = []
    for sources in accounts.values():
        rate = per_minute(sources[0].connector, sources[0].settings)
        n = sum(counts[source.pk][0] for source in sources)
        last = max(counts[source.pk][1] for source in sources)
        ready = max(last, now + n * timedelta(minutes=1) / rate)
        paces.append(Pace(sources[0].connector, rate, n, ready))
    return paces
