"""Replay: an incident plays by its clock, and replies land in its outbox."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.connectors.base import Budget, Kind, Live, No, Reply, SourceConfig, Unknown, Yes
from monitoring.connectors.errors import (
    Ended,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    Unavailable,
)
from monitoring.connectors.replay import MAX_REPLY_CHARS, ReplayConnector
from tests.monitoring.networks import PAYLOADS

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KADE = {"path": str(PAYLOADS / "replay" / "kade.jsonl"), "started_at": START.isoformat()}
REPLAY = ReplayConnector()
REPLY = Reply(parent_id="7:1:k2", text="Dank voor de melding, wij kijken.", visibility="public")


def source(**settings):
    return SourceConfig(id=7, name="Oefening", settings=KADE | settings)


def pages(config, now, cursor=None, budget=None):
    return list(REPLAY.poll(config, cursor or {}, budget or Budget(), now=now))


def incident(folder, n_events):
    """An incident file with one event a second."""
    lines = [{"incident": "long"}] + [{"id": f"e{n}", "at_s": n, "text": str(n)} for n in range(n_events)]
    path = folder / "long.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return str(path)


def test_history_comes_first_and_the_rest_when_it_happens():
    [page] = pages(source(), START)
    assert [mention.canonical_id for mention in page.mentions] == ["7:1:k1"]
    assert page.next_at == START + timedelta(seconds=30)
    [later] = pages(source(), START + timedelta(seconds=60), page.cursor)
    assert [mention.canonical_id for mention in later.mentions] == ["7:1:k2", "7:1:k3"]


def test_a_fast_replay_is_fast_in_event_time():
    [page] = pages(source(speed=60), START + timedelta(seconds=1))
    assert [mention.posted_at for mention in page.mentions] == [
        START - timedelta(seconds=10),
        START + timedelta(seconds=0.5),
        START + timedelta(seconds=1),
    ]


def test_a_mention_has_its_place_in_the_conversation():
    [page] = pages(source(), START + timedelta(hours=1))
    reply, boost = page.mentions[2], page.mentions[3]
    assert (reply.kind, reply.parent_id, reply.thread_id) == (Kind.REPLY, "7:1:k2", "7:1:k2")
    assert (boost.kind, boost.platform, boost.author.handle) == (Kind.BOOST, "x", "doorgever")
    assert page.mentions[1].reactions.replies == 2  # what has happened to it by now
    assert page.mentions[1].reactions.shares == 4
    assert page.mentions[1].url == "https://replay.invalid/kade/1/k2"
    assert page.next_at is None


def test_lines_that_are_no_events_are_kept_apart_once():
    [page] = pages(source(), START + timedelta(hours=1))
    assert len(page.rejected) == 2
    assert "not a line of JSON" in page.rejected[1].raw
    [again] = pages(source(), START + timedelta(hours=1), page.cursor)
    assert (again.mentions, again.rejected) == ((), ())


def test_a_second_run_is_new():
    [page] = pages(source(), START)
    [second] = pages(source(run=2), START, page.cursor)
    assert [mention.canonical_id for mention in second.mentions] == ["7:2:k1"]


def test_a_long_replay_comes_in_pages_within_the_budget(tmp_path):
    config = source(path=incident(tmp_path, 250))
    found = pages(config, START + timedelta(hours=1), budget=Budget(max_pages=2))
    assert [len(page.mentions) for page in found] == [100, 100]
    assert not found[-1].last
    [rest] = pages(config, START + timedelta(hours=1), found[-1].cursor)
    assert (len(rest.mentions), rest.last) == (50, True)


def test_looking_up_a_post_tells_its_reactions_now():
    found = REPLAY.refresh(source(), ["7:1:k2", "7:1:k5", "7:0:k2"], now=START + timedelta(seconds=60))
    assert isinstance(found["7:1:k2"], Live)
    assert found["7:1:k2"].mention.reactions.replies == 1
    assert found["7:1:k5"] == found["7:0:k2"] == Unknown("not in this run")


def test_a_reply_is_sent_once_however_often_it_is_tried(tmp_path):
    config = source(outbox=str(tmp_path / "outbox"))
    assert REPLAY.find_reply(config, "case-1", REPLY) is None
    first = REPLAY.publish(config, REPLY, key="case-1")
    assert REPLAY.publish(config, REPLY, key="case-1") == first == REPLAY.find_reply(config, "case-1", REPLY)
    assert REPLAY.publish(config, REPLY, key="case-2") != first
    assert len(list((tmp_path / "outbox").glob("*.json"))) == 2
    assert first.url.startswith("https://replay.invalid/")


def test_two_senders_at_once_send_one_reply(tmp_path):
    config, sent = source(outbox=str(tmp_path)), []
    threads = [
        threading.Thread(target=lambda: sent.append(REPLAY.publish(config, REPLY, key="k"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 8
    assert len(set(sent)) == len(list(tmp_path.iterdir())) == 1


def test_a_key_is_no_path(tmp_path):
    config = source(outbox=str(tmp_path / "outbox"))
    REPLAY.publish(config, REPLY, key="../../outside")
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]


def test_a_reply_that_is_too_long_is_refused_with_both_numbers(tmp_path):
    long = Reply(parent_id="7:1:k2", text="x" * (MAX_REPLY_CHARS + 1), visibility="public")
    with pytest.raises(PublishFailed, match="501 of 500"):
        REPLAY.publish(source(outbox=str(tmp_path)), long, key="k")
    assert list(tmp_path.iterdir()) == []


def test_a_time_out_after_the_reply_arrived_leaves_it_to_be_found(tmp_path):
    config = source(outbox=str(tmp_path), fail="publish_unknown")
    with pytest.raises(PublishUnknown):
        REPLAY.publish(config, REPLY, key="k")
    assert REPLAY.find_reply(config, "k", REPLY)


def test_an_outbox_that_cannot_be_written_is_a_failure(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PublishFailed, match="cannot be written"):
        REPLAY.publish(source(outbox=str(tmp_path / "file")), REPLY, key="k")


def test_what_can_be_answered_needs_an_outbox_and_is_no_boost(tmp_path):
    [page] = pages(source(), START + timedelta(hours=1))
    post, boost = page.mentions[1], page.mentions[3]
    config = source(outbox=str(tmp_path))
    assert REPLAY.can_reply(config, post) == Yes()
    assert isinstance(REPLAY.can_reply(config, boost), No)
    assert REPLAY.can_reply(source(), post) == No("This replay has no outbox", intent_url=post.url)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("rate_limited", RateLimited), ("unavailable", Unavailable), ("refused", Refused), ("ended", Ended)],
)
def test_a_fault_can_be_played(fault, error):
    with pytest.raises(error):
        pages(source(fail=fault), START)


@pytest.mark.parametrize(
    "settings",
    [
        {"path": "", "incident": "../../etc/passwd"},
        {"path": "", "incident": "nowhere"},
        {"path": "", "incident": ""},
        {"path": "/etc/passwd"},
        {"path": "/nowhere.jsonl"},
        {"started_at": "yesterday"},
        {"started_at": None},
        {"speed": 0},
        {"speed": -1},
        {"speed": "fast"},
        {"speed": "nan"},
        {"speed": "inf"},
    ],
)
def test_settings_that_cannot_work_are_a_problem_and_are_not_played(settings):
    config = source(outbox="/tmp", **settings)
    [problem] = REPLAY.check(config)
    assert problem.blocking
    with pytest.raises(Refused):
        pages(config, START)


@pytest.mark.parametrize("content", ["", "\n", "[]\n", '{"other": 1}\n', "\xff\xfe", "root:x:0:0\n"])
def test_a_file_that_is_no_incident_is_not_shown(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(Unavailable) as unavailable:
        pages(source(path=str(path)), START)
    assert "root" not in str(unavailable.value)


def test_a_replay_without_outbox_is_a_problem_that_does_not_stop_it():
    [problem] = REPLAY.check(source())
    assert not problem.blocking
