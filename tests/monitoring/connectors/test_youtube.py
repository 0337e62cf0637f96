"""YouTube: what it gives, how it refuses, its quota, and that nothing is lost between two polls."""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httplib2
import pytest
from googleapiclient.http import HttpMockSequence
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.connectors.alternatives import alternatives
from monitoring.connectors.base import Budget, Gone, Kind, Live, No, Reply, SourceConfig, Unknown, Yes
from monitoring.connectors.errors import (
    CredentialRefused,
    NothingToRead,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    Unavailable,
    Unreadable,
)
from monitoring.connectors.youtube import YoutubeConnector
from monitoring.connectors.youtube.client import next_day
from tests.monitoring.connectors.fake_youtube import FakeYoutube, answer_to, refusal, thread

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # on the west coast of America
KEYS = {"api_key": "secret-key", "client_id": "ci", "client_secret": "cs", "refresh_token": "rt"}
OURS = SourceConfig(9, "Kanaal", {"channel_id": "UCours"}, secrets=KEYS)
VIDEO = "v" * 11
ROOT = "Ug000000000001"


def at(minutes_ago):
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def poll(http, cursor=None, config=OURS, budget=None, now=NOW):
    stored = json.loads(json.dumps(cursor or {}))  # as the database gives it back
    return list(YoutubeConnector(http).poll(config, stored, budget or Budget(), now=now))


def ids(pages):
    return [mention.canonical_id for page in pages for mention in page.mentions]


def only(pages):
    [mention] = [mention for page in pages for mention in page.mentions]
    return mention


# ── reading ──────────────────────────────────────────────────────────────────


def test_comments_on_our_channel_are_addressed_to_us_and_ours_are_left_out():
    ours = answer_to(1, 2, at(1), by="UCours")
    found = poll(
        FakeYoutube({"channel": [thread(1, at(5), n_answers=2, answers=(answer_to(1, 1, at(2)), ours))]})
    )
    root, answer = found[0].mentions
    assert (root.canonical_id, root.kind, root.thread_id, root.is_addressed) == (ROOT, Kind.POST, "", True)
    assert root.url == f"https://www.youtube.com/watch?v={VIDEO}&lc={ROOT}"
    assert (answer.parent_id, answer.thread_id, answer.kind) == (ROOT, ROOT, Kind.REPLY)
    assert answer.url.startswith(f"https://www.youtube.com/watch?v={VIDEO}")
    assert (root.author.external_id, root.author.handle) == ("UCanna", "@anna")


def test_comments_under_videos_of_others_are_for_the_queries_to_judge():
    config = replace(OURS, settings={"video_ids": [VIDEO, 7, "no video"]})
    http = FakeYoutube({VIDEO: [thread(1, at(5))]})
    assert not only(poll(http, config=config)).is_addressed
    assert len(http.asked) == 1


def test_answers_that_did_not_come_along_are_asked_for_and_only_when_there_are_more():
    answers = [answer_to(1, n, at(5)) for n in range(8)]
    http = FakeYoutube(
        {"channel": [thread(1, at(9), n_answers=8, answers=tuple(answers[:5]))], ROOT: answers}
    )
    found = poll(http)
    assert len(set(ids(found))) == 9
    assert [resource for resource, _ in http.asked] == ["commentThreads", "comments"]
    assert all(m.is_addressed and f"v={VIDEO}" in m.url for page in found for m in page.mentions)
    http.asked.clear()
    assert ids(poll(http, found[-1].cursor)) == []
    assert len(http.asked) == 1
    newest = answer_to(1, 9, at(0))
    http.lists = {
        "channel": [thread(1, at(9), n_answers=9, answers=tuple(answers[:5]))],
        ROOT: [*answers, newest],
    }
    assert newest["id"] in ids(poll(http, found[-1].cursor))


def test_a_run_that_is_cut_short_goes_on_where_it_stopped():
    lists = {"channel": [thread(n, at(n)) for n in range(1, 10)]}
    http, cursor, found = FakeYoutube(lists, page_size=2), {}, []
    for _ in range(9):
        [page] = poll(http, cursor, budget=Budget(max_pages=1))
        cursor, found = page.cursor, found + ids([page])
        if page.last:
            break
    assert found == [f"Ug{n:012d}" for n in range(1, 10)]


def test_a_page_token_that_is_no_longer_taken_starts_the_list_again():
    http = FakeYoutube({"channel": [thread(n, at(n)) for n in range(1, 6)]}, page_size=2)
    cursor = poll(http, budget=Budget(max_pages=1))[-1].cursor
    http.page_size = 100
    http.instead = lambda resource, params: (
        refusal(400, "invalidPageToken") if "pageToken" in params else None
    )
    assert len(ids(poll(http, cursor))) == 3


