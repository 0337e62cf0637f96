"""The decision scheme asks what it should, in order, and ends in the advice its source gives."""

import pytest

from cases.rules.scheme import (
    Action,
    Advice,
    Question,
    Scheme,
    UnknownAnswer,
    deviations,
    extension_advice,
    join,
    next_step,
    node_of,
    offered,
    on_route,
    open_extensions,
)
from tests.cases.rules.schemes import advice, main_scheme, mixed, needs, negative, question


def test_nature_and_content_are_asked_before_anything_else() -> None:
    first = question()
    assert first.id == "Q1"
    assert [(choice.key, choice.id) for choice in first.choices] == [
        ("1", "positive"),
        ("2", "negative"),
        ("3", "mixed"),
    ]


@pytest.mark.parametrize("nature", ["negative", "mixed"])
def test_the_four_categories_are_asked_in_order_and_several_may_be_true(nature: str) -> None:
    second = question(Q1=nature)
    assert (second.id, second.kind) == ("Q2", "many")
    assert [(choice.key, choice.id) for choice in second.choices] == [
        ("1", "insult"),
        ("2", "joke"),
        ("3", "untruth"),
        ("4", "dissatisfied"),
        ("0", "none"),
    ]


def test_a_joke_asks_whether_we_like_it() -> None:
    third = question(Q1="negative", Q2="joke")
    assert third.id == "Q2b_liked"
    assert [choice.id for choice in third.choices] == ["yes", "no"]


def test_where_the_walk_stands_is_told_at_every_step() -> None:
    assert node_of(question()) == "Q1"
    assert node_of(question(Q1="negative")) == "Q2"
    assert node_of(question(Q1="negative", Q2="joke")) == "Q2b_liked"
    assert node_of(negative("joke", Q2b_liked="yes")) == "A2"
    assert node_of(negative("untruth+dissatisfied")) == "A3+A4"
    assert node_of(advice({"Q1": "positive"})) == "P"


def test_an_insult_is_not_answered_but_watched() -> None:
    found = negative("insult")
    assert found.nodes == ("A1",)
    assert found.preselected == "watch"
    assert not found.refer
    assert [duty.id for duty in found.duties] == ["A1.1", "A1.2", "A1.3", "A1.4"]
    assert not offered(found, Action.REPLY_PUBLIC)


def test_a_joke_that_we_do_not_like_is_watched() -> None:
    found = negative("joke", Q2b_liked="no")
    assert found.nodes == ("A2",)
    assert found.preselected == "watch"
    assert [duty.id for duty in found.duties] == ["A2.1", "A2.2", "A2.3", "A2.4"]


def test_a_joke_that_we_like_may_stand_be_used_or_be_answered() -> None:
    found = negative("joke", Q2b_liked="yes")
    assert found.nodes == ("A2",)
    assert [option.action for option in found.options] == [
        Action.USE_IN_OWN,
        Action.LET_STAND,
        Action.REPLY_PUBLIC,
    ]
    assert [duty.id for duty in found.duties] == ["A2.5", "A2.6"]
    assert set(needs(found).values()) == {()}


def test_an_untruth_is_corrected_in_public_with_a_fact_source() -> None:
    found = negative("untruth")
    assert found.preselected == "reply_public"
    assert needs(found)["reply_public"] == ("fact_source",)
    assert [duty.id for duty in found.duties] == ["A3.1", "A3.2", "A3.3", "A3.4"]


def test_a_complaint_is_looked_into_before_it_is_answered() -> None:
    found = negative("dissatisfied")
    assert found.preselected == "reply_public"
    assert needs(found) == {"reply_public": ("inquiry",), "reply_direct": ("inquiry",), "to_comms": ()}
    assert [duty.id for duty in found.duties] == ["A4.1", "A4.2", "A4.3", "A4.4"]


def test_the_three_thanks_are_equal_in_order_and_none_is_preselected() -> None:
    found = advice({"Q1": "positive"})
    assert found.nodes == ("P1", "P2", "P3")
    assert [(option.key, option.action) for option in found.options] == [
        ("1", Action.LET_STAND),
        ("2", Action.REPLY_DIRECT),
        ("3", Action.REPLY_PUBLIC),
    ]
    assert found.preselected is None
    assert set(needs(found).values()) == {()}


