"""Row 10 of the failure catalogue: edited, deleted, protected, suspended, deactivated, restored."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from cases.models import AuditEvent, Case
from cases.services import intake, removal
from monitoring import credentials, refresh
from monitoring.connectors import registry
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.models import Author, Post, PostVersion, Source
from monitoring.refresh import Upstairs
from tests.faults.platform import Raw, as_json
from tests.monitoring.connectors.fake_bluesky import FakeBluesky, found, uri, view
from tests.monitoring.connectors.fake_x import FakeX, posts
from tests.monitoring.polls import poll
from tests.monitoring.stage import Stage, server_id

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
AGES = (5, 30, 120, 720)
WHOLE = Upstairs(intake.open_cases, removal.on_gone, removal.on_back)


def look(source: Source, *, now: datetime) -> int:
    """One round of looking up, as a worker does it."""
    Source.objects.filter(pk=source.pk).update(next_refresh_at=now)
    taken = refresh.take_source(source.pk, now=now)
    assert taken is not None
    return refresh.refresh(taken, watched=(), upstairs=WHOLE, now=now)


def is_redacted(post: Post) -> bool:
    return (post.text, post.url, post.raw, post.author) == ("", "", {}, None)


def actions() -> list[str]:
    return list(AuditEvent.objects.filter(subject__startswith="case:").values_list("action", flat=True))


# ── Mastodon ────────────────────────────────────────────────────────────────
def test_an_edit_is_a_version_of_the_same_post_and_case(stage: Stage, noon: datetime) -> None:
    written = stage.write(1, at=noon)
    stage.poll(now=noon)
    before = Post.objects.get().text
    written |= {"content": "<p>Toch geen rook bij #loswal</p>", "edited_at": "2026-03-02T12:03:00.000Z"}
    assert look(stage.source, now=noon + 5 * MINUTE) == 1
    post = Post.objects.get()
    assert post.text == "Toch geen rook bij #loswal"
    assert PostVersion.objects.get().text == before
    assert Case.objects.count() == 1
    stage.poll(now=noon + 6 * MINUTE)
    look(stage.source, now=noon + 30 * MINUTE)
    assert PostVersion.objects.count() == 1


def test_a_deleted_post_is_emptied_keeps_its_case_and_comes_back_when_it_is_restored(
    stage: Stage, noon: datetime
) -> None:
    stage.write(2, at=noon)
    stage.poll(now=noon)
    deleted = stage.posts.pop()
    look(stage.source, now=noon + 5 * MINUTE)
    post = Post.objects.get(canonical_id=deleted["uri"])
    assert is_redacted(post) and post.gone_at == noon + 5 * MINUTE
    assert not Author.objects.filter(handle__startswith="author1@").exists()
    assert Case.objects.count() == 2
    assert "post gone" in actions()
    stage.posts.append(deleted)
    look(stage.source, now=noon + 30 * MINUTE)
    post.refresh_from_db()
    assert (post.gone_at, post.author.handle.partition("@")[0]) == (None, "author1")  # type: ignore[union-attr]
    assert "melding 1" in post.text
    assert "post restored" in actions()


@pytest.mark.parametrize(
    ("says", "is_gone"),
    [
        pytest.param(as_json({"error": "Record not found"}, 404), True, id="deleted or protected"),
        pytest.param(as_json({"error": "Gone"}, 410), True, id="suspended"),
        pytest.param(as_json({"error": "This action is not allowed"}, 403), False, id="403"),
        pytest.param(as_json({"error": "The access token is invalid"}, 401), False, id="401"),
        pytest.param(Raw(404, b"<html>No such page</html>"), False, id="404 of a proxy"),
        pytest.param(Raw(500), False, id="500"),
        pytest.param(Raw(503, b"<html>"), False, id="503"),
        pytest.param(as_json([]), False, id="nonsense"),
        pytest.param(as_json({"error": "Too many requests"}, 429), False, id="429"),
    ],
)
def test_a_post_is_gone_only_when_its_server_says_so(
    says: Raw, is_gone: bool, stage: Stage, noon: datetime
) -> None:
    stage.write(1, at=noon)
    stage.poll(now=noon)
    one = f"/api/v1/statuses/{server_id(0)}"

    def answer(path: str) -> Raw | None:
        if "/api/v1/statuses" not in path:
            return None
        return says if path.startswith(one) else as_json([])

    stage.weather.answer = answer
    look(stage.source, now=noon + 5 * MINUTE)
    assert is_redacted(Post.objects.get()) is is_gone
    assert (stage.now.health, stage.now.n_failures) == ("working", 0), "looking up is no trouble of the poll"


# ── X ───────────────────────────────────────────────────────────────────────
def not_given(post_id: str, kind: str, detail: str) -> dict[str, str]:
    return {
        "resource_id": post_id,
        "type": f"https://api.twitter.com/2/problems/{kind}",
        "detail": detail,
    }


@pytest.mark.parametrize(
    ("kind", "detail", "is_gone"),
    [
        ("resource-not-found", "Could not find tweet", True),
        ("not-authorized-for-resource", "Sorry, you are not authorized to see this", True),
        ("resource-unavailable", "Try again", False),
    ],
    ids=["deleted or deactivated", "protected or suspended", "for the moment"],
)
def test_a_post_that_x_does_not_give_any_more_is_emptied_and_restored(
    kind: str, detail: str, is_gone: bool, stage: Stage, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = first_id_at(noon)
    page = posts(top - 2, top - 1, text="De #loswal brandt")
    missing: set[str] = set()

    def look_up(request: requests.PreparedRequest) -> Any:
        asked = parse_qs(urlsplit(str(request.url)).query)["ids"][0].split(",")
        given = [post for post in page["data"] if post["id"] in asked and post["id"] not in missing]
        return {"data": given, "errors": [not_given(each, kind, detail) for each in asked if each in missing]}

    monkeypatch.setitem(registry.CONNECTORS, "x", XConnector(FakeX(search=[page], other=look_up)))
    keys = credentials.change("our X", platform="x", secrets={"bearer_token": "b"}, now=noon)
    source = Source.objects.create(
        name="X",
        connector="x",
        settings={"organisation": "other"},
        credential=keys,
        next_poll_at=noon,
        dollars_per_day=10,
    )
    source.queries.add(stage.desk.query)
    assert poll(source, now=noon, on_page=intake.open_cases) == 2
    missing.add(str(top - 2))
    look(source, now=noon + 5 * MINUTE)
    post = Post.objects.get(canonical_id=str(top - 2))
    assert is_redacted(post) is is_gone
    assert post.gone_reason == (detail if is_gone else "")
    assert Post.objects.get(canonical_id=str(top - 1)).gone_at is None
    missing.clear()
    look(source, now=noon + 30 * MINUTE)
    post.refresh_from_db()
    assert (post.text, post.gone_at) == ("De #loswal brandt", None)


# ── Bluesky ─────────────────────────────────────────────────────────────────
@pytest.fixture
def bluesky(stage: Stage, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[FakeBluesky, Source]:
    """A source on Bluesky with two posts in it."""
    standing = [view(n, at=noon - n * MINUTE, record={"text": f"De #loswal brandt {n}"}) for n in (1, 2)]
    platform = FakeBluesky(
        searchPosts=found(standing),
        getPosts=lambda wanted: {"posts": [each for each in standing if each["uri"] in wanted["uris"]]},
        getProfiles={"profiles": [{"did": standing[0]["author"]["did"], "handle": "kadebewoner.test"}]},
        listNotifications={"notifications": []},
    )
    monkeypatch.setitem(registry.CONNECTORS, "bluesky", BlueskyConnector(platform))
    secrets = {"identifier": "vr-loswal.test", "app_password": "abcd-abcd-abcd-abcd"}
    keys = credentials.change("our account", platform="bluesky", secrets=secrets, now=noon)
    source = Source.objects.create(name="Bluesky", connector="bluesky", credential=keys, next_poll_at=noon)
    source.queries.add(stage.desk.query)
    assert poll(source, now=noon, on_page=intake.open_cases) == 2
    return platform, source


@pytest.mark.parametrize(
    ("profiles", "why"),
    [
        ([], "Its account is gone or deactivated"),
        (None, "It was deleted, or taken down by Bluesky"),
    ],
    ids=["deactivated or suspended", "deleted"],
)
def test_a_post_that_is_silently_absent_from_bluesky_is_emptied_and_restored(
    profiles: list[Any] | None, why: str, bluesky: tuple[FakeBluesky, Source], noon: datetime
) -> None:
    platform, source = bluesky
    all_posts = platform.answers["getPosts"]
    platform.answers["getPosts"] = lambda wanted: {
        "posts": [each for each in all_posts(wanted)["posts"] if each["uri"] != uri(1)]
    }
    if profiles is not None:
        platform.answers["getProfiles"] = {"profiles": profiles}
    for minutes in AGES[:2]:
        look(source, now=noon + minutes * MINUTE)
    gone = Post.objects.get(canonical_id=uri(1))
    assert is_redacted(gone) and gone.gone_reason == why
    assert not is_redacted(Post.objects.get(canonical_id=uri(2)))
    platform.answers["getPosts"] = all_posts
    look(source, now=noon + AGES[2] * MINUTE)
    gone.refresh_from_db()
    assert (gone.text, gone.gone_at) == ("De #loswal brandt 1", None)


def test_an_edit_on_bluesky_is_a_version(bluesky: tuple[FakeBluesky, Source], noon: datetime) -> None:
    platform, source = bluesky
    edited = view(1, at=noon - MINUTE, cid="bafyrei" + "9" * 52, record={"text": "De #loswal brandt niet"})
    other = view(2, at=noon - 2 * MINUTE, record={"text": "De #loswal brandt 2"})
    platform.answers["getPosts"] = {"posts": [edited, other]}
    look(source, now=noon + 5 * MINUTE)
    assert Post.objects.get(canonical_id=uri(1)).text == "De #loswal brandt niet"
    assert PostVersion.objects.get().text == "De #loswal brandt 1"