def test_an_edit_changes_the_version_and_not_the_identity():
    before = only(poll(FakeYoutube({"channel": [thread(1, at(9))]})))
    after = only(poll(FakeYoutube({"channel": [thread(1, at(9), updatedAt=at(2))]})))
    assert (before.version, after.version) == ("", at(2))
    assert before.canonical_id == after.canonical_id


def test_a_time_from_the_future_counts_at_arrival():
    assert only(poll(FakeYoutube({"channel": [thread(1, at(-600))]}))).posted_at == NOW


def test_one_bad_thread_is_put_aside_and_can_be_read_again():
    bad = thread(1, at(1))
    del bad["snippet"]["topLevelComment"]["snippet"]["publishedAt"]
    [page] = poll(FakeYoutube({"channel": [bad, None, thread(2, at(3))]}))
    assert len(page.mentions) == 1
    assert len(page.rejected) == 2
    told = json.loads(page.rejected[0].raw)
    told["entry"]["snippet"]["topLevelComment"]["snippet"]["publishedAt"] = at(1)
    assert YoutubeConnector().normalise(OURS, json.dumps(told), now=NOW).canonical_id == ROOT
    for raw in ("", "[]", "null", page.rejected[0].raw):
        with pytest.raises(Unreadable):
            YoutubeConnector().normalise(OURS, raw, now=NOW)


@settings(deadline=None, max_examples=40)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["id", "snippet", "topLevelComment", "publishedAt"]), inner)
        ),
        max_leaves=6,
    )
)
def test_nothing_in_a_list_stops_the_page(entry):
    assert poll(FakeYoutube({"channel": [entry]}))[-1].last


@pytest.mark.parametrize("text", ["nul \0 hier", "half \ud83d paar", "👨‍👩‍👧‍👦" * 2000, "<b>vet</b>"])
def test_odd_texts_are_storable(text):
    told = thread(1, at(1), textOriginal=text)
    mention = only(poll(FakeYoutube({"channel": [told]})))
    assert "\0" not in mention.text
    mention.text.encode()


def test_nothing_to_read_is_no_fault():
    with pytest.raises(NothingToRead):
        poll(FakeYoutube(), config=replace(OURS, settings={}))


# ── searching ────────────────────────────────────────────────────────────────

SEARCHING = replace(OURS, settings={"searches_per_day": 4}, terms=('brand, "grote rook"', "loswal*"))


def video(video_id=VIDEO, **fields):
    told = {
        "title": "Brand in de haven",
        "description": "Vanmiddag",
        "publishedAt": at(30),
        "channelId": "UCx",
    }
    return {"id": {"videoId": video_id}, "snippet": told | {"channelTitle": "Omroep"} | fields}


def test_a_search_finds_videos_as_often_a_day_as_was_set():
    http = FakeYoutube({"search": [video()]})
    pages = poll(http, config=SEARCHING)
    assert only(pages).text == "Brand in de haven\n\nVanmiddag"
    assert not only(pages).is_addressed
    [(_, asked)] = http.asked
    assert asked["q"] == 'brand|"grote rook"|loswal'
    assert poll(http, pages[-1].cursor, config=SEARCHING, now=NOW + timedelta(hours=5)) == []
    assert len(poll(http, pages[-1].cursor, config=SEARCHING, now=NOW + timedelta(hours=6))) == 1


def test_many_words_take_turns():
    words = tuple(f"woord{n:03d}" for n in range(60))
    config = replace(SEARCHING, terms=words)
    http = FakeYoutube()
    cursor = poll(http, config=config)[-1].cursor
    poll(http, cursor, config=config, now=NOW + timedelta(hours=6))
    first, second = (asked["q"] for _, asked in http.asked)
    assert first != second
    assert len(alternatives(words, between="|")) == 2
    assert alternatives(("(", "platform:youtube"), between="|") == []


def test_used_up_searches_do_not_stop_the_comments_and_are_said_once():
    config = replace(SEARCHING, settings={"searches_per_day": 100, "channel_id": "UCours"})
    http = FakeYoutube({"channel": [thread(1, at(1))]})
    http.instead = lambda resource, params: refusal(403, "quotaExceeded") if resource == "search" else None
    found = poll(http, config=config)
    assert ids(found) == [ROOT]
    assert [r.reason for page in found for r in page.rejected] == ["the searches of today are used up"]
    again = poll(http, found[-1].cursor, config=config, now=NOW + timedelta(hours=1))
    assert [r for page in again for r in page.rejected] == []
    assert [resource for resource, _ in http.asked].count("search") == 1


