"""`bench stories`: how fast near-copies are found, and on labelled posts how many and how rightly."""

import csv
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings

from cases.suggestions.stories import SIMILAR, Story, StoryIndex, similarity, sketches, story_of
from config.bench import generate
from config.bench.measure import Bar, CannotMeasure, Report
from config.bench.store import N_REPEATS

LABELLED = Path(settings.BASE_DIR).parent / "shared/data/triage/bench_only/crisislex_stories.csv"
COLUMNS = {"text", "story"}
PER_SECOND, JOINED, WRONG = 10_000, 0.98, 0.002


@dataclass(frozen=True, slots=True)
class Labelled:
    """A post, the story that it tells, and the event that the story is about ("" = not said)."""

    text: str
    story: str
    event: str


def run(*, seed: int, n_pages: int, now: datetime, data: str = "") -> Report:
    """Measure in memory; the quality as well where there are labelled posts.

    `data`: a CSV file with the columns text and story, and event where known.
    """
    texts = [mention.text for page in generate.pages(n_pages * N_REPEATS, seed=seed) for mention in page]
    spent = [_seconds(texts) for _ in range(N_REPEATS)]
    speed = round(median(len(texts) / each for each in spent))
    figures: dict[str, Any] = {"posts_per_s": speed, "repeats_s": [round(each, 3) for each in spent]}
    bars = [Bar("posts/s", speed, ">=", PER_SECOND)]
    posts = _read(data)
    if posts:
        found = quality(posts)
        figures["quality"] = found
        bars += [
            Bar("repeats joined", found["joined"], ">=", JOINED),
            Bar("pairs put together wrongly, of all pairs", found["wrong_of_all_pairs"], "<=", WRONG),
        ]
        if found["wrong_event_of_merged"] is not None:
            bars.append(Bar("copies of another event", found["wrong_event_of_merged"], "<=", WRONG))
    else:
        figures["quality"] = f"skipped: no labelled posts at {LABELLED.name}; name a file with --data"
    return Report(figures, tuple(bars))


def grouped(texts: Sequence[str]) -> list[int]:
    """For each text the place of its lead: its own when it is none's copy. As intake does, in memory."""
    index, stories, leads = StoryIndex(), dict[int, Story](), list[int]()
    for first in range(0, len(texts), generate.PAGE_SIZE):
        page = [story_of(text) for text in texts[first : first + generate.PAGE_SIZE]]
        for place, (story, sketch) in enumerate(zip(page, sketches(page), strict=True), start=first):
            best = max(
                ((similarity(story, stories[near]), -near) for near in index.near(sketch)), default=(0.0, 0)
            )
            if best[0] >= SIMILAR:
                leads.append(-best[1])
                continue
            leads.append(place)
            stories[place] = story
            index.add(place, sketch)
    return leads


def quality(posts: Sequence[Labelled]) -> dict[str, Any]:
    """How labelled posts were grouped (docs/performance.md says what each figure is a share of)."""
    leads = grouped([post.text for post in posts])
    seen: dict[str, set[int]] = defaultdict(set)
    n_repeats = n_joined = 0
    for post, lead in zip(posts, leads, strict=True):
        n_repeats += bool(seen[post.story])
        n_joined += lead in seen[post.story]
        seen[post.story].add(lead)
    merged = [
        (post, posts[lead]) for n, (post, lead) in enumerate(zip(posts, leads, strict=True)) if n != lead
    ]
    n_other = sum(post.story != lead.story for post, lead in merged)
    n_event = sum(post.event != lead.event for post, lead in merged)
    n_wrong, n_together = _pairs(posts, leads)
    n_pairs = len(posts) * (len(posts) - 1) // 2
    return {
        "n_posts": len(posts),
        "n_repeats": n_repeats,
        "n_joined": n_joined,
        "joined": round(n_joined / n_repeats, 4) if n_repeats else 1.0,
        "n_merged": len(merged),
        "other_words_of_merged": round(n_other / len(merged), 4) if merged else 0.0,
        "n_wrong_event": n_event,
        "wrong_event_of_merged": round(n_event / len(merged), 5)
        if merged and all(post.event for post in posts)
        else None,
        "n_pairs_together": n_together,
        "n_pairs_wrong": n_wrong,
        "wrong_of_all_pairs": round(n_wrong / n_pairs, 6) if n_pairs else 0.0,
    }


def _pairs(posts: Sequence[Labelled], leads: Sequence[int]) -> tuple[int, int]:
    """Pairs of posts in one group that are of different stories, and all pairs in one group."""
    groups: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for post, lead in zip(posts, leads, strict=True):
        groups[lead][post.story] += 1
    together = sum(_choose(sum(group.values())) for group in groups.values())
    right = sum(_choose(n) for group in groups.values() for n in group.values())
    return together - right, together


def _choose(n: int) -> int:
    return n * (n - 1) // 2


def _seconds(texts: Sequence[str]) -> float:
    began = time.perf_counter()
    grouped(texts)
    return time.perf_counter() - began


def _read(data: str) -> list[Labelled]:
    place = Path(data) if data else LABELLED
    if not data and not place.exists():
        return []
    try:
        with place.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CannotMeasure(f"The labelled posts cannot be read: {error}") from error
    if not rows or not rows[0].keys() >= COLUMNS:
        raise CannotMeasure(f"{place.name} needs the columns text and story.")
    return [Labelled(row["text"].strip(), row["story"], row.get("event") or "") for row in rows]
