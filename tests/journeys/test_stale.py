"""Two people, one case: whoever comes second is told what happened, and loses nothing."""

import pytest

from cases.models import Case, Response
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (("P1", "/choose/"), ("P3", "/choose/")),
        (("P3", "/choose/"), ("P1", "/choose/")),
        (("P1", "/choose/"), ("Change ⌫", "/back/")),
    ],
)
def test_the_second_choice_is_refused_with_what_happened(
    story: Story, officer: Paper, first: tuple[str, str], then: tuple[str, str]
) -> None:
    case = story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive")
    late = Paper(officer.client).open(f"/inbox/?case={case.pk}")
    officer.press(first[0], at=first[1])
    went_to = stands(case)
    late.press(then[0], at=then[1])
    assert late.status == 409
    assert "A colleague was first" in late.html
    assert f"Case {case.pk} was" in late.html
    assert "Nothing was changed." in late.html
    assert stands(case) == went_to
    links = [has.get("href") for tag, has in late.tags() if tag == "a"]
    assert f"/cases/{case.pk}/" in links


@pytest.mark.parametrize("way", ["not_relevant", "neutral", "question", "rumour", "later", "escalate"])
def test_an_exit_from_a_stale_page_is_refused(story: Story, officer: Paper, way: str) -> None:
    case = story.hears("Bedankt brandweer")
    late = story.sits(story.desk.officer)
    judges(officer.open("/inbox/"), "positive").press("P1", at="/choose/")
    late.press("", at=f"/exit/{way}/")
    assert (late.status, stands(case)) == (409, "closed")
    assert Case.objects.get(pk=case.pk).outcome == "let_stand"


def test_an_answer_from_a_stale_page_is_refused(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    late = story.sits(story.desk.officer)
    judges(officer.open("/inbox/"), "positive").press("P1", at="/choose/")
    late.press("negative", at="/answer/")
    assert (late.status, stands(case)) == (409, "closed")


def test_a_reply_typed_on_a_stale_page_is_refused_and_the_colleague_s_stands(
    story: Story, officer: Paper
) -> None:
    case = story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    late = story.sits(story.desk.officer, f"/cases/{case.pk}/")
    officer.press("send", at="/replies/", also={"text": "Graag gedaan, namens ons allen."})
    late.press("send", at="/replies/", also={"text": "Iets anders"})
    assert late.status == 409
    story.goes_on(seconds=11)
    assert [sent["text"] for sent in story.sent()] == ["Graag gedaan, namens ons allen."]


def test_a_decision_is_made_once(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    officer.open("/inbox/").press("", at="/exit/escalate/").open(f"/cases/{case.pk}/")
    lead = story.sits(story.desk.lead, f"/cases/{case.pk}/")
    officer.press("no reply", at="/decide/", also={"reason": "Niet nodig."})
    lead.press("reply", at="/decide/", also={"reason": "Toch wel."})
    assert (lead.status, stands(case)) == (409, "closed")
    assert not Response.objects.exists()


def test_approving_twice_sends_once(story: Story) -> None:
    case = story.hears("Bedankt brandweer")
    author = story.sits(story.desk.employee)
    judges(author, "positive").press("P3", at="/choose/").press(
        "submit", at="/replies/", also={"text": "Dank!"}
    )
    one = story.sits(story.desk.officer, f"/cases/{case.pk}/")
    two = story.sits(story.desk.lead, f"/cases/{case.pk}/")
    one.press("approve", at="/approve/")
    two.press("approve", at="/approve/")
    assert two.status == 409
    story.goes_on(seconds=11)
    assert len(story.sent()) == 1


def test_a_text_corrected_by_its_author_is_not_approved_in_its_old_form(story: Story) -> None:
    case = story.hears("Bedankt brandweer")
    author = story.sits(story.desk.employee)
    judges(author, "positive").press("P3", at="/choose/")
    author.press("submit", at="/replies/", also={"text": "Dat is niet waar."})
    approver = story.sits(story.desk.officer, f"/cases/{case.pk}/")
    author.press("Withdraw", at="/approve/")
    author.press("submit", at="/replies/", also={"text": "Graag gedaan."})
    approver.press("approve", at="/approve/", also={"text": "Dat is echt niet waar."})
    assert (approver.status, stands(case)) == (409, "approval")
    assert "changed after you opened the page" in approver.html
    assert "Dat is echt niet waar." in approver.html  # what was typed is given back
    approver.press("approve", at="/approve/")
    story.goes_on(seconds=11)
    assert [sent["text"] for sent in story.sent()] == ["Graag gedaan."]


def test_of_two_who_keep_one_draft_the_second_loses_nothing(story: Story, officer: Paper) -> None:
    case = story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")
    late = story.sits(story.desk.colleague, f"/cases/{case.pk}/")
    officer.press("save", at="/replies/", also={"text": "De eerste."})
    late.press("save", at="/replies/", also={"text": "De tweede."})
    assert late.status == 409
    assert "De tweede." in late.html
    assert Response.objects.get().text == "De eerste."
    late.press("save", at="/replies/", also={"text": "De eerste en de tweede."})
    assert (late.status, Response.objects.get().text) == (200, "De eerste en de tweede.")


def test_text_kept_in_the_browser_belongs_to_one_revision(story: Story, officer: Paper) -> None:
    story.hears("Bedankt brandweer")
    judges(officer.open("/inbox/"), "positive").press("P3", at="/choose/")

    def kept_as() -> set[str]:
        names = {has.get("data-keep", "") for _, has in officer.tags()}
        return {name for name in names if name.startswith("reply-")}

    before = kept_as()
    officer.press("save", at="/replies/", also={"text": "De eerste."})
    assert before
    assert before.isdisjoint(kept_as())
