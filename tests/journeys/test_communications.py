"""What the front line does not decide: rude but justified, or of no kind. Communications says why."""

import pytest

from cases.models import Assessment, CommsDecision, Escalation
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

RUDE = "Stelletje amateurs bij de brandweer, mijn schuur staat er nog half en niemand belt terug!"
REASON: dict[str, str | list[str]] = {"reason": "Grof, maar hij heeft gelijk."}


@pytest.mark.parametrize(
    ("approach", "state"),
    [
        ("reply", "drafting"),
        ("watch", "watching"),
        ("no reply", "closed"),
        ("handed over", "closed"),
        ("used in own communication", "closed"),
        ("judge again", "new"),
    ],
)
def test_a_rude_complaint_reaches_communications_and_is_decided(
    story: Story, approach: str, state: str
) -> None:
    case = story.hears(RUDE)
    front_line = story.sits(story.desk.employee)
    front_line.press("negative", at="/answer/")
    front_line.press("insult", at="/answer/", also={"also": ["dissatisfied"]})
    assert "Somebody who is rude can still be right." in front_line.html
    assert Assessment.objects.get(case=case).categories == ["insult", "dissatisfied"]
    assert not front_line.offers("watch", at="/choose/")
    front_line.press("to_comms", at="/choose/")
    assert stands(case) == "comms"
    assert not front_line.open(f"/cases/{case.pk}/").offers(approach, at="/decide/")

    story.goes_on(seconds=1)
    assert len(story.mailed()) >= 1
    lead = story.sits(story.desk.lead, f"/cases/{case.pk}/")
    lead.press("I take this A", at="/alarms/")
    lead.press(approach, at="/decide/", also=REASON)
    assert stands(case) == state
    assert CommsDecision.objects.get(case=case).approach == approach
    assert Escalation.objects.get(case=case).resolved_at == story.now
    assert "Grof, maar hij heeft gelijk." in lead.open(f"/cases/{case.pk}/").html
    assert "No alarm rings." in lead.open("/watching/").html


def test_a_decision_to_answer_ends_in_an_answer(story: Story) -> None:
    case = story.hears(RUDE)
    lead = story.sits(story.desk.lead)
    lead.press("negative", at="/answer/")
    lead.press("insult", at="/answer/", also={"also": ["dissatisfied"]})
    lead.press("to_comms", at="/choose/").open(f"/cases/{case.pk}/")
    lead.press("reply", at="/decide/", also=REASON)
    answer = {"text": "U heeft gelijk, we bellen u vandaag.", "inquiry": "De wagen kwam te laat."}
    lead.press("send", at="/replies/", also=answer)
    story.goes_on(seconds=11)
    assert stands(case) == "responded"
    assert [sent["text"] for sent in story.sent()] == ["U heeft gelijk, we bellen u vandaag."]


def test_a_negative_post_of_no_kind_is_for_communications(story: Story, officer: Paper) -> None:
    case = story.hears("Brandweer. Zucht.")
    judges(officer.open("/inbox/"), "negative", "none")
    assert "fits none of the four kinds" in officer.html
    officer.press("to_comms", at="/choose/").open(f"/cases/{case.pk}/")
    officer.press("no reply", at="/decide/", also={"reason": " "})
    assert "This needs a reason" in officer.html
    assert stands(case) == "comms"
    officer.press("no reply", at="/decide/", also={"reason": "Verder niets aan de hand."})
    assert stands(case) == "closed"
    assert "no answer" in officer.html


def test_a_draft_in_hand_is_kept_when_a_case_goes_to_communications(story: Story, officer: Paper) -> None:
    case = story.hears("De brandweer was te laat")
    judges(officer.open("/inbox/"), "negative", "dissatisfied").press("reply_public", at="/choose/")
    officer.press("save", at="/replies/", also={"text": "We zoeken uit", "inquiry": "log opgevraagd"})
    officer.press("Raise the alarm", at="/refer/", also={"note": "De krant belt hierover"})
    assert stands(case) == "comms"
    officer.press("reply", at="/decide/", also={"reason": "Toch zelf antwoorden"})
    assert stands(case) == "drafting"
    assert "We zoeken uit" in officer.html
