"""Rows 4 to 9 and 11, 13 of the failure catalogue: pages, cursors, time and identity, through real polls."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import Case
from cases.services import intake
from monitoring import credentials, keeping, polling
from monitoring.connectors import registry
from monitoring.connectors.base import Budget, Cursor, Page, SourceConfig
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.models import Author, BlindSpell, Post, Query, RejectedMention, Source
from monitoring.store import Stored
from tests.faults.platform import FIRST_ID, as_json
from tests.monitoring.connectors.fake_x import FakeX, posts
from tests.monitoring.polls import again, poll
from tests.monitoring.stage import NEARBY, Stage, reasons, server_id

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


@pytest.fixture
def x_source(stage: Stage, noon: datetime) -> Source:
    """A source on X beside the one on our own server."""
    keys = credentials.change("our X", platform="x", secrets={"bearer_token": "b"}, now=noon)
    source = Source.objects.create(
        name="X", connector="x", settings={"organisation": "other"}, credential=keys, next_poll_at=noon
    )
    source.queries.add(stage.desk.query)
    return source


# ── 4: errors within an answer ──────────────────────────────────────────────
def test_of_a_page_with_a_bad_post_the_others_are_stored_and_the_bad_one_is_kept(
    stage: Stage, noon: datetime
) -> None:
    stage.write(10, at=noon)
    stage.posts[4] = stage.posts[4] | {"created_at": "yesterday"}
    assert stage.poll(now=noon) == 9
    kept = RejectedMention.objects.get()
    assert json.loads(kept.raw)["id"] == server_id(4)
    assert stage.now.health == "working"


# ── 5: killed, delivered twice, two workers ─────────────────────────────────
class Dies(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("on", [1, 2, 3])
@pytest.mark.parametrize("before_work", [True, False], ids=["between pages", "between store and cursor"])
def test_a_poll_that_dies_on_any_page_loses_and_doubles_nothing(
    before_work: bool, on: int, stage: Stage, noon: datetime
) -> None:
    stage.write(100, at=noon)
    pages: list[Stored] = []

    def dies(stored: Stored, *, now: datetime) -> None:
        pages.append(stored)
        if len(pages) == on and before_work:
            raise Dies
        intake.open_cases(stored, now=now)
        if len(pages) == on:
            raise Dies

    with pytest.raises(Dies):
        stage.poll(now=noon, on_page=dies)
    assert Post.objects.count() == Case.objects.count() == 40 * (on - 1)
    stage.poll(now=noon + HOUR)
    stage.poll(now=noon + HOUR)
    assert stage.has_all_once()


class Slow(MastodonConnector):
    """Between its first page and its second one something else happens."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(network=NEARBY)
        self.meanwhile = meanwhile

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        for page in super().poll(source, cursor, budget, now=now):
            yield page
            registry.CONNECTORS["mastodon"] = MastodonConnector(network=NEARBY)  # type: ignore[index]
            self.meanwhile()
            self.meanwhile = lambda: None