# ── how it refuses ───────────────────────────────────────────────────────────


def refusing(reply):
    return poll(FakeYoutube(instead=lambda resource, params: reply))


def test_a_used_up_quota_is_waited_for_until_midnight_in_california():
    with pytest.raises(RateLimited) as limited:
        refusing(refusal(403, "quotaExceeded"))
    assert limited.value.until == MIDNIGHT
    assert next_day(datetime(2026, 3, 7, 20, tzinfo=UTC)) == datetime(2026, 3, 8, 8, tzinfo=UTC)
    assert next_day(datetime(2026, 3, 8, 20, tzinfo=UTC)) == datetime(
        2026, 3, 9, 7, tzinfo=UTC
    )  # summer time


@pytest.mark.parametrize("reply", [refusal(403, "rateLimitExceeded"), (429, b"slow down")])
def test_too_fast_waits_a_quarter_of_an_hour(reply):
    with pytest.raises(RateLimited) as limited:
        refusing(reply)
    assert limited.value.until == NOW + timedelta(minutes=15)


INVALID = {"error": {"code": 400, "message": "API key not valid.", "errors": [{"reason": "badRequest"}]}}
INVALID["error"]["details"] = [{"reason": "API_KEY_INVALID"}]


@pytest.mark.parametrize(
    "reply", [(400, INVALID), refusal(403, "accessNotConfigured"), refusal(400, "keyInvalid"), (401, b"")]
)
def test_a_key_that_is_not_taken_is_the_credentials_trouble(reply):
    with pytest.raises(CredentialRefused):
        refusing(reply)


@pytest.mark.parametrize("reply", [refusal(404, "channelNotFound"), refusal(403, "forbidden")])
def test_a_channel_that_is_not_ours_is_the_sources_trouble(reply):
    with pytest.raises(Refused) as refused:
        refusing(reply)
    assert type(refused.value) is Refused


@pytest.mark.parametrize("reason", ["commentsDisabled", "videoNotFound", "forbidden"])
def test_a_video_without_comments_is_left_alone_for_a_day_and_the_others_go_on(reason):
    other = "w" * 11
    config = replace(OURS, settings={"video_ids": [VIDEO, other]})
    http = FakeYoutube({other: [thread(1, at(1), videoId=other)]})
    http.instead = lambda resource, params: refusal(403, reason) if params.get("videoId") == VIDEO else None
    found = poll(http, config=config)
    assert ids(found) == [ROOT]
    [rejected] = [r for page in found for r in page.rejected]
    assert VIDEO in rejected.reason
    http.asked.clear()
    again = poll(http, found[-1].cursor, config=config, now=NOW + timedelta(hours=23))
    assert len(http.asked) == 1
    later = poll(http, again[-1].cursor, config=config, now=NOW + timedelta(hours=25))
    assert len(http.asked) == 3
    assert [r for page in later for r in page.rejected] == []


@pytest.mark.parametrize(
    "reply",
    [
        (500, b"oops"),
        (503, {"error": {"code": 503}}),
        (403, b"<html>proxy</html>"),
        (200, b"<html>"),
        (200, b""),
        (200, b'{"items": ['),
        (200, []),
        (200, None),
        (200, {"items": None}),
        (200, {"kind": "x"}),
        (404, {"error": "odd"}),
        ConnectionRefusedError("refused"),
        TimeoutError("silence"),
        httplib2.ServerNotFoundError("no such name"),
        httplib2.RelativeURIError("odd"),
    ],
)
def test_an_answer_that_is_none_is_tried_again_later(reply):
    with pytest.raises(Unavailable) as unavailable:
        refusing(reply)
    assert "secret-key" not in str(unavailable.value)


def test_no_key_asks_nothing():
    http = FakeYoutube()
    with pytest.raises(Refused, match="API key"):
        poll(http, config=replace(OURS, secrets={}))
    assert http.asked == []


def test_the_key_is_in_no_address_and_no_log(caplog):
    http = FakeYoutube({"channel": [thread(1, at(1))]})
    with caplog.at_level(logging.DEBUG):
        poll(http)
    assert all("secret-key" not in json.dumps(params) for _, params in http.asked)
    assert {headers["X-Goog-Api-Key"] for headers in http.headers} == {"secret-key"}
    assert "secret-key" not in caplog.text


