"""The published versions of the decision scheme, and the cases that are pinned to each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from cases import policy
from cases.models import Case, SchemeVersion
from cases.rules.scheme import Scheme
from cases.rules.scheme_diff import Difference, differences
from cases.rules.workflow import OPEN


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published version; `n_open` of its `n_cases` are still judged and answered by it."""

    pk: int
    scheme_id: str
    version: str
    checksum: str
    published_at: datetime
    is_current: bool
    n_cases: int
    n_open: int

    def facts(self) -> dict[str, Any]:
        """For a program: what the page shows."""
        return {
            "id": self.pk,
            "scheme": self.scheme_id,
            "version": self.version,
            "checksum": self.checksum,
            "published_at": self.published_at.isoformat(),
            "is_current": self.is_current,
            "cases": self.n_cases,
            "open_cases": self.n_open,
        }


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version as its page shows it; `changed` since `earlier`, the one of the same scheme before it."""

    row: VersionRow
    scheme: Scheme
    earlier: SchemeVersion | None
    changed: list[Difference]


def versions() -> list[VersionRow]:
    """Every version, the current one first, then the newest."""
    return _rows(SchemeVersion.objects.defer("toml"))


def version(version_id: int) -> VersionPage | None:
    """A version, its scheme, and what changed since the one of the same scheme published before it."""
    found = SchemeVersion.objects.filter(pk=version_id)
    published = found.first()
    if published is None:
        return None
    before = SchemeVersion.objects.filter(
        scheme_id=published.scheme_id, published_at__lte=published.published_at
    )
    earlier = before.exclude(pk=published.pk).order_by("-published_at", "-pk").first()
    changed = differences(earlier.toml, published.toml) if earlier else []
    return VersionPage(_rows(found)[0], policy.scheme_from(published), earlier, changed)


def version_named(named: str) -> SchemeVersion | None:
    """A version by its words ("vdmmp-1 1.0") or by the start of its checksum."""
    scheme_id, _space, number = named.partition(" ")
    by_words = Q(scheme_id=scheme_id, version=number)
    found = SchemeVersion.objects.filter(by_words | Q(checksum__startswith=named)).order_by("-pk")
    return found.first() if named else None


def _rows(wanted: QuerySet[SchemeVersion]) -> list[VersionRow]:
    is_open = Q(state__in=[state.value for state in OPEN])
    counted = Case.objects.values_list("scheme").annotate(n=Count("pk"), n_open=Count("pk", filter=is_open))
    of = {scheme: (n, n_open) for scheme, n, n_open in counted.order_by()}
    return [
        VersionRow(
            each.pk,
            each.scheme_id,
            each.version,
            each.checksum,
            each.published_at,
            each.is_current,
            *of.get(each.pk, (0, 0)),
        )
        for each in wanted.order_by("-is_current", "-published_at", "-pk")
    ]
