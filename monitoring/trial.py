"""One page of a source, read to see whether it works: nothing of it is stored."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

import structlog

from monitoring import usage
from monitoring.asking import Sessions, TooLate, ask_all
from monitoring.connectors.base import Budget, Page, SourceConfig
from monitoring.connectors.errors import (
    CredentialRefused,
    Ended,
    NothingToRead,
    RateLimited,
    Refused,
    SourceError,
)
from monitoring.connectors.registry import connector
from monitoring.models import Source

log = structlog.get_logger(__name__)

LIMIT_S = 20.0
MOST = 20


@dataclass(frozen=True, slots=True)
class Trial:
    """How a source answered. `said`: answered, nothing to read, limited, keys refused, refused, ended,
    too late, unavailable or broken; `detail` is what the platform said, in its own words.
    """

    said: str
    n_read: int = 0
    newest_at: datetime | None = None
    until: datetime | None = None
    dollars: Decimal = Decimal(0)
    detail: str = ""


def price(source: Source) -> Decimal:
    """The most that one trial costs, in US dollars."""
    return MOST * connector(source.connector).capabilities.cost_per_item


def try_out(source: Source, *, now: datetime) -> Trial:
    """Ask the first page of what the queries of a source ask for, in no more than twenty seconds."""
    keys = source.credential
    if keys and keys.limited_until and keys.limited_until > now:
        return Trial("limited", until=keys.limited_until)
    try:
        usage.left_today(source, now=now)
    except usage.BudgetSpent as spent:
        return Trial("limited", until=spent.until)
    terms = tuple(source.queries.listening(now=now).order_by("pk").values_list("terms", flat=True))
    sessions = Sessions()
    asked = partial(_first_page, source.connector, sessions.apart(source.config(terms=terms)), now=now)
    (answer,) = ask_all([asked], limit_s=LIMIT_S)
    sessions.write()
    if isinstance(answer, Exception):
        return _why(answer)
    page = answer or Page((), {}, units=0)
    used: dict[str, int | Decimal] = {
        "n_read": len(page.mentions),
        "units": page.units,
        "dollars": page.cost,
    }
    usage.count(source, used, now=now)  # what was asked counts, also when nothing of it is kept
    newest_at = max((mention.posted_at for mention in page.mentions), default=None)
    return Trial("answered", len(page.mentions), newest_at, dollars=page.cost)


def _first_page(name: str, config: SourceConfig, *, now: datetime) -> Page | None:
    budget = Budget(max_pages=1, max_items=MOST)
    return next(iter(connector(name).poll(config, {}, budget, now=now)), None)


def _why(error: Exception) -> Trial:
    """An error by what has to be done about it."""
    if isinstance(error, RateLimited):
        return Trial("limited", until=error.until)
    for kind, said in (
        (TooLate, "too late"),
        (NothingToRead, "nothing to read"),
        (CredentialRefused, "keys refused"),
        (Refused, "refused"),
        (Ended, "ended"),
        (SourceError, "unavailable"),
    ):
        if isinstance(error, kind):
            return Trial(said, detail=getattr(error, "reason", ""))
    # Ours to mend: the log says what, and never what was asked.
    log.error("trial_failed", error=type(error).__name__)
    return Trial("broken", detail=type(error).__name__)