def test_two_workers_on_one_source_bring_every_post_once(
    stage: Stage, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write(100, at=noon)
    by_the_other = []

    def other() -> None:
        """The lease of the first is over: the same task runs elsewhere, from its last cursor to the end."""
        taken = polling.take_source(stage.source.pk, now=noon + HOUR)
        assert taken is not None
        by_the_other.append(polling.poll(taken, on_page=intake.open_cases, now=noon + HOUR))

    monkeypatch.setitem(registry.CONNECTORS, "mastodon", Slow(other))
    assert stage.poll(now=noon) == 40
    assert by_the_other == [60]
    assert stage.has_all_once()
    assert polling.take_source(stage.source.pk, now=noon + HOUR) is None, "the slow one set nothing free"


# ── 6: pages ────────────────────────────────────────────────────────────────
def test_pages_that_overlap_and_have_no_order_are_read_once(stage: Stage, noon: datetime) -> None:
    stage.write(60, at=noon)
    shuffled = random.Random(6)

    def page(path: str) -> Any:
        some = stage.posts[:40] if "max_id" in path else stage.posts[20:]
        return as_json([] if len(stage.weather.asked) > 2 else shuffled.sample(some, len(some)) + some[:5])

    stage.weather.answer = page
    assert stage.poll(now=noon) == 60
    assert stage.has_all_once()
    stage.mends()
    assert stage.poll(now=noon + MINUTE) == 0
    stage.write(3, at=noon + MINUTE)
    assert stage.poll(now=noon + 2 * MINUTE) == 3


def test_a_server_that_gives_one_page_for_ever_is_stopped_and_read_again_when_it_is_well(
    stage: Stage, noon: datetime
) -> None:
    stage.write(100, at=noon)
    stage.weather.answer = lambda path: as_json(stage.posts[:-41:-1])
    stage.poll(now=noon)
    assert stage.now.health == "failing"
    assert "again and again" in stage.now.error
    assert len(stage.weather.asked) <= 3
    stage.mends()
    stage.poll(now=noon + MINUTE)
    assert stage.has_all_once()


def test_a_newest_id_that_is_not_the_newest_moves_the_mark_no_further_than_the_posts(
    x_source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = first_id_at(noon)

    def told(*numbers: int, newest: int) -> dict[str, Any]:
        page = posts(*(top - n for n in numbers), text="De #loswal brandt")
        return page | {"meta": {"newest_id": str(top + newest), "oldest_id": "1"}}

    for newest in (-999_999, 999_999):
        platform = FakeX(search=[told(5, 9, 7, newest=newest)])
        monkeypatch.setitem(registry.CONNECTORS, "x", XConnector(platform))
        Source.objects.filter(pk=x_source.pk).update(cursor={})
        poll(again(x_source), now=noon)
        later = FakeX(search=[told(3, 5, newest=newest)])
        monkeypatch.setitem(registry.CONNECTORS, "x", XConnector(later))
        poll(again(x_source), now=noon + MINUTE)
        since = int(later.asked[0].get("since_id", 0))
        assert since <= top - 5
    assert Post.objects.count() == 4


# ── 7: away, an empty cursor, another query ─────────────────────────────────
def test_after_a_week_offline_all_that_is_still_there_is_read(stage: Stage, noon: datetime) -> None:
    stage.write(20, at=noon)
    stage.poll(now=noon)
    stage.write(150, at=noon + 3 * 24 * HOUR)
    taken = polling.take_source(stage.source.pk, now=noon + WEEK)
    assert taken is not None
    polling.poll(taken, on_page=intake.open_cases, now=noon + WEEK)
    assert stage.has_all_once()
    spell = BlindSpell.objects.get()
    assert (spell.from_at, spell.is_lost) == (noon, False)
    assert spell.until_at == noon + WEEK


@pytest.mark.parametrize(
    "cursor", [{}, {"tag:loswal": {}}, {"tag:loswal": {"mark": ""}}, {"tag:loswal": {"mark": "1"}}]
)
def test_an_empty_cursor_reads_all_again_and_doubles_nothing(
    cursor: dict[str, Any], stage: Stage, noon: datetime
) -> None:
    stage.write(50, at=noon)
    stage.poll(now=noon)
    Source.objects.filter(pk=stage.source.pk).update(cursor=cursor)
    stage.write(1, at=noon + MINUTE)
    assert stage.poll(now=noon + 2 * MINUTE) == 1
    assert stage.has_all_once()


def test_an_edited_query_finds_what_the_old_one_left_and_doubles_nothing(
    stage: Stage, noon: datetime
) -> None:
    stage.write(3, at=noon)
    stage.write(2, at=noon, text="#kade vol rook")
    assert stage.poll(now=noon) == 3
    Query.objects.filter(pk=stage.desk.query.pk).update(terms="#loswal, #kade")
    assert stage.poll(now=noon + MINUTE) == 2
    assert stage.has_all_once()
    assert set(stage.now.cursor) == {"tag:loswal", "tag:kade"}


# ── 8: time ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("stated", ["2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_a_wrong_time_of_a_post_never_hides_what_follows(stated: str, stage: Stage, noon: datetime) -> None:
    stage.write(30, at=noon)
    stage.posts[15]["created_at"] = stated
    stage.posts[29]["created_at"] = stated
    stage.poll(now=noon)
    assert Post.objects.latest("posted_at").posted_at <= noon
    for n in range(1, 4):
        stage.write(1, at=noon + n * MINUTE, created_at=stated)
        assert stage.poll(now=noon + n * MINUTE) == 1
    assert stage.has_all_once()


def test_an_id_far_in_the_future_never_hides_what_follows(stage: Stage, noon: datetime) -> None:
    stage.write(3, at=noon)
    ahead = stage.write(1, at=noon)
    ahead["id"] = str(int((noon + 999 * HOUR).timestamp() * 1000) << 16)
    stage.poll(now=noon)
    assert int(stage.now.cursor["tag:loswal"]["mark"]) < FIRST_ID + 10


def test_a_post_that_came_late_to_the_server_is_found_below_the_mark(stage: Stage, noon: datetime) -> None:
    stage.write(10, at=noon)
    late = stage.posts.pop(4)
    stage.weather.answer = lambda path: as_json(stage.posts[::-1])
    assert stage.poll(now=noon) == 9
    stage.posts.append(late)
    stage.poll(now=noon + MINUTE)
    assert Post.objects.filter(canonical_id=late["uri"]).count() == 1


# ── 9: who is who ───────────────────────────────────────────────────────────
def test_ids_above_2_to_the_53_are_one_whether_numbers_or_texts(stage: Stage, noon: datetime) -> None:
    stage.write(6, at=noon)
    as_numbers = [post | {"id": int(post["id"])} for post in stage.posts]
    as_numbers[5]["in_reply_to_id"] = FIRST_ID + 4
    stage.weather.answer = lambda path: as_json(as_numbers[::-1] if "max_id" not in path else [])
    assert stage.poll(now=noon) == 6
    assert stage.now.cursor["tag:loswal"]["mark"] == server_id(5)
    assert Post.objects.get(canonical_id=stage.posts[5]["uri"]).parent_id == stage.posts[4]["uri"]
    stage.mends()
    assert stage.poll(now=noon + MINUTE) == 0
    assert stage.has_all_once()
    raw = Post.objects.earliest("pk").raw
    assert isinstance(raw["id"], str)


def test_who_takes_another_handle_stays_the_same_author(stage: Stage, noon: datetime) -> None:
    first = stage.write(1, at=noon)
    stage.poll(now=noon)
    renamed = first["account"] | {"acct": "nieuw", "username": "nieuw", "url": f"{stage.url}/@nieuw"}
    stage.write(1, at=noon + MINUTE, account=renamed)
    stage.poll(now=noon + MINUTE)
    assert Author.objects.get().handle.startswith("nieuw@")
    assert Post.objects.filter(author=Author.objects.get()).count() == 2


def test_one_post_through_two_servers_is_one_case(stage: Stage, noon: datetime) -> None:
    here = stage.write(1, at=noon)
    there = here | {"id": "42", "url": f"{stage.url}/@author0@elsewhere/42"}
    elsewhere = Source.objects.create(
        name="another server", connector="mastodon", settings=stage.source.settings, next_poll_at=noon
    )
    elsewhere.queries.add(stage.desk.query)
    assert stage.poll(now=noon) == 1
    stage.weather.answer = lambda path: as_json([there] if "max_id" not in path else [])
    assert poll(elsewhere, now=noon, on_page=intake.open_cases) == 0
    assert Case.objects.count() == Post.objects.count() == 1


# ── 11: conversations ───────────────────────────────────────────────────────
def test_boosts_are_no_cases_quotes_link_and_no_odd_parent_holds_anything_up(
    stage: Stage, noon: datetime
) -> None:
    said, quoting, orphan = (stage.write(1, at=noon) for _ in range(3))
    quoting["quote"] = {"state": "accepted", "quoted_status": said}
    orphan["in_reply_to_id"] = server_id(10**9)
    boost = stage.write(1, at=noon, content="", reblog=said)
    one, other = (stage.write(1, at=noon) for _ in range(2))
    one["in_reply_to_id"], other["in_reply_to_id"] = other["id"], one["id"]
    self_made = stage.write(1, at=noon)
    self_made["in_reply_to_id"] = self_made["id"]
    assert stage.poll(now=noon) == 7
    assert stage.now.health == "working"
    kinds = dict(Post.objects.values_list("canonical_id", "kind"))
    assert (kinds[boost["uri"]], kinds[quoting["uri"]], kinds[orphan["uri"]]) == ("boost", "quote", "reply")
    assert Post.objects.get(canonical_id=quoting["uri"]).parent_id == said["uri"]
    assert not Case.objects.filter(post__canonical_id=boost["uri"]).exists()
    assert Case.objects.count() == 6


# ── 13: fields ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": "2026-03-02T11:59:00Z"},
        {"created_at": "2026-03-02T11:59:00.123Z"},
        {"created_at": "2026-03-02T11:59:00.123456789+01:00"},
        {"created_at": "2026-03-02 11:59:00"},
        {"new_field": {"deep": [1, None, {"er": "still"}]}},
        {"card": json.loads("[" * 480 + "]" * 480)},
        {"tags": None, "mentions": None, "media_attachments": "none", "emojis": 7},
        {"replies_count": None, "reblogs_count": "many", "favourites_count": -1},
        {"language": None, "visibility": None, "spoiler_text": None, "edited_at": 5},
        {"quote": None, "reblog": None, "in_reply_to_id": None, "url": None},
    ],
    ids=lambda changes: ",".join(f"{k}={v}" for k, v in changes.items())[:60],
)
def test_fields_that_are_new_missing_or_written_otherwise_cost_nothing(
    changes: dict[str, Any], stage: Stage, noon: datetime
) -> None:
    stage.write(3, at=noon)
    stage.posts[1] |= changes
    assert stage.poll(now=noon) == 3
    assert not RejectedMention.objects.exists()
    assert Post.objects.get(canonical_id=stage.posts[1]["uri"]).raw.get("new_field") == changes.get(
        "new_field"
    )


