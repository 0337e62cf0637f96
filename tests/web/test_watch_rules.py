"""Watch profiles and cue words on their pages, without scripts."""

from collections.abc import Callable
from datetime import datetime

import pytest

from cases.models import Case, CuePhrase, User, WatchProfile
from cases.rules.cues import CueKind
from cases.rules.permissions import Role
from cases.rules.profiles import Profile, shipped
from cases.services import cues, profiles
from cases.services.cues import CuePlan
from cases.services.profiles import ProfilePlan
from tests.cases.steps import watched
from tests.web.paper import Paper
from tests.world import Desk, mention, person

Sit = Callable[[User], Paper]


@pytest.fixture
def normal(db: None) -> WatchProfile:
    for name, profile in shipped().items():
        WatchProfile.objects.get_or_create(
            name=name, defaults={"thresholds": profile.to_json(), "is_default": name == "normal"}
        )
    return WatchProfile.objects.get(name="normal")


def address(profile: WatchProfile) -> str:
    return f"/watching/profiles/{profile.pk}/"


def test_a_change_is_told_in_words_before_it_is_saved(
    sit: Sit, desk: Desk, case: Case, normal: WatchProfile, noon: datetime
) -> None:
    watched(desk, case, now=noon)
    screen = sit(desk.lead).open(address(normal))
    screen.press("look", also={"replies-0": "5"})
    assert "10 / 25 / 60 → 5 / 25 / 60" in screen.html
    assert "Rises sooner." in screen.html
    assert "1 open watch is judged by it" in screen.html
    normal.refresh_from_db()
    assert normal.thresholds["replies"] == [10, 25, 60]
    screen.press("save", also={"replies-0": "5"})
    normal.refresh_from_db()
    assert normal.thresholds["replies"] == [5, 25, 60]
    assert "changed the watch profile" in screen.html


def test_numbers_are_read_as_people_write_them(sit: Sit, desk: Desk, normal: WatchProfile) -> None:
    screen = sit(desk.lead).open(address(normal))
    typed = {"volume_one_in-0": "2.000", "volume_one_in-1": "20 000", "volume_one_in-2": "200\u202f000"}
    screen.press("save", also=typed)
    normal.refresh_from_db()
    assert normal.thresholds["volume_one_in"] == [2_000, 20_000, 200_000]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"replies-0": "30"}, "a higher level would ask less"),
        ({"replies-0": "tien"}, "whole numbers, 3 in all"),
        ({"replies-0": "1.5"}, "whole numbers, 3 in all"),
        ({"replies-0": "1"}, "Choose one from 2"),
    ],
)
def test_wrong_numbers_are_said_in_their_row_and_stay_as_typed(
    typed: dict[str, str], sentence: str, sit: Sit, desk: Desk, normal: WatchProfile
) -> None:
    screen = sit(desk.lead).open(address(normal))
    screen.press("save", also=typed)
    assert screen.status == 422
    assert sentence in screen.html
    assert f'value="{typed["replies-0"]}"' in screen.html


def test_an_old_page_overwrites_nothing(sit: Sit, desk: Desk, normal: WatchProfile, noon: datetime) -> None:
    screen = sit(desk.lead).open(address(normal))
    other = ProfilePlan("normal", Profile().to_json() | {"replies": [6, 25, 60]})
    profiles.change(normal, other, by=desk.lead, now=noon)
    screen.press("save", also={"replies-0": "5"})
    assert screen.status == 409
    normal.refresh_from_db()
    assert normal.thresholds["replies"] == [6, 25, 60]


def test_a_new_profile_is_made_default_and_retired(sit: Sit, desk: Desk, normal: WatchProfile) -> None:
    screen = sit(desk.lead).open("/watching/profiles/new/")
    screen.press("save", also={"name": "Storm", "replies-0": "4"})
    storm = WatchProfile.objects.get(name="Storm")
    assert screen.url == address(storm)
    screen.press("default")
    storm.refresh_from_db()
    assert storm.is_default
    screen = sit(desk.lead).open(address(normal))
    screen.press("retire")
    normal.refresh_from_db()
    assert not normal.is_active
    screen.press("restore")
    normal.refresh_from_db()
    assert normal.is_active


def test_who_keeps_watch_sees_the_numbers_and_changes_none(
    sit: Sit, desk: Desk, normal: WatchProfile
) -> None:
    screen = sit(desk.officer).open(address(normal))
    assert screen.status == 200
    assert "Save the profile" not in screen.html
    assert screen.client.post(address(normal), {"do": "save"}).status_code == 403


