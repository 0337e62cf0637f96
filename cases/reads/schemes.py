"""The published versions of the decision scheme, and the cases that are pinned to each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

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


def versions() -> list[VersionRow]:
    """Every version, the current one first, then the newest."""
    counted = Case.objects.values("scheme").annotate(
        n=Count("pk"), n_open=Count("pk", filter=Q(state__in=[state.value for state in OPEN]))
    )
    of = {row["scheme"]: row for row in counted.order_by()}
    none = {"n": 0, "n_open": 0}
    found = SchemeVersion.objects.defer("toml").order_by("-is_current", "-published_at", "-pk")
    return [
        VersionRow(
            pk=version.pk,
            scheme_id=version.scheme_id,
            version=version.version,
            checksum=version.checksum,
            published_at=version.published_at,
            is_current=version.is_current,
            n_cases=of.get(version.pk, none)["n"],
            n_open=of.get(version.pk, none)["n_open"],
        )
        for version in found
    ]


def version_named(named: str) -> SchemeVersion | None:
    """A version by its words ("vdmmp-1 1.0") or by the start of its checksum."""
    scheme_id, _space, version = named.partition(" ")
    by_words = Q(scheme_id=scheme_id, version=version)
    found = SchemeVersion.objects.filter(by_words | Q(checksum__startswith=named)).order_by("-pk")
    return found.first() if named else None


def version(version_id: int) -> tuple[SchemeVersion, Scheme, list[Difference]] | None:
    """A version, its scheme, and what changed since the one of the same scheme published before it."""
    found = SchemeVersion.objects.filter(pk=version_id).first()
    if found is None:
        return None
    earlier = (
        SchemeVersion.objects.filter(scheme_id=found.scheme_id, published_at__lte=found.published_at)
        .exclude(pk=found.pk)
        .order_by("-published_at", "-pk")
        .first()
    )
    changed = differences(earlier.toml, found.toml) if earlier else []
    return found, policy.scheme_from(found), changed