def test_the_real_library_builds_without_asking_for_its_description():
    http = HttpMockSequence([({"status": "200"}, json.dumps({"items": [thread(1, at(1))]}).encode())])
    assert ids(poll(http)) == [ROOT]
    [(address, method, body, _)] = http.request_sequence
    assert address.startswith("https://youtube.googleapis.com/youtube/v3/commentThreads?")


def test_the_quota_is_counted_over_polls_and_starts_again_at_midnight():
    http = FakeYoutube({"channel": [thread(1, at(1))]})
    first = poll(http)[-1]
    assert (first.quota.remaining, first.quota.limit, first.quota.resets_at) == (9_999, 10_000, MIDNIGHT)
    assert first.units == 1
    second = poll(http, first.cursor)[-1]
    assert second.quota.remaining == 9_998
    assert poll(http, second.cursor, now=MIDNIGHT)[-1].quota.remaining == 9_999


def test_a_budget_in_units_is_kept():
    http = FakeYoutube({"channel": [thread(n, at(n)) for n in range(9)]}, page_size=2)
    assert len(poll(http, budget=Budget(max_units=2))) == 2
    assert poll(http, budget=Budget(max_units=0)) == []


# ── looking up again ─────────────────────────────────────────────────────────


def test_what_two_look_ups_do_not_have_is_gone():
    comment = thread(1, at(9))["snippet"]["topLevelComment"]
    http = FakeYoutube(nodes={ROOT: comment, VIDEO: {**video(), "id": VIDEO}})
    gone = "Ug000000000002"
    found = YoutubeConnector(http).refresh(OURS, [ROOT, gone, VIDEO, "x y"], now=NOW)
    assert [type(found[i]) for i in (ROOT, gone, VIDEO, "x y")] == [Live, Gone, Live, Unknown]
    assert [params["id"] for _, params in http.asked] == [f"{ROOT},{gone}", gone, VIDEO]


def test_what_the_second_look_up_has_is_not_gone():
    comment = thread(1, at(9))["snippet"]["topLevelComment"]
    first = iter([(200, {"items": []})])
    http = FakeYoutube(nodes={ROOT: comment}, instead=lambda resource, params: next(first, None))
    assert isinstance(YoutubeConnector(http).refresh(OURS, [ROOT], now=NOW)[ROOT], Live)


def test_nothing_is_gone_after_a_refusal():
    http = FakeYoutube(instead=lambda resource, params: refusal(403, "quotaExceeded"))
    with pytest.raises(RateLimited):
        YoutubeConnector(http).refresh(OURS, [ROOT], now=NOW)


def test_the_answers_to_a_comment_are_its_thread():
    http = FakeYoutube({"channel": [thread(1, at(9))], ROOT: [answer_to(1, n, at(n)) for n in range(3)]})
    found = YoutubeConnector(http).thread(OURS, only(poll(http)), now=NOW)
    assert len(found) == 3
    assert f"v={VIDEO}" in found[0].url


@pytest.mark.parametrize(
    "url",
    [
        f"https://www.youtube.com/watch?v={VIDEO}&lc={ROOT}",
        f"https://youtu.be/{VIDEO}?lc={ROOT}",
        f"https://m.youtube.com/shorts/{VIDEO}?lc={ROOT}",
    ],
)
def test_the_address_of_a_comment_is_found(url):
    comment = thread(1, at(9))["snippet"]["topLevelComment"]
    del comment["snippet"]["videoId"]
    http = FakeYoutube(nodes={ROOT: comment})
    assert YoutubeConnector().claims(url)
    mention = YoutubeConnector(http).resolve(OURS, url, now=NOW)
    assert mention.canonical_id == ROOT
    assert mention.url == f"https://www.youtube.com/watch?v={VIDEO}&lc={ROOT}"


def test_the_address_of_a_video_is_found_and_of_anything_else_not():
    http = FakeYoutube(nodes={VIDEO: {**video(), "id": VIDEO, "statistics": {"viewCount": "12"}}})
    mention = YoutubeConnector(http).resolve(OURS, f"https://youtu.be/{VIDEO}", now=NOW)
    assert (mention.canonical_id, mention.reactions.views) == (VIDEO, 12)
    assert YoutubeConnector(FakeYoutube()).resolve(OURS, f"https://youtu.be/{VIDEO}", now=NOW) is None
    for other in ("https://www.youtube.com/@vr", "https://youtube.com.evil.example/watch?v=" + VIDEO, "x"):
        assert not YoutubeConnector().claims(other)


# ── answering ────────────────────────────────────────────────────────────────