def test_a_suggestion_asks_what_we_will_do_and_a_reason_to_stay_silent() -> None:
    found = advice({"Q1": "positive", "P+": "yes"})
    assert found.suggestion
    assert found.nodes == ("P1", "P2", "P3", "P+")
    assert "P+" in {duty.id for duty in found.duties}
    assert needs(found) == {"P1": ("reason",), "P2": ("what_we_do",), "P3": ("what_we_do",)}


def test_no_suggestion_leaves_the_advice_as_it_was() -> None:
    assert advice({"Q1": "positive", "P+": "no"}) == advice({"Q1": "positive"})


def test_several_flags_keep_the_first_as_primary_and_show_every_duty() -> None:
    found = negative("dissatisfied+untruth")
    assert found.categories == ("untruth", "dissatisfied")
    assert found.primary == "untruth"
    assert [duty.id[:2] for duty in found.duties] == ["A3"] * 4 + ["A4"] * 4
    assert needs(found)["reply_public"] == ("fact_source", "inquiry")
    assert set(needs(found)["reply_direct"]) == {"fact_source", "inquiry"}


@pytest.mark.parametrize(
    ("nature", "flags"),
    [
        ("negative", "insult+joke"),
        ("negative", "insult+untruth"),
        ("negative", "insult+dissatisfied"),
        ("negative", "joke+untruth"),
        ("negative", "joke+dissatisfied"),
        ("negative", "insult+joke+untruth+dissatisfied"),
        ("mixed", "insult"),
        ("mixed", "joke"),
    ],
)
@pytest.mark.parametrize("liked", ["yes", "no"])
def test_an_insult_or_joke_in_company_goes_to_communications(nature: str, flags: str, liked: str) -> None:
    found = advice({"Q1": nature, "Q2": flags, "Q2b_liked": liked})
    assert found.refer
    assert found.preselected == "to_comms"
    assert [option.action for option in found.options] == [Action.TO_COMMS]
    assert set(found.categories) - {"positive"} == set(flags.split("+"))


def test_a_rude_but_justified_complaint_keeps_the_duties_of_both() -> None:
    found = negative("insult+dissatisfied")
    assert found.nodes == ("A1", "A4")
    assert {duty.id for duty in found.duties} >= {"A1.1", "A1.2", "A4.1", "A4.2", "A4.3", "A4.4"}


def test_no_category_at_all_goes_to_communications() -> None:
    found = negative("none")
    assert found.refer
    assert found.preselected == "to_comms"
    assert (found.categories, found.primary) == ((), "")


def test_a_partly_positive_post_has_the_duties_of_its_negative_part_and_the_three_thanks() -> None:
    found = mixed("dissatisfied")
    assert found.nodes == ("A4", "P1", "P2", "P3")
    assert found.categories == ("dissatisfied", "positive")
    assert found.primary == "dissatisfied"
    assert found.preselected == "reply_public"
    assert not found.refer


def test_thanks_alone_do_not_pass_over_the_negative_part() -> None:
    assert needs(mixed("untruth"))["P1"] == ("reason",)
    assert needs(mixed("untruth"))["P2"] == ("fact_source",)
    assert needs(mixed("untruth", **{"P+": "yes"}))["P3"] == ("fact_source", "what_we_do")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"Q1": "purple"}, '"purple" is not an answer to Q1; choose from: positive, negative, mixed.'),
        ({"Q1": ""}, '"" is not an answer to Q1'),
        ({"Q1": "positive+negative"}, '"positive+negative" is not an answer to Q1'),
        ({"Q1": "negative", "Q2": "insult+purple"}, 'several joined by "+" (none only alone).'),
        ({"Q1": "negative", "Q2": "insult+none"}, '"insult+none" is not an answer to Q2'),
        ({"Q1": "positive", "Q2": "purple"}, '"purple" is not an answer to Q2'),
        ({"Q1": "positive", "P+": "maybe"}, '"maybe" is not an answer to P+; choose from: yes, no.'),
        ({"Q9": "yes"}, 'This scheme has no question "Q9"; leave that answer out.'),
    ],
)
def test_an_answer_that_was_not_offered_is_refused_with_a_sentence(
    answers: dict[str, str], sentence: str
) -> None:
    with pytest.raises(UnknownAnswer) as refused:
        next_step(main_scheme(), answers)
    assert sentence in str(refused.value)


