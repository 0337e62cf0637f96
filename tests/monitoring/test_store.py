"""The one upsert: each post once, every edition kept, whatever text a platform sends."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from monitoring import bulk
from monitoring.connectors.base import AuthorRef, Mention, Reactions
from monitoring.models import Author, Post, PostIdentity, PostMatch, PostVersion, Query, Source
from monitoring.store import Stored, upsert_posts
from tests.monitoring.conftest import listen
from tests.world import mention

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=1)


def store(*mentions: Mention, now: datetime, **more: Any) -> Stored:
    with transaction.atomic():
        return upsert_posts(mentions, now=now, **more)


# ── one post ────────────────────────────────────────────────────────────────
def test_a_mention_is_stored_as_it_was_fetched(source: Source, noon: datetime) -> None:
    heard = replace(
        mention(1, "Rook boven de Loswal", at=noon - LATER, thread="root", followers=7),
        parent_id="root",
        reactions=Reactions(1, 2, 3, 4),
        raw={"id": "m1", "nested": {"ok": [True, None, 1.5, "é🔥"]}},
        version="v1",
    )
    (stored,) = store(heard, now=noon, source_id=source.pk).new
    post = Post.objects.select_related("author").get(pk=stored.id)
    assert (post.platform, post.canonical_id, post.url, post.kind) == ("x", "m1", heard.url, "post")
    assert (post.text, post.language, post.version, post.raw) == (heard.text, "nl", "v1", heard.raw)
    assert (post.parent_id, post.thread_id) == ("root", "root")
    assert (post.n_replies, post.n_shares, post.n_likes, post.n_views) == (1, 2, 3, 4)
    assert (post.posted_at, post.fetched_at, post.source) == (noon - LATER, noon, source)
    assert post.author is not None
    assert (post.author.handle, post.author.name, post.author.followers) == ("author1", "Author 1", 7)


def test_a_post_of_its_own_is_its_own_thread(noon: datetime) -> None:
    store(mention(1, at=noon), now=noon)
    assert Post.objects.get().thread_id == "m1"


def test_a_post_without_an_author_is_kept_without_one(noon: datetime) -> None:
    store(replace(mention(1, at=noon), author=None), now=noon)
    assert Post.objects.get().author is None


def test_no_mentions_are_no_work(noon: datetime) -> None:
    assert store(now=noon) == Stored((), (), 0)


def test_the_same_post_from_two_queries_is_one_post_with_two_reasons(
    query: Query, owner: Any, noon: datetime
) -> None:
    other = listen(owner, "the quay", "loswal", now=noon)
    key = ("x", "m1")
    first = store(mention(1, at=noon), now=noon, queries={key: [query.pk, other.pk]})
    assert first.new[0].query_ids == (query.pk, other.pk)
    assert Post.objects.count() == 1
    assert set(PostMatch.objects.values_list("query", flat=True)) == {query.pk, other.pk}


def test_a_known_post_that_matches_another_query_gets_one_more_reason(
    query: Query, owner: Any, noon: datetime
) -> None:
    other = listen(owner, "the quay", "loswal", now=noon)
    key = ("x", "m1")
    store(mention(1, at=noon), now=noon, queries={key: [query.pk]})
    for _ in range(2):
        again = store(mention(1, at=noon), now=noon, queries={key: [query.pk, other.pk]})
        assert (again.new, again.n_seen) == ((), 1)
    assert PostMatch.objects.count() == 2


def test_a_post_that_stands_twice_on_a_page_is_stored_once_as_it_stood_last(noon: datetime) -> None:
    stored = store(mention(1, "first", at=noon), mention(1, "last", at=noon), now=noon)
    assert len(stored.new) == 1
    assert Post.objects.get().text == "last"


def test_the_same_id_on_two_platforms_is_two_posts(noon: datetime) -> None:
    store(mention(1, at=noon), mention(1, at=noon, platform="rss"), now=noon)
    assert PostIdentity.objects.count() == Post.objects.count() == Author.objects.count() == 2


def test_ids_that_differ_by_case_or_accent_are_different_posts(noon: datetime) -> None:
    ids = ["abc", "ABC", "äbc", "äbc".encode().decode("utf-8") + " "]
    store(*(replace(mention(1, at=noon), canonical_id=each) for each in ids), now=noon)
    assert Post.objects.count() == len(ids)


def test_an_identity_whose_post_was_erased_stays_erased_and_holds_nothing_up(
    query: Query, noon: datetime
) -> None:
    store(mention(1, at=noon), now=noon)
    Post.objects.all().delete()
    keys = {("x", "m1"): [query.pk], ("x", "m2"): [query.pk]}
    stored = store(mention(1, at=noon), mention(2, at=noon), now=noon, queries=keys)
    assert [post.mention.canonical_id for post in stored.new] == ["m2"]
    assert Post.objects.get().canonical_id == "m2"


def test_a_thousand_posts_and_their_return_take_few_queries(
    noon: datetime, django_assert_max_num_queries: Any
) -> None:
    page = [mention(n, at=noon) for n in range(1000)]
    with django_assert_max_num_queries(20):
        assert len(store(*page, now=noon).new) == 1000
    liked = [replace(each, reactions=Reactions(likes=1)) for each in page]
    with django_assert_max_num_queries(20):
        assert store(*liked, now=noon).new == ()
    assert Post.objects.filter(n_likes=1).count() == 1000


# ── editions ────────────────────────────────────────────────────────────────
def edition(text: str, version: str, noon: datetime) -> Mention:
    return replace(mention(1, text, at=noon), version=version, raw={"edition": version})


def test_an_edited_post_shows_its_newest_text_and_keeps_the_earlier_one(noon: datetime) -> None:
    store(edition("de brandweer is laat", "", noon), now=noon)
    stored = store(edition("de brandweer is er", "2", noon), now=noon + LATER)
    post, kept = Post.objects.get(), PostVersion.objects.get()
    assert stored.edited == (post.pk,)
    assert (post.text, post.version, post.raw) == ("de brandweer is er", "2", {"edition": "2"})
    assert (kept.text, kept.version, kept.raw) == ("de brandweer is laat", "", {"edition": ""})
    assert (kept.post, kept.replaced_at) == (post, noon + LATER)


def test_the_same_edition_again_is_no_edit(noon: datetime) -> None:
    for _ in range(3):
        stored = store(edition("one", "1", noon), now=noon)
    assert stored.edited == ()
    assert not PostVersion.objects.exists()


def test_an_earlier_edition_that_comes_late_does_not_undo_the_newer_one(noon: datetime) -> None:
    for text, version in [("one", "1"), ("two", "2"), ("one", "1"), ("three", "3"), ("two", "2")]:
        store(edition(text, version, noon), now=noon)
    assert Post.objects.get().text == "three"
    assert list(PostVersion.objects.order_by("pk").values_list("text", flat=True)) == ["one", "two"]


def test_a_redacted_post_stays_redacted(noon: datetime) -> None:
    store(edition("a secret", "1", noon), now=noon)
    Post.objects.update(text="", raw={}, gone_at=noon)
    store(edition("a secret again", "2", noon), now=noon)
    assert Post.objects.get().text == ""
    assert not PostVersion.objects.exists()


# ── counts and authors ──────────────────────────────────────────────────────
def test_reactions_are_brought_up_to_date_without_an_edit(noon: datetime) -> None:
    store(replace(mention(1, at=noon), reactions=Reactions(1, 1, 1, 50)), now=noon)
    store(replace(mention(1, at=noon), reactions=Reactions(2, 3, 4, None)), now=noon)
    post = Post.objects.get()
    assert (post.n_replies, post.n_shares, post.n_likes, post.n_views) == (2, 3, 4, 50)


def test_an_author_is_one_and_as_last_seen(noon: datetime) -> None:
    store(mention(1, at=noon), now=noon)
    renamed = replace(mention(2, at=noon), author=AuthorRef("a1", "newname", "New Name", None))
    store(renamed, now=noon)
    author = Author.objects.get()
    assert (author.handle, author.name, author.followers) == ("newname", "New Name", 100)
    assert author.posts.count() == 2


def test_more_followers_than_a_small_number_holds(noon: datetime) -> None:
    store(mention(1, at=noon, followers=5_000_000_000), now=noon)
    assert Author.objects.get().followers == 5_000_000_000


# ── whatever text a platform sends ──────────────────────────────────────────
NASTY = {
    "NUL": "brand\x00weer",
    "lone surrogate": "brand\ud83dweer",
    "half an emoji the other way": "brand\udd25weer",
}
FAITHFUL = {
    "emoji": "🔥🧑‍🚒🇳🇱",
    "right to left": "النار في الميناء \u202e",
    "combining": "cafe\u0301 \u0338",
    "quotes and backslashes": "\\u0000 \\ \" ' %s %(x)s {} \\N \\.",
    "tabs and lines": "a\tb\nc\r\n\\n",
    "copy's end": "\\.\n\\.",
    "empty": "",
    "long": "brand " * 20_000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_what_no_database_takes_is_left_out_and_the_page_goes_on(text: str, noon: datetime) -> None:
    nasty = replace(
        mention(1, text, at=noon),
        canonical_id=f"id{text}",
        url=f"https://social.example/{text}",
        language=text[5:7],
        author=AuthorRef(f"a{text}", text, text),
        raw={text: [text, {"deep": text}]},
    )
    for _ in range(2):
        store(nasty, mention(2, at=noon), now=noon)
    post = Post.objects.get(canonical_id="idbrandweer")
    assert post.author is not None
    assert (post.text, post.author.handle, post.author.name) == ("brandweer",) * 3
    assert post.raw == {"brandweer": ["brandweer", {"deep": "brandweer"}]}
    assert Post.objects.count() == 2


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_what_no_database_takes_is_left_out_of_an_edit_as_well(text: str, noon: datetime) -> None:
    store(edition("first", "1", noon), now=noon)
    store(replace(edition(text, "2", noon), raw={"text": text}), now=noon)
    post = Post.objects.get()
    assert (post.text, post.raw) == ("brandweer", {"text": "brandweer"})


@pytest.mark.parametrize("text", FAITHFUL.values(), ids=FAITHFUL)
def test_every_other_text_comes_back_as_it_was(text: str, noon: datetime) -> None:
    store(replace(mention(1, at=noon), text=text, raw={"text": text, text[:50]: 1}), now=noon)
    post = Post.objects.get()
    assert post.text == text
    assert post.raw == {"text": text, text[:50]: 1}


def test_numbers_that_are_none_do_not_break_the_page(noon: datetime) -> None:
    store(replace(mention(1, at=noon), raw={"x": float("nan"), "y": float("inf"), "z": 1.5}), now=noon)
    assert Post.objects.get().raw["z"] == 1.5


def test_a_url_and_a_name_too_long_for_their_columns_are_cut(noon: datetime) -> None:
    long = replace(
        mention(1, at=noon),
        url="https://x.example/" + "y" * 3000,
        author=AuthorRef("a1", "h" * 300, "n" * 300),
    )
    store(long, now=noon)
    post = Post.objects.get()
    assert post.author is not None
    assert (len(post.url), len(post.author.handle), len(post.author.name)) == (2000, 200, 200)


def test_json_for_a_column_is_what_comes_out_of_it() -> None:
    assert bulk.encoded({"a": "é", "b": None}) == '{"a": "é", "b": null}'
    assert "\\\\u0000" in bulk.encoded({"a": "\\u0000"})
