"""How people speak in a situation: what officers judged, and where nobody judged yet, the cue words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from cases import cuelist
from cases.models import Case
from cases.reads.picture_topics import COLUMNS, Looked, example
from cases.rules.cues import CueKind

KINDS = ("danger", "threat", "gathering", "anger", "complaint", "thanks", "humour")
JUDGED = {"insult": "anger", "dissatisfied": "complaint", "positive": "thanks", "joke": "humour"}
CUED = {
    CueKind.DANGER: "danger",
    CueKind.THREAT: "threat",
    CueKind.DOXXING: "threat",
    CueKind.GATHERING: "gathering",
    CueKind.INSULT: "anger",
    CueKind.COMPLAINT: "complaint",
}
READ = 3_000
"""So many topics that nobody judged are read by the cue list: the newest, and the largest of all."""

N_LARGEST = 300
N_EXAMPLES = 2
N_CANDIDATES = 60
FIELDS = (*COLUMNS, "post__author__handle", "post__gone_at")


def tone(cases: QuerySet[Case], span: Looked) -> dict[str, Any]:
    """Posts per emotion, judged and by cue words apart, with examples: the most repeated and the newest.

    A copy counts with its lead. `n_read`: the posts of topics that nobody judged and the list was held to.
    """
    leads = cases.filter(lead=None)
    whole = Sum(F("n_copies") + 1)
    judged = dict(leads.exclude(category="").values_list("category").annotate(n=whole))
    by_judgement: Counter[str] = Counter()
    for category, n in judged.items():
        if kind := JUDGED.get(category):
            by_judgement[kind] += n
    found = _by_cue(leads)
    examples = _examples([*_judged_examples(leads), *found.rows], span)
    return {
        "n": cases.aggregate(n=Count("pk"))["n"],
        "n_judged": sum(judged.values()),
        "n_read": found.n_read,
        "rows": [
            {
                "kind": kind,
                "n_judged": by_judgement[kind],
                "n_cued": found.counted[kind],
                "examples": examples.get(kind, []),
            }
            for kind in KINDS
        ],
    }


class _Found:
    """What the cue list finds: posts per kind, and the topics with their kind."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.rows: list[tuple[str, Mapping[str, Any]]] = []
        self.n_read = 0

    def add(self, row: Mapping[str, Any], kinds: Iterable[str]) -> None:
        self.n_read += row["n_copies"] + 1
        for kind in dict.fromkeys(kinds):
            self.counted[kind] += row["n_copies"] + 1
            self.rows.append((kind, row))


def _by_cue(leads: QuerySet[Case]) -> _Found:
    """One topic may speak of danger and be angry: it counts for both."""
    found, phrases = _Found(), cuelist.current()
    waiting = leads.filter(category="")
    rows = {row["pk"]: row for row in waiting.order_by("-n_copies", "pk").values(*FIELDS)[:N_LARGEST]}
    for row in waiting.order_by("-opened_at").values(*FIELDS)[:READ]:
        rows.setdefault(row["pk"], row)
    for row in rows.values():
        found.add(row, (CUED[cue.kind] for cue in phrases.find(row["post__text"])))
    return found


def _judged_examples(leads: QuerySet[Case]) -> list[tuple[str, Mapping[str, Any]]]:
    rows = leads.filter(category__in=JUDGED)
    most = rows.order_by("-n_copies", "pk").values(*FIELDS)[:N_CANDIDATES]
    newest = rows.order_by("-opened_at").values(*FIELDS)[:N_CANDIDATES]
    return [(JUDGED[row["category"]], row) for row in [*most, *newest]]


def _examples(rows: list[tuple[str, Mapping[str, Any]]], span: Looked) -> dict[str, list[dict[str, Any]]]:
    """Per kind the most repeated and the newest, each of another topic; nothing that was taken away."""
    by_kind: dict[str, dict[int, Mapping[str, Any]]] = {}
    for kind, row in rows:
        if row["post__gone_at"] is None:
            by_kind.setdefault(kind, {})[row["pk"]] = row
    chosen: dict[str, list[dict[str, Any]]] = {}
    for kind, each in by_kind.items():
        ordered = sorted(each.values(), key=lambda row: (-row["n_copies"], row["pk"]))
        newest = max(each.values(), key=lambda row: (row["opened_at"], row["pk"]))
        picked = {row["pk"]: row for row in (ordered[0], newest, *ordered[1:])}
        chosen[kind] = [
            example(row, with_names=span.with_names) for row in list(picked.values())[:N_EXAMPLES]
        ]
    return chosen
