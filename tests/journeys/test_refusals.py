"""What cannot be sent is refused with the reason, and whatever was typed is still there."""

from cases.models import AuditEvent, Response
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

HOSTILE = 'Eén regel <b>vet</b> & "quotes"\n\n  ingesprongen </textarea> 😀 \u202eomgekeerd'


def test_a_reply_that_is_too_long_is_kept_whole_and_told_by_how_much(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    long = "Dank u. " * 70
    officer.press("send", at="/replies/", also={"text": long})
    assert "The reply counts 560 characters and 500 fit; shorten it by 60." in officer.html
    assert long in officer.html
    assert stands(case) == "drafting"
    officer.press("submit", at="/replies/")
    assert "shorten it by 60" in officer.html
    officer.press("send", at="/replies/", also={"text": long[:500]})
    assert stands(case) == "sending"


def test_a_line_end_counts_as_one_character(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    author = story.sits(story.desk.employee)
    judges(author, "positive").press("P3", at="/choose/")
    text = "Dank u.\n\n" + "x" * 491
    author.press("submit", at="/replies/", also={"text": text})
    assert stands(case) == "approval"
    officer.open(f"/cases/{case.pk}/").press("approve", at="/approve/")
    story.goes_on(seconds=11)
    assert [sent["text"] for sent in story.sent()] == [text]
    assert not AuditEvent.objects.filter(facts__has_key="text before").exists()


def test_an_empty_reply_is_not_sent(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    for text in ("", "   \n  "):
        officer.press("send", at="/replies/", also={"text": text})
        assert "The reply is empty." in officer.html
    assert stands(case) == "drafting"


def test_every_character_typed_comes_back_after_a_refusal(story: Story, officer: Paper) -> None:
    case = story.hears("Er is asbest bij de brandweer")
    judges(officer.open("/inbox/"), "negative", "untruth").press("reply_public", at="/choose/")
    officer.press("send", at="/replies/", also={"text": HOSTILE, "audience": '"omwonenden" & co'})
    assert "Name the source of the facts" in officer.html
    officer.press("send", at="/replies/", also={"claim": "gas", "fact_source": "<meetploeg>"})
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    reply = Response.objects.get(case=case)
    assert (reply.fact_source, reply.audience) == ("<meetploeg>", '"omwonenden" & co')
    assert [sent["text"] for sent in story.sent()] == [HOSTILE]


def test_all_that_is_missing_is_told_at_once(story: Story, officer: Paper) -> None:
    story.hears("Top brandweer, maar 112 was bezet. Tip: neem iemand aan.")
    judges(officer.open("/inbox/"), "mixed", "dissatisfied").press("on", at="/toggle/")
    officer.press("reply_public", at="/choose/").press("send", at="/replies/")
    for sentence in (
        "The reply is empty.",
        "Write down what you found out",
        "Say what will be done with the suggestion",
    ):
        assert sentence in officer.html


def test_a_refused_decision_keeps_the_case_where_it_is(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    officer.open("/inbox/").press("", at="/exit/escalate/").open(f"/cases/{case.pk}/")
    officer.press("reply", at="/decide/", also={"reason": ""})
    assert "This needs a reason" in officer.html
    assert stands(case) == "comms"
