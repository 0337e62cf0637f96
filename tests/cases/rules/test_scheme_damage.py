"""Each kind of damage to a scheme is found and named: the test spoils one thing at a time."""

from collections.abc import Callable
from typing import Any

import pytest

from cases.rules.scheme import problems
from cases.rules.scheme_load import read
from tests.cases.rules.schemes import part, table

Table = dict[str, Any]


def option(found: Table, advice: str, option_id: str) -> Table:
    return part(part(found["advices"], advice)["options"], option_id)


def choice(found: Table, question: str, choice_id: str) -> Table:
    return part(part(found["questions"], question)["choices"], choice_id)


def choice_without_goto(found: Table) -> None:
    choice(found, "Q2", "untruth")["goto"] = []


def question_without_choices(found: Table) -> None:
    part(found["questions"], "Q2b_liked")["choices"] = []


def advice_without_options(found: Table) -> None:
    part(found["advices"], "A4")["options"] = []


def gate_without_mediums(found: Table) -> None:
    found["gate"]["mediums"] = []


def no_elements(found: Table) -> None:
    found["elements"] = []


def circle(found: Table) -> None:
    choice(found, "Q2b_liked", "no")["goto"] = ["Q1"]


def goto_nowhere(found: Table) -> None:
    choice(found, "Q1", "positive")["goto"] = ["P9"]


def start_nowhere(found: Table) -> None:
    found["start"] = "Q0"


def unreachable_question(found: Table) -> None:
    choice(found, "Q2", "joke")["goto"] = ["A2"]


def unreachable_advice(found: Table) -> None:
    choice(found, "Q2b_liked", "yes")["goto"] = ["A2"]


def missing_dutch(found: Table) -> None:
    del part(part(found["advices"], "A1")["duties"], "A1.3")["text"]["nl"]


def blank_english(found: Table) -> None:
    part(found["extensions"], "danger")["hint"]["en"] = " "


def missing_medium_label(found: Table) -> None:
    del part(found["gate"]["mediums"], "phone")["label"]["en"]


def duty_removed(found: Table) -> None:
    part(found["advices"], "A4")["duties"].pop(2)


def all_duties_removed(found: Table) -> None:
    part(found["advices"], "COMMS")["duties"] = []


def toggle_without_duty(found: Table) -> None:
    found["toggles"][0]["duties"] = []


def same_key_in_question(found: Table) -> None:
    choice(found, "Q2", "joke")["key"] = "1"


def same_key_as_extension(found: Table) -> None:
    option(found, "A3", "to_comms")["key"] = "e"


def same_key_when_joined(found: Table) -> None:
    option(found, "A4", "reply_direct")["key"] = "2"


def key_of_the_inbox(found: Table) -> None:
    found["toggles"][0]["key"] = "j"


def no_key(found: Table) -> None:
    option(found, "A1", "watch")["key"] = ""


def two_on_enter(found: Table) -> None:
    part(found["questions"], "Q2b_liked")["shortcuts"][1]["key"] = "Enter"


def unknown_preselected(found: Table) -> None:
    part(found["advices"], "A1")["preselected"] = "reply"


def unknown_duty_of(found: Table) -> None:
    option(found, "P", "P2")["duty_of"] = "P9"


def unknown_toggle_place(found: Table) -> None:
    found["toggles"][0]["on"] = "P9"


def unknown_extension_advice(found: Table) -> None:
    part(found["extensions"], "rumour")["advice"] = "A9"


def unknown_joined(found: Table) -> None:
    found["refer"]["joined"].append("rude")


def unknown_category(found: Table) -> None:
    choice(found, "Q2", "insult")["category"] = "rude"


def unknown_shortcut_choice(found: Table) -> None:
    part(found["questions"], "Q2b_liked")["shortcuts"][0]["choice"] = "perhaps"


def idle_shortcut(found: Table) -> None:
    part(found["questions"], "Q2b_liked")["shortcuts"][0]["option"] = "reply_direct"


def shortcut_past_a_requirement(found: Table) -> None:
    option(found, "A2_liked", "reply_public")["requires"] = ["reason"]


def double_choice(found: Table) -> None:
    choice(found, "Q2", "joke")["id"] = "insult"


def double_node(found: Table) -> None:
    found["gate"]["id"] = "A1"


def unkept_promise(found: Table) -> None:
    found["promises"].append("A5")