ANSWER = Reply(f"{ROOT}.000000000005", "Dank voor uw melding", "public", thread_id=ROOT)


def test_an_answer_goes_into_the_thread_with_a_fresh_sign_in():
    http = FakeYoutube()
    YoutubeConnector(http).publish(OURS, ANSWER, key="k")
    [(told, headers)] = http.sent
    assert told == {"snippet": {"parentId": ROOT, "textOriginal": "Dank voor uw melding"}}
    assert headers["Authorization"] == "Bearer an-hour"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refusal(403, "forbidden"), PublishFailed),
        (refusal(400, "commentTextTooLong"), PublishFailed),
        (refusal(403, "quotaExceeded"), RateLimited),
        ((401, b""), CredentialRefused),
        ((500, b""), PublishUnknown),
        ((200, b"<html>"), PublishUnknown),
        (TimeoutError("silence"), PublishUnknown),
    ],
)
def test_an_answer_that_fails_says_whether_it_may_have_arrived(reply, error):
    http = FakeYoutube(instead=lambda resource, params: reply if resource == "comments" else None)
    with pytest.raises(error):
        YoutubeConnector(http).publish(OURS, ANSWER, key="k")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((400, {"error": "invalid_grant"}), CredentialRefused),
        ((503, b""), Unavailable),
        ((200, b"{}"), Unavailable),
        (TimeoutError("silence"), Unavailable),
    ],
)
def test_without_a_sign_in_nothing_was_sent(reply, error):
    http = FakeYoutube(instead=lambda resource, params: reply if resource == "token" else None)
    with pytest.raises(error):
        YoutubeConnector(http).publish(OURS, ANSWER, key="k")
    assert http.sent == []


def test_an_answer_in_the_dark_is_found_by_its_writer_and_text():
    answers = [
        answer_to(1, 7, at(2), textOriginal="Dank voor uw melding"),
        answer_to(1, 8, at(1), by="UCours", textOriginal="Dank voor  uw melding"),
    ]
    http = FakeYoutube({ROOT: answers})
    assert YoutubeConnector(http).find_reply(OURS, "k", ANSWER).external_id == f"{ROOT}.000000000008"
    assert YoutubeConnector(FakeYoutube()).find_reply(OURS, "k", ANSWER) is None
    with pytest.raises(Unavailable):
        YoutubeConnector(http).find_reply(replace(OURS, settings={}), "k", ANSWER)


def test_what_may_be_answered():
    mention = only(poll(FakeYoutube({"channel": [thread(1, at(1))]})))
    assert YoutubeConnector().can_reply(OURS, mention) == Yes()
    assert isinstance(YoutubeConnector().can_reply(replace(OURS, secrets={"api_key": "k"}), mention), No)
    assert isinstance(YoutubeConnector().can_reply(OURS, replace(mention, canonical_id=VIDEO)), No)
    for bad in (
        replace(ANSWER, visibility="direct"),
        replace(ANSWER, text="a" * 10_001),
        Reply(VIDEO, "a", "public"),
    ):
        with pytest.raises(PublishFailed):
            YoutubeConnector(FakeYoutube()).publish(OURS, bad, key="k")


def test_missing_keys_and_settings_are_said():
    problems = YoutubeConnector().check(SourceConfig(1, "Y", {}))
    assert [problem.blocking for problem in problems] == [True, True, False]
    assert YoutubeConnector().check(OURS) == []


@pytest.mark.parametrize("reason", ["forbidden", "commentsDisabled"])
def test_what_youtube_does_not_show_us_is_not_gone_nor_is_our_reply_known_to_be_missing(reason):
    http = FakeYoutube(instead=lambda resource, params: refusal(403, reason))
    connector = YoutubeConnector(http)
    with pytest.raises(Unavailable):
        connector.refresh(OURS, ["Ug000000000001"], now=NOW)
    with pytest.raises(Unavailable):
        connector.find_reply(OURS, "key", Reply("Ug000000000001", "Dank", "public"))
    mention = only(poll(FakeYoutube({"channel": [thread(1, at(1))]})))
    assert connector.thread(OURS, mention, now=NOW) == ()


def test_our_reply_is_found_in_a_long_thread():
    ours = answer_to(1, 130, at(1), by="UCours", textOriginal="Dank")
    answers = [*(answer_to(1, n, at(2)) for n in range(130)), ours]
    connector = YoutubeConnector(FakeYoutube({"Ug000000000001": answers}))
    found = connector.find_reply(OURS, "key", Reply("Ug000000000001", "Dank", "public"))
    assert found and found.external_id == ours["id"]
