"""Made-up mentions with the shape of real ones: seeded, so that two runs store the same posts."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from monitoring.connectors.base import AuthorRef, Kind, Mention, Reactions

PAGE_SIZE = 100
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

N_WORDS, N_AUTHORS = 20_000, 50_000
DUTCH = 0.70
NEAR_DUPLICATE = 0.12
BOOST, REPLY, QUOTE = 0.10, 0.25, 0.05
EDIT = 0.01
LATE = 0.03
BURST = 0.02
LENGTH = 200  # characters of a text, about

COMMON = {
    "nl": "de het een en van ik in is dat op te niet met voor zijn er aan wat ook als maar om dan bij nog",
    "en": "the a and of to in is that it for you on with not are this but have at was we they from be or",
}
SYLLABLES = (
    "ba be bo da de do ga ge go ka ke ko la le lo ma me mo na ne no pa pe po ra re ro sa se so ta te to "
    "wa we wo za ze zo brand rook straat dijk ver ont ing lijk heid aan uit schap ter lund ston mer"
).split()


@dataclass(slots=True)
class _Feed:
    """What the generator remembers while it writes: recent texts, open threads, the clock."""

    chance: random.Random
    now: datetime = START
    n: int = 0
    texts: list[str] = field(default_factory=list)
    threads: list[tuple[str, str]] = field(default_factory=list)
    in_burst: int = 0


def pages(n_pages: int, *, seed: int) -> Iterator[tuple[Mention, ...]]:
    """Pages of 100 mentions; some hold an edit of a post of an earlier page, none a post twice.

    Authors and words follow Zipf's law; 70 % Dutch; about 200 characters; 12 % near-duplicates;
    threads, boosts and bursts; late posts, and a page is not in the order of time.
    """
    chance = random.Random(seed)
    words = _vocabularies(chance)
    authors = list(accumulate(1 / rank for rank in range(1, N_AUTHORS + 1)))
    feed = _Feed(chance)
    earlier: list[Mention] = []
    for _ in range(n_pages):
        page = [
            _edited(earlier.pop(chance.randrange(len(earlier))), feed)
            if earlier and chance.random() < EDIT
            else _mention(feed, words, authors)
            for _ in range(PAGE_SIZE)
        ]
        earlier = (earlier + [mention for mention in page if not mention.version])[-2000:]
        chance.shuffle(page)
        yield tuple(page)


def vocabularies(seed: int) -> dict[str, list[str]]:
    """The words that the posts of this seed are made of, by language, the commonest first."""
    return {language: words.words for language, words in _vocabularies(random.Random(seed)).items()}


def _vocabularies(chance: random.Random) -> "dict[str, _Words]":
    return {language: _Words(language, chance) for language in COMMON}


class _Words:
    """A language of 20,000 words in Zipf's order: its common words first, the rest made of syllables."""

    def __init__(self, language: str, chance: random.Random) -> None:
        known = dict.fromkeys(COMMON[language].split())
        while len(known) < N_WORDS:
            known["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
        self.words = list(known)
        self.weights = list(accumulate(1 / rank for rank in range(1, N_WORDS + 1)))

    def text(self, chance: random.Random) -> str:
        """A text of about 200 characters."""
        length = max(20, int(chance.gauss(LENGTH, LENGTH / 4)))
        return " ".join(chance.choices(self.words, cum_weights=self.weights, k=length // 6)).capitalize()


def _mention(feed: _Feed, words: dict[str, _Words], authors: Sequence[float]) -> Mention:
    chance = feed.chance
    feed.n += 1
    feed.now += _gap(feed)
    language = "nl" if chance.random() < DUTCH else "en"
    author = chance.choices(range(N_AUTHORS), cum_weights=authors)[0]
    canonical_id = str(1_700_000_000_000_000_000 + feed.n * 4_194_304 + chance.randrange(4096))
    kind, parent_id, thread_id = _place_in_thread(feed, canonical_id)
    text = _text(feed, words[language])
    delay = timedelta(hours=chance.uniform(1, 48)) if chance.random() < LATE else timedelta()
    handle = f"author{author}"
    return Mention(
        platform="x",
        canonical_id=canonical_id,
        url=f"https://social.example/{handle}/status/{canonical_id}",
        text=text,
        posted_at=feed.now - delay,
        author=AuthorRef(str(10_000_000 + author), handle, f"Author {author}", 1_000_000 // (author + 1)),
        kind=kind,
        parent_id=parent_id,
        thread_id=thread_id,
        language=language,
        reactions=Reactions(chance.randrange(5), chance.randrange(9), chance.randrange(30), None),
        raw={
            "id": canonical_id,
            "author_id": str(10_000_000 + author),
            "conversation_id": thread_id or canonical_id,
            "text": text,
            "lang": language,
            "public_metrics": {"reply_count": 0, "retweet_count": 0, "like_count": 0, "quote_count": 0},
            "entities": {"hashtags": [], "mentions": [], "urls": []},
        },
    )


def _gap(feed: _Feed) -> timedelta:
    """Seconds to the next post: twenty times shorter within a burst of two hundred."""
    if not feed.in_burst and feed.chance.random() < BURST / 100:
        feed.in_burst = 200
    feed.in_burst = max(0, feed.in_burst - 1)
    return timedelta(seconds=feed.chance.expovariate(1 / (0.5 if feed.in_burst else 10.0)))


def _place_in_thread(feed: _Feed, canonical_id: str) -> tuple[Kind, str, str]:
    """Kind, parent and thread; busy threads get busier."""
    draw = feed.chance.random()
    if draw >= BOOST + REPLY + QUOTE or not feed.threads:
        feed.threads = [*feed.threads, (canonical_id, canonical_id)][-500:]
        return Kind.POST, "", ""
    parent_id, thread_id = feed.chance.choice(feed.threads)
    if draw < BOOST:
        return Kind.BOOST, parent_id, thread_id
    if draw < BOOST + QUOTE:
        return Kind.QUOTE, parent_id, ""
    feed.threads = [*feed.threads, (canonical_id, thread_id)][-500:]
    return Kind.REPLY, parent_id, thread_id


def _text(feed: _Feed, words: _Words) -> str:
    if feed.texts and feed.chance.random() < NEAR_DUPLICATE:
        return f"{feed.chance.choice(feed.texts)} {words.words[feed.chance.randrange(N_WORDS)]}"
    text = words.text(feed.chance)
    feed.texts = [*feed.texts, text][-1000:]
    return text


def _edited(mention: Mention, feed: _Feed) -> Mention:
    text = f"{mention.text} (edit)"
    return replace(mention, text=text, version=f"edit-{feed.n}", raw={**mention.raw, "text": text})
