"""What every connector keeps to; a new one joins by a line in `examples`."""

import json
from datetime import UTC, timedelta

import pytest

from monitoring.connectors.base import Budget, Gone, Live, No, Reply, Unknown, Yes
from monitoring.connectors.errors import Ended, PublishFailed
from monitoring.connectors.registry import CONNECTORS, UnknownConnector, connector
from tests.monitoring.connectors.examples import EXAMPLES, NOW

pytestmark = pytest.mark.parametrize("name", sorted(CONNECTORS))


@pytest.fixture
def example(name):
    return EXAMPLES[name]()


def pages(example, cursor=None, budget=None):
    """The pages of one poll; a file that was read to its end has no more."""
    try:
        return list(example.connector.poll(example.source, cursor or {}, budget or Budget(), now=NOW))
    except Ended:
        return []


def ids(found):
    return [mention.canonical_id for page in found for mention in page.mentions]


def test_the_registry_knows_it_by_its_name(name):
    assert connector(name).name == name


def test_the_same_poll_twice_gives_the_same_identities(example):
    assert ids(pages(example)) == ids(pages(example))


def test_a_poll_can_be_repeated_from_every_cursor_on_the_way(example):
    for page in pages(example):
        stored = json.loads(json.dumps(page.cursor))  # as the database gives it back
        assert ids(pages(example, stored)) == ids(pages(example, stored))


def test_a_poll_goes_on_from_what_other_terms_leave_of_a_cursor(example):
    own_part = getattr(example.connector, "own_part", dict)
    for page in pages(example):
        kept = own_part(json.loads(json.dumps(page.cursor)))
        assert ids(pages(example, kept)) == ids(pages(example, kept))
    assert own_part({}) in ({}, {"marks": {}})


def test_pages_and_their_cursors_leave_nothing_out(example):
    """Killed after the first page: what was not delivered comes with the next poll."""
    everything = set(ids(pages(example)))
    first = pages(example)[:1]
    rest = pages(example, first[0].cursor) if first else []
    assert set(ids(first)) | set(ids(rest)) >= everything


def test_mentions_are_fit_to_be_stored(example):
    for page in pages(example):
        for mention in page.mentions:
            assert mention.platform
            assert 0 < len(mention.canonical_id) <= 500
            assert len(mention.url) <= 2000
            assert mention.posted_at.tzinfo is UTC
            assert mention.posted_at <= NOW + timedelta(minutes=5)
            assert "\0" not in json.dumps(dict(mention.raw)) + mention.text
            if mention.author:
                assert 0 < len(mention.author.handle) <= 200


def test_identities_are_unique_within_a_page_and_pages_are_small(example):
    for page in pages(example):
        found = [(mention.platform, mention.canonical_id) for mention in page.mentions]
        assert len(found) == len(set(found)) <= 100


def test_the_budget_is_kept(example):
    assert len(pages(example, budget=Budget(max_pages=1))) <= 1
    assert len(ids(pages(example, budget=Budget(max_items=100)))) <= 100


def test_only_the_final_page_is_the_last(example):
    assert not any(page.last for page in pages(example)[:-1])


def test_every_id_that_is_looked_up_gets_an_answer(example):
    asked = [*ids(pages(example))[:5], "99999999999"]
    answers = example.connector.refresh(example.source, asked, now=NOW)
    assert set(answers) == set(asked)
    assert all(isinstance(answer, Live | Gone | Unknown) for answer in answers.values())
    if not example.connector.capabilities.refresh:
        assert all(isinstance(answer, Unknown) for answer in answers.values())


def test_a_platform_that_takes_no_replies_says_so_everywhere(example):
    connector, source = example.connector, example.source
    mentions = [mention for page in pages(example) for mention in page.mentions]
    answers = [connector.can_reply(source, mention) for mention in mentions]
    assert all(isinstance(answer, Yes | No) for answer in answers)
    if connector.capabilities.reply:
        assert connector.capabilities.max_reply_chars
        return
    reply = Reply(parent_id="1", text="Dank", visibility="public")
    assert all(isinstance(answer, No) and answer.reason for answer in answers)
    assert connector.find_reply(source, "key", reply) is None
    with pytest.raises(PublishFailed):
        connector.publish(source, reply, key="key")


def test_who_can_be_written_to_in_private_is_answered_by_every_connector(example):
    connector, source = example.connector, example.source
    mentions = [mention for page in pages(example) for mention in page.mentions]
    answers = [connector.can_reply(source, mention, "direct") for mention in mentions]
    assert all(isinstance(answer, Yes | No) for answer in answers)
    assert all(answer.reason for answer in answers if isinstance(answer, No))
    assert connector.reply_length("", "direct") == 0
    if not connector.capabilities.direct:
        assert connector.capabilities.max_direct_chars is connector.capabilities.direct_days is None
        with pytest.raises(PublishFailed):
            connector.publish(source, Reply("1", "Dank", "direct"), key="key")


def test_a_reply_is_at_least_as_long_as_nothing(example):
    assert example.connector.reply_length("") == 0
    assert example.connector.reply_length("Dank u wel") == 10


def test_a_working_source_has_no_blocking_problem(example):
    assert not [problem for problem in example.connector.check(example.source) if problem.blocking]


def test_an_unknown_name_is_refused_with_the_known_ones(name):
    with pytest.raises(UnknownConnector, match=f'no connector "telex".*{name}'):
        connector("telex")
