"""The cue list with its coverage: what each phrase found in the newest posts, and how often it was right."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cases import cuelist
from cases.models import AuditEvent, Case, CuePhrase
from cases.rules.cues import CueKind, Phrase, compiled, shipped_phrases, written
from cases.rules.tone import NOT_NEGATIVE

NEWEST = 2_000
"""So many of the newest posts are looked through."""

SHOWN = 10
HISTORY = 20

SAME: Mapping[CueKind, frozenset[str]] = {
    CueKind.DANGER: frozenset({"danger"}),
    CueKind.THREAT: frozenset({"danger"}),
    CueKind.DOXXING: frozenset({"danger"}),
    CueKind.GATHERING: frozenset({"danger"}),
    CueKind.INSULT: frozenset({"insult", "rager", "troll"}),
    CueKind.COMPLAINT: frozenset({"dissatisfied", "unhappy"}),
}
"""How a person judges a post of which the list was right: officers know one key for all that is dangerous."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Of the newest posts: those with a cue, of these those that were judged, and judged as the cue says."""

    n: int = 0
    n_judged: int = 0
    n_right: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One phrase of the list, in use or not. `version` is 0 for a shipped one that nobody touched."""

    phrase: str
    language: str
    is_shipped: bool
    is_active: bool
    version: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class KindLines:
    """One kind with its phrases: those that found something first."""

    kind: CueKind
    tally: Tally
    lines: Sequence[Line]
    n_active: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A post and where it stands."""

    case_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the list makes of the newest posts. `missed`: judged negative or dangerous without any cue."""

    n_posts: int
    n_judged: int
    n_cued: int
    n_negative: int
    n_missed: int
    missed: Sequence[Heard]
    kinds: Sequence[KindLines]

    @property
    def n_known(self) -> int:
        """Posts of which the tone is known: judged, or with a cue."""
        return self._known

    _known: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a phrase would have found, before it is kept."""

    n_posts: int
    n_hits: int
    hits: Sequence[Heard]


def coverage() -> Coverage:
    """The whole list over the newest posts, in three queries."""
    tallies, kinds, found = _Tallies(), _Tallies(), Counter[str]()
    missed: list[Heard] = []
    current = cuelist.current()
    for case_id, text, category in _newest():
        phrases = current.phrases_in(text)
        tallies.add({(each.kind, written(each.words)): each.kind for each in phrases}, category)
        kinds.add({each.kind: each.kind for each in phrases}, category)
        is_negative = bool(category) and category not in NOT_NEGATIVE
        found.update(_marks(category, is_cued=bool(phrases), is_negative=is_negative))
        if is_negative and not phrases and len(missed) < SHOWN:
            missed.append(Heard(case_id, text))
    return Coverage(
        n_posts=found["posts"],
        n_judged=found["judged"],
        n_cued=found["cued"],
        n_negative=found["negative"],
        n_missed=found["missed"],
        missed=missed,
        kinds=_lines(tallies, kinds),
        _known=found["known"],
    )


def trial(kind: CueKind, words: str) -> Trial:
    """What this phrase finds in the newest posts. The phrase was checked before."""
    phrase = compiled([Phrase(kind, words)])
    n_posts, hits = 0, []
    for case_id, text, _category in _newest():
        n_posts += 1
        if phrase.phrases_in(text):
            hits.append(Heard(case_id, text))
    return Trial(n_posts, len(hits), hits[:SHOWN])


def history() -> Sequence[AuditEvent]:
    return list(AuditEvent.objects.filter(subject__startswith="cue:").order_by("-pk")[:HISTORY])


class _Tallies:
    """Counts by key."""

    def __init__(self) -> None:
        self.n: Counter[object] = Counter()
        self.n_judged: Counter[object] = Counter()
        self.n_right: Counter[object] = Counter()

    def add(self, found: Mapping[object, CueKind], category: str) -> None:
        for key, kind in found.items():
            self.n[key] += 1
            self.n_judged[key] += bool(category)
            self.n_right[key] += category in SAME[kind]

    def of(self, key: object) -> Tally:
        return Tally(self.n[key], self.n_judged[key], self.n_right[key])


def _newest() -> Iterable[tuple[int, str, str]]:
    """Number, text and category of the newest posts; a copy is judged with its lead."""
    rows = Case.objects.order_by("-post_id").values_list(
        "post_id", "post__text", "category", "lead__category"
    )
    return ((pk, text, category or of_lead or "") for pk, text, category, of_lead in rows[:NEWEST])


def _marks(category: str, *, is_cued: bool, is_negative: bool) -> list[str]:
    marks = {
        "posts": True,
        "judged": bool(category),
        "cued": is_cued,
        "known": bool(category) or is_cued,
        "negative": is_negative,
        "missed": is_negative and not is_cued,
    }
    return [name for name, holds in marks.items() if holds]


def _lines(tallies: _Tallies, kinds: _Tallies) -> list[KindLines]:
    rows = {(CueKind(row.kind), row.phrase): row for row in CuePhrase.objects.all()}
    lines: dict[CueKind, list[Line]] = {kind: [] for kind in CueKind}
    for phrase in shipped_phrases():
        key = (phrase.kind, written(phrase.words))
        row = rows.pop(key, None)
        is_active, version = (row.is_active, row.version) if row else (True, 0)
        line = Line(phrase.words, phrase.language, True, is_active, version, tallies.of(key))
        lines[phrase.kind].append(line)
    for key, row in rows.items():
        line = Line(row.phrase, row.language, False, row.is_active, row.version, tallies.of(key))
        lines[key[0]].append(line)
    return [
        KindLines(kind, kinds.of(kind), sorted(found, key=_rank), sum(each.is_active for each in found))
        for kind, found in lines.items()
    ]


def _rank(line: Line) -> tuple[int, bool, str]:
    return -line.tally.n, line.is_shipped, line.phrase