BAD: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no id": (lambda post: without(post, "id", "uri"), "it has no address of its own"),
    "renamed field": (lambda post: without(post, "content") | {"text": "#loswal"}, 'it has no "content"'),
    "no author": (lambda post: post | {"account": None}, "it has no author"),
    "author of another kind": (lambda post: post | {"account": ["x"]}, "it has no author"),
    "no date": (lambda post: without(post, "created_at"), "it has no date"),
    "a date that is none": (
        lambda post: post | {"created_at": "yesterday"},
        "its date cannot be read: yesterday",
    ),
    "month 13": (
        lambda post: post | {"created_at": "2026-13-01T00:00:00Z"},
        "its date cannot be read: 2026-13-01T00:00:00Z",
    ),
    "a date beyond the calendar": (
        lambda post: post | {"created_at": "9999-12-31T23:59:59-10:00"},
        "its date cannot be read: 9999-12-31T23:59:59-10:00",
    ),
    "a date that is an object": (lambda post: post | {"created_at": {"at": 1}}, "its date cannot be read"),
    "content of another kind": (lambda post: post | {"content": {"html": []}}, "its text is no text"),
    "a list": (lambda post: ["a", "list"], "it is no post"),
    "nothing": (lambda post: None, "it is no post"),
    "a number": (lambda post: 10**400, "it is no post"),
    "a text": (lambda post: "#loswal", "it is no post"),
}


def without(post: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in post.items() if name not in names}


@pytest.mark.parametrize("way", BAD)
def test_a_bad_post_is_set_aside_alone_with_a_reason_that_people_understand(
    way: str, stage: Stage, noon: datetime
) -> None:
    spoil, reason = BAD[way]
    stage.write(3, at=noon)
    good = stage.posts[1]
    stage.posts[1] = spoil(good)
    assert stage.poll(now=noon) == 2
    assert (stage.now.health, stage.now.error) == ("working", "")
    [told] = reasons()
    assert told.startswith(reason)
    assert "Error" not in told and "(" not in told
    stage.posts[1] = good
    rejected_id = RejectedMention.objects.get().pk
    RejectedMention.objects.update(raw=json.dumps(good))  # as if its connector had learnt to read it
    assert keeping.settle_rejected(rejected_id, on_page=intake.open_cases, now=noon) == "stored"
    assert Case.objects.count() == 3
