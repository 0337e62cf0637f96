"""The eight signs that a watched situation worsens (docs/watching.md): each 0 to 3, with its stored reason.

Pure functions of what was counted and of a `Profile`. Every reason holds `value`, `usual`, `probability`,
`window_s` and `posts` (numbers of posts), None or empty where a sign has none, and what more its sentence
needs: plain JSON, so that a reason is told a year later without computing anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.rules.levels import Sign
from cases.rules.profiles import Profile
from cases.rules.tails import tail_probability
from cases.rules.worsening import Verdict

HOUR_S = 3600
POSTS_KEPT = 5
USUAL_SHARE_NEEDS = 50  # so many usual posts before their share says anything


class Role(StrEnum):
    """Why an account that joins weighs more than others."""

    INFLUENTIAL = "influential"
    OFFICIAL = "official"
    PRESS = "press"
    POLITICIAN = "politician"
    NATIONAL_PRESS = "national press"


HEAVIEST = frozenset({Role.POLITICIAN, Role.NATIONAL_PRESS})


@dataclass(frozen=True, slots=True)
class Coverage:
    """What we know of the tone of the posts of the last hour.

    `n` posts; `n_judged` of them judged by a person, `n_cued` not judged but with a cue of the list;
    `n_negative` judged negative or with a cue; `n_readable` judged, with a cue, or in a language that the
    list holds (the list has looked, whatever it found).
    """

    n: int
    n_judged: int = 0
    n_cued: int = 0
    n_negative: int = 0
    n_readable: int | None = None

    @property
    def n_known(self) -> int:
        return min(self.n, self.n_judged + self.n_cued)

    def is_unknown(self, profile: Profile) -> bool:
        """Whether too little is known to say that it is quiet: fewer than half judged or with a cue."""
        return self.n > 0 and 100 * self.n_known < profile.known_percent[0] * self.n

    def is_unreadable(self, profile: Profile) -> bool:
        """Whether the negative count of this stretch means nothing, and must be learned as unknown.

        Other than `is_unknown` this lets through what only the list has looked at: there what the list
        finds now is compared with what it usually finds, which is like with like.
        """
        if self.n_readable is None:
            return self.is_unknown(profile)
        return self.n > 0 and 100 * self.n_readable < profile.known_percent[0] * self.n


@dataclass(frozen=True, slots=True)
class ReachSeen:
    """Whom the posts of the last hour reach.

    `reach`: followers (or views) of the distinct authors; `usual` the same of a usual hour, None while it
    is not known; `largest` the followers of the largest single author, and `n_others` the posts by others.
    """

    reach: int = 0
    usual: float | None = None
    largest: int = 0
    n_others: int = 0
    posts: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """An account of weight that took part for the first time, within the profile's `influence_hours`."""

    name: str
    role: Role
    post: int


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the eight signs look at, of one watch at one moment. What was not looked at stays as it is."""

    volume: Verdict
    negative: Verdict | None = None
    coverage: Coverage = field(default_factory=lambda: Coverage(0))
    reach: ReachSeen = field(default_factory=ReachSeen)
    platforms: Sequence[str] = ()  # new ones: not seen for `platform_days`, first within `platform_hours`
    joined: Sequence[Joined] = ()
    n_replies: int = 0  # in the tree of the post, in 60 minutes
    quiet_hours: float | None = None  # before the last hour; None: not watched so long, or not seen
    check_due_at: datetime | None = None
    posts: Sequence[int] = ()  # of the last hour, newest first
    negative_posts: Sequence[int] = ()


def signs_of(seen: Seen, profile: Profile, *, now: datetime) -> list[Sign]:
    """All eight, S1 to S8, in that order; also those at 0, for what they say is evidence as well."""
    s1 = volume(seen.volume, posts=seen.posts)
    s6 = replies(seen.n_replies, profile, posts=seen.posts)
    return [
        s1,
        negative(seen, profile),
        reach(seen.reach, profile, s1=s1.level),
        platforms(seen.platforms, profile),
        influence(seen.joined, profile, s1=s1.level, s6=s6.level),
        s6,
        returned(seen.quiet_hours, seen.volume.n_60, profile, posts=seen.posts),
        overdue(seen.check_due_at, profile, now=now),
    ]


def volume(verdict: Verdict, *, posts: Sequence[int] = ()) -> Sign:
    """S1: more posts than usual, by chance or by record. The verdict was judged with `profile.volume`."""
    return Sign("S1", verdict.level, _judged(verdict, posts))


def negative(seen: Seen, profile: Profile) -> Sign:
    """S2: more negative posts than usual; a share that jumps makes it 1 and never more.

    `seen.negative` was judged with `profile.negative`. What is counted is a lower bound, so a sign stands
    however little is known. Where too little is known and nothing stands, the sign is *unknown*: it adds
    nothing to the level, and nobody may read it as quiet.
    """
    coverage, verdict = seen.coverage, seen.negative
    by_share = _share(seen, profile)
    by_count = verdict.level if verdict else 0
    level = max(by_count, by_share["share_level"])
    known = {
        "n_posts": coverage.n,
        "n_judged": coverage.n_judged,
        "n_cued": coverage.n_cued,
        "n_known": coverage.n_known,
        "is_unknown": level == 0 and (verdict is None or coverage.is_unknown(profile)),
    }
    facts = _judged(verdict, seen.negative_posts) if verdict else _facts()
    return Sign("S2", level, facts | known | by_share)


def reach(seen: ReachSeen, profile: Profile, *, s1: int) -> Sign:
    """S3: more people than in a usual hour, or one author with very many.

    A quiet thread is compared with `reach_usual_at_least`: ten times nearly nobody is nearly nobody.
    """
    usual = max(seen.usual or 0.0, float(profile.reach_usual_at_least[0]))
    times = seen.reach / usual
    first, second, third = profile.reach_times
    large, huge = profile.reach_author
    if s1 >= 1 and (times >= third or seen.largest >= huge):
        level = 3
    elif seen.n_others >= profile.reach_others[0] and (times >= second or seen.largest >= large):
        level = 2
    else:
        level = int(times >= first)
    facts = _facts(value=seen.reach, usual=round(usual), window_s=HOUR_S, posts=seen.posts)
    more = {"times": round(times, 1), "largest": seen.largest, "n_others": seen.n_others}
    return Sign("S3", level, facts | more | {"is_usual_known": seen.usual is not None})


def platforms(new: Sequence[str], profile: Profile) -> Sign:
    """S4: it goes on where it was not before."""
    level = sum(len(new) >= n for n in profile.platforms)
    facts = _facts(value=len(new), usual=0, window_s=profile.platform_hours[0] * HOUR_S)
    return Sign("S4", level, facts | {"platforms": sorted(new), "days": profile.platform_days[0]})


def influence(joined: Sequence[Joined], profile: Profile, *, s1: int, s6: int) -> Sign:
    """S5: press, an authority or somebody with many readers joins.

    One counts for 1; more of them for 2 only while volume or replies rise as well; national press or a
    politician for 3 only while volume is at 2.
    """
    few, several = profile.influence
    names = {each.name for each in joined}
    has_heaviest = any(each.role in HEAVIEST for each in joined)
    if s1 >= 2 and has_heaviest:
        level = 3
    elif len(names) >= several and max(s1, s6) >= 1:
        level = 2
    else:
        level = int(len(names) >= few)
    window_s = profile.influence_hours[0] * HOUR_S
    facts = _facts(value=len(names), usual=0, window_s=window_s, posts=[each.post for each in joined])
    kept = [{"name": each.name, "role": each.role.value, "post": each.post} for each in joined]
    return Sign("S5", level, facts | {"joined": kept[:POSTS_KEPT], "has_heaviest": has_heaviest})


def replies(n_60: int, profile: Profile, *, posts: Sequence[int] = ()) -> Sign:
    """S6: replies in the tree of the post during the last 60 minutes."""
    level = sum(n_60 >= n for n in profile.replies)
    facts = _facts(value=n_60, window_s=HOUR_S, posts=posts)
    return Sign("S6", level, facts | {"n_60": n_60, "thresholds": list(profile.replies)})


def returned(quiet_hours: float | None, n_60: int, profile: Profile, *, posts: Sequence[int] = ()) -> Sign:
    """S7: it is back after a long quiet. `quiet_hours` None: nobody knows, so it is not said."""
    is_back = (
        quiet_hours is not None
        and quiet_hours >= profile.back_quiet_hours[0]
        and n_60 >= profile.back_posts[0]
    )
    facts = _facts(value=n_60, usual=0, window_s=HOUR_S, posts=posts)
    return Sign("S7", int(is_back), facts | {"quiet_hours": quiet_hours and round(quiet_hours, 1)})


def overdue(due_at: datetime | None, profile: Profile, *, now: datetime) -> Sign:
    """S8: nobody has looked in time. A reminder and evidence; no level above attention counts it."""
    late_s = int((now - due_at).total_seconds()) if due_at else 0
    is_overdue = late_s > profile.overdue_minutes[0] * 60
    facts = _facts(value=late_s, usual=0) | {"due_at": due_at.isoformat() if due_at else None}
    return Sign("S8", int(is_overdue), facts)


def _share(seen: Seen, profile: Profile) -> dict[str, Any]:
    """The second sign of tone: a share of negative posts that chance does not give at the usual share.

    Both shares are of all posts, known or not, so that like is compared with like. With few posts, or with
    little known of what is usual, it says nothing.
    """
    coverage, nothing = seen.coverage, {"share_level": 0, "share": None, "usual_share": None}
    if seen.negative is None or coverage.n < profile.share_posts[0]:
        return nothing
    usual_all, usual_negative = _usual_per_hour(seen.volume), _usual_per_hour(seen.negative)
    n_negative = min(coverage.n_negative, coverage.n)
    share = n_negative / coverage.n
    if seen.volume.watched_hours * usual_all < USUAL_SHARE_NEEDS:
        return nothing | {"share": round(share, 3)}
    usual = min(0.99, max(0.01, usual_negative / usual_all))
    chance = _binomial_tail(n_negative, coverage.n, usual)
    level = int(share > usual and chance < 1 / profile.share_one_in[0])
    found = {"share": round(share, 3), "usual_share": round(usual, 3), "share_probability": chance}
    return {"share_level": level} | found


def _binomial_tail(n_hits: int, n: int, share: float) -> float:
    """Chance of `n_hits` or more of `n`: the same incomplete beta function as the Gamma–Poisson tail."""
    size = n - n_hits + 1.0
    return tail_probability(n_hits, mean=size * share / (1.0 - share), size=size)


def _usual_per_hour(verdict: Verdict) -> float:
    return verdict.usual.mean * HOUR_S / verdict.window_s


def _judged(verdict: Verdict, posts: Sequence[int]) -> dict[str, Any]:
    usual = round(verdict.usual.mean, 4)
    facts = _facts(value=verdict.n, usual=usual, window_s=verdict.window_s, posts=posts)
    return facts | {"probability": verdict.probability} | verdict.facts()


def _facts(
    *, value: float = 0, usual: float | None = None, window_s: int | None = None, posts: Sequence[int] = ()
) -> dict[str, Any]:
    return {
        "value": value,
        "usual": usual,
        "probability": None,
        "window_s": window_s,
        "posts": list(posts[:POSTS_KEPT]),
    }