def danger_switchable(found: Table) -> None:
    part(found["extensions"], "danger")["switchable"] = True


def danger_off(found: Table) -> None:
    part(found["extensions"], "danger")["enabled"] = False


def danger_removed(found: Table) -> None:
    found["extensions"].remove(part(found["extensions"], "danger"))


def danger_does_nothing(found: Table) -> None:
    part(found["extensions"], "danger")["action"] = "later"


def two_choices_the_same(found: Table) -> None:
    choice(found, "Q1", "mixed")["goto"] = ["P"]


def category_without_its_advice(found: Table) -> None:
    choice(found, "Q1", "mixed")["goto"] = ["Q2"]


DAMAGE: list[tuple[Callable[[Table], None], str]] = [
    (choice_without_goto, 'Q2: a dead end, the choice "untruth" leads nowhere.'),
    (question_without_choices, "Q2b_liked: a dead end, it has no choices."),
    (advice_without_options, "A4: a dead end, it has no options."),
    (gate_without_mediums, "G0: a dead end, it has no mediums."),
    (no_elements, "vdmmp-1: a dead end, it has no core elements."),
    (circle, "Q2b_liked: a circle, it leads back to itself."),
    (goto_nowhere, 'Q1: "positive" leads to "P9", which does not exist.'),
    (start_nowhere, 'start: "Q0" is neither a question nor an advice.'),
    (unreachable_question, "Q2b_liked: no route reaches it."),
    (unreachable_advice, "A2_liked: no route reaches it."),
    (missing_dutch, 'vdmmp-1, advices A1, duties A1.3, text: the text in "nl" is missing.'),
    (blank_english, 'vdmmp-1, extensions danger, hint: the text in "en" is missing.'),
    (missing_medium_label, 'vdmmp-1, gate, mediums phone, label: the text in "en" is missing.'),
    (duty_removed, "A4.3: promised, but no route reaches it."),
    (all_duties_removed, "COMMS: it has no duty."),
    (toggle_without_duty, "P+: it has no duty."),
    (same_key_in_question, 'Q2: the key "1" does two things.'),
    (same_key_as_extension, 'A3: the key "e" does two things.'),
    (same_key_when_joined, 'A4+P: the key "2" does two things.'),
    (key_of_the_inbox, 'P: the key "j" belongs to the inbox.'),
    (no_key, "A1: something has no key."),
    (two_on_enter, 'Q2b_liked: the key "Enter" does two things.'),
    (unknown_preselected, 'A1: the preselected "reply" is none of its options.'),
    (unknown_duty_of, 'P: the option "P2" belongs to "P9", no node of it.'),
    (unknown_toggle_place, 'P+: it belongs to "P9", which is no advice.'),
    (unknown_extension_advice, 'Extension rumour: "A9" is no advice.'),
    (unknown_joined, 'refer: no advice has the category "rude".'),
    (unknown_category, 'Q2: no advice has the category "rude" of "insult".'),
    (unknown_shortcut_choice, 'Q2b_liked: the shortcut "Enter" gives "perhaps", no choice of it.'),
    (idle_shortcut, 'Q2b_liked: the shortcut "Enter" takes no option that is ever offered.'),
    (shortcut_past_a_requirement, 'Q2b_liked: the shortcut "a" takes no option that is ever offered.'),
    (double_choice, '"insult" is used 2 times among the choices of Q2.'),
    (double_node, '"A1" is used 2 times among the nodes.'),
    (unkept_promise, "A5: promised, but no route reaches it."),
    (danger_switchable, "Extension danger: danger to life can be switched off, and it never may."),
    (danger_off, "Extension danger: danger to life can be switched off, and it never may."),
    (danger_does_nothing, 'Extension danger: it does "later", and it must raise the alarm.'),
    (two_choices_the_same, 'Q1: "positive" and "mixed" lead to the same.'),
    (category_without_its_advice, 'Q1: "mixed" names "positive" and leads to no advice for it.'),
    (danger_removed, "Extension danger: danger to life has no exit."),
]


@pytest.mark.parametrize(("damage", "sentence"), DAMAGE, ids=[damage.__name__ for damage, _ in DAMAGE])
def test_damage_to_a_scheme_is_found_and_named(damage: Callable[[Table], None], sentence: str) -> None:
    spoiled = table()
    damage(spoiled)
    assert sentence in problems(read(spoiled))