def test_a_list_of_profiles_asks_as_little_for_many_as_for_one(
    sit: Sit, desk: Desk, normal: WatchProfile, noon: datetime, django_assert_max_num_queries: object
) -> None:
    for n in range(100):
        plan = ProfilePlan(f"profile {n}", Profile().to_json())
        WatchProfile.objects.create(name=plan.name, thresholds=dict(plan.thresholds))
    screen = sit(desk.lead)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        screen.open("/watching/profiles/")
    assert "profile 99" in screen.html


# ── cue words ───────────────────────────────────────────────────────────────


def test_a_phrase_is_tried_on_the_newest_posts_before_it_is_kept(
    sit: Sit, desk: Desk, noon: datetime
) -> None:
    desk.hear(mention(1, at=noon, text="Straks met de heggenschaar langs!"), mention(2, at=noon))
    screen = sit(desk.lead).open("/watching/cues/?kind=threat")
    screen.press("try", also={"words": "heggenschaar langs", "language": "nl"})
    assert "It would have found 1 of 2 posts. Nothing is saved yet." in screen.html
    assert "Straks met de heggenschaar" in screen.html
    assert "would have raised an alarm at once" in screen.html
    assert not CuePhrase.objects.exists()
    screen.press("add", also={"words": "heggenschaar langs", "language": "nl"})
    assert CuePhrase.objects.get().phrase == "heggenschaar langs"
    assert "heggenschaar langs" in screen.html


def test_a_phrase_that_is_wrong_is_refused_where_it_was_typed(sit: Sit, desk: Desk) -> None:
    screen = sit(desk.lead).open("/watching/cues/?kind=threat")
    screen.press("add", also={"words": "bom"})
    assert screen.status == 422
    assert "Write a phrase of two words or more." in screen.html


def test_a_phrase_is_switched_off_on_its_line(sit: Sit, desk: Desk) -> None:
    screen = sit(desk.lead).open("/watching/cues/?kind=complaint")
    done = screen.client.post(
        "/watching/cues/switch/", {"kind": "complaint", "phrase": "schande", "seen": "0", "do": "off"}
    )
    assert (done.status_code, done["Location"]) == (302, "/watching/cues/?kind=complaint")
    assert not CuePhrase.objects.get().is_active
    stale = {"kind": "complaint", "phrase": "schande", "seen": "0", "do": "on"}
    assert screen.client.post("/watching/cues/switch/", stale).status_code == 409


def test_coverage_is_counted_by_what_people_judged(sit: Sit, desk: Desk, noon: datetime) -> None:
    texts = ("Wat een schande", "Schande!", "Al drie uur stroomloos in de wijk", "Mooi weer vandaag")
    heard = desk.hear(*(mention(n, at=noon, text=f"{text} {n}") for n, text in enumerate(texts)))
    judged = dict(zip(texts, ("dissatisfied", "joke", "dissatisfied", ""), strict=True))
    for case in heard:
        category = next(kind for text, kind in judged.items() if case.post.text.startswith(text))
        Case.objects.filter(pk=case.pk).update(category=category)
    screen = sit(desk.lead).open("/watching/cues/?kind=complaint")
    assert "3 of 4 judged" in screen.html
    assert "Found in 2 posts; 2 of these were judged, 1 of them as this kind." in screen.html
    assert "1 of 3 that were judged negative or dangerous hold no cue word" in screen.html
    assert "Al drie uur stroomloos" in screen.html


def test_who_may_not_see_cases_sees_no_post_among_the_cue_words(sit: Sit, desk: Desk, noon: datetime) -> None:
    desk.hear(mention(1, at=noon, text="Straks met de heggenschaar langs!"))
    Case.objects.update(category="dissatisfied")
    administrator = person("beheer", Role.ADMINISTRATOR)
    screen = sit(administrator).open("/watching/cues/?kind=threat")
    assert "heggenschaar" not in screen.html
    screen.press("try", also={"words": "heggenschaar langs"})
    assert "1 of 1 posts" in screen.html
    assert "Straks met" not in screen.html


def test_a_hundred_phrases_and_posts_ask_as_little_as_one(
    sit: Sit, desk: Desk, noon: datetime, django_assert_max_num_queries: object
) -> None:
    desk.hear(*(mention(n, at=noon, text=f"Schande nummer {n}") for n in range(100)))
    for n in range(100):
        cues.add(CuePlan(CueKind.INSULT, f"woord{n}"), by=desk.lead, now=noon)
    screen = sit(desk.lead)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        screen.open("/watching/cues/?kind=insult")
    assert "woord99" in screen.html