def test_answers_beside_the_route_are_dropped_and_the_rest_is_put_in_order() -> None:
    given = {"P+": "yes", "Q2b_liked": "yes", "Q2": "dissatisfied+untruth", "Q1": "negative"}
    assert on_route(main_scheme(), given) == {"Q1": "negative", "Q2": "untruth+dissatisfied"}
    assert list(on_route(main_scheme(), {"P+": "yes", "Q1": "positive"})) == ["Q1", "P+"]


def test_choices_are_joined_in_the_order_of_the_scheme() -> None:
    assert join(question(Q1="negative"), ["dissatisfied", "insult"]) == "insult+dissatisfied"


def test_what_the_advice_does_not_offer_is_a_deviation_with_a_reason() -> None:
    found = negative("insult")
    others = deviations(main_scheme(), found)
    assert {option.action for option in others} == set(Action) - {Action.WATCH, Action.TO_COMMS}
    assert {option.requires for option in others} == {("reason",)}


def test_a_reply_against_the_advice_still_needs_its_facts_and_its_inquiry() -> None:
    direct = {option.id: option.requires for option in deviations(main_scheme(), negative("untruth"))}
    assert direct["deviate_reply_direct"] == ("reason", "fact_source")
    rude = {
        option.id: option.requires for option in deviations(main_scheme(), negative("insult+dissatisfied"))
    }
    assert rude["deviate_reply_public"] == ("reason", "inquiry")
    assert rude["deviate_watch"] == ("reason",)


def test_danger_to_life_stays_when_every_extension_is_switched_off() -> None:
    everything = frozenset(extension.id for extension in main_scheme().extensions)
    assert len(everything) == 7
    assert [extension.id for extension in open_extensions(main_scheme(), off=everything)] == ["danger"]
    assert len(open_extensions(main_scheme())) == 7


def test_a_rumour_passed_on_is_corrected_and_a_question_is_answered() -> None:
    rumour = extension_advice(main_scheme(), "rumour")
    asked = extension_advice(main_scheme(), "question")
    assert rumour == negative("untruth")
    assert asked is not None and asked.preselected == "reply_public"
    assert asked.categories == ()
    assert extension_advice(main_scheme(), "later") is None


def keys_to_the_first_option(scheme: Scheme, answers: dict[str, str]) -> int:
    """Keys pressed to act as advised: one per answer, and one for Enter or an option's own key."""
    walked: dict[str, str] = {}
    for n, (node, answer) in enumerate(answers.items(), 1):
        step = next_step(scheme, walked)
        assert isinstance(step, Question)
        walked[node] = answer
        after = next_step(scheme, walked)
        taken = {s.option for s in step.shortcuts if s.choice == answer}
        if isinstance(after, Advice) and after.preselected in taken:
            return n
    return len(answers) + 1


@pytest.mark.parametrize("category", ["insult", "untruth", "dissatisfied", "none"])
def test_every_negative_branch_takes_three_keys(category: str) -> None:
    assert keys_to_the_first_option(main_scheme(), {"Q1": "negative", "Q2": category}) == 3


@pytest.mark.parametrize("liked", ["yes", "no"])
def test_a_joke_takes_three_keys_too(liked: str) -> None:
    answers = {"Q1": "negative", "Q2": "joke", "Q2b_liked": liked}
    assert keys_to_the_first_option(main_scheme(), answers) == 3


def test_a_positive_response_takes_two_keys() -> None:
    assert keys_to_the_first_option(main_scheme(), {"Q1": "positive"}) == 2


def test_enter_at_the_joke_means_that_we_do_not_like_it_and_watch() -> None:
    shortcuts = {s.key: (s.choice, s.option) for s in question(Q1="negative", Q2="joke").shortcuts}
    assert shortcuts["Enter"] == ("no", "watch")
    assert set(shortcuts.values()) == {
        ("no", "watch"),
        ("yes", "use_in_own"),
        ("yes", "let_stand"),
        ("yes", "reply_public"),
    }


def test_a_joke_in_company_has_no_shortcut_past_communications() -> None:
    assert question(Q1="negative", Q2="joke+dissatisfied").shortcuts == ()
    assert question(Q1="mixed", Q2="joke").shortcuts == ()
