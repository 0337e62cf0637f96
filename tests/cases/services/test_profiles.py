"""Watch profiles: changed by a lead, written in the trail, never over another change, soon in force."""

from datetime import datetime, timedelta

import pytest

from cases import profiles as current
from cases.models import AuditEvent, Case, Watch, WatchProfile
from cases.rules.profiles import Profile, shipped
from cases.services import profiles, watching
from cases.services.profiles import ProfileChanged, ProfilePlan, ProfileRefused
from tests.world import Desk

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def normal(db: None) -> WatchProfile:
    """The default profile; the others that are shipped stand beside it."""
    for name, profile in shipped().items():
        WatchProfile.objects.get_or_create(
            name=name, defaults={"thresholds": profile.to_json(), "is_default": name == "normal"}
        )
    return WatchProfile.objects.get(name="normal")


@pytest.fixture
def watch(case: Case, desk: Desk, noon: datetime) -> Watch:
    plan = watching.Plan(
        watcher=desk.officer,
        rule="more anger",
        check_every=timedelta(hours=1),
        ends_at=noon + timedelta(days=7),
    )
    return watching.start(case, plan, by=desk.officer, now=noon)


def plan(name: str = "Storm", **thresholds: object) -> ProfilePlan:
    return ProfilePlan(name, Profile().to_json() | thresholds)  # type: ignore[arg-type]


def actions(profile: WatchProfile) -> list[str]:
    events = AuditEvent.objects.filter(subject=current.subject_of(profile.pk)).order_by("seq")
    return [event.action for event in events]


@pytest.mark.django_db
def test_an_installation_begins_with_three_profiles_and_the_normal_one_counts(normal: WatchProfile) -> None:
    rows = {row.name: Profile.from_json(row.thresholds) for row in WatchProfile.objects.all()}
    assert rows == dict(shipped())
    assert normal.is_default
    assert current.default() == Profile()


def test_a_watch_is_judged_by_the_default_until_another_profile_is_chosen(
    watch: Watch, normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    crisis = WatchProfile.objects.get(name="crisis")
    assert current.of(watch) == Profile()
    profiles.choose(watch, crisis, by=desk.officer, now=noon)
    watch.refresh_from_db()
    assert current.of(watch) == shipped()["crisis"]
    assert watch.evaluate_at == noon  # judged at once
    facts = AuditEvent.objects.filter(action="watch profile chosen").get().facts
    assert (facts["before"], facts["after"]) == ("", "crisis")
    profiles.choose(watch, None, by=desk.officer, now=noon)
    assert current.of(watch) == Profile()


def test_a_change_counts_at_once_and_says_what_was_there(
    watch: Watch, normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    assert current.of(watch).replies == (10, 25, 60)
    profiles.change(normal, plan("normal", replies=[5, 25, 60]), by=desk.lead, now=noon, seen=1)
    assert current.of(watch).replies == (5, 25, 60)
    event = AuditEvent.objects.get(subject=current.subject_of(normal.pk))
    assert event.facts["changed"] == {"replies": {"before": [10, 25, 60], "after": [5, 25, 60]}}


def test_what_another_process_changed_is_known_within_seconds(
    watch: Watch, normal: WatchProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr("cases.profiles.time.monotonic", lambda: clock)
    current.forget()
    assert current.of(watch).replies == (10, 25, 60)
    WatchProfile.objects.filter(pk=normal.pk).update(thresholds={"replies": [5, 25, 60]})
    clock += 1
    assert current.of(watch).replies == (10, 25, 60)
    clock += current.KNOWN_FOR_S
    assert current.of(watch).replies == (5, 25, 60)


def test_asking_for_the_profiles_of_many_watches_is_one_query(
    watch: Watch, normal: WatchProfile, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(100):
            current.of(watch)


def test_thresholds_that_can_no_longer_be_read_leave_no_watch_unjudged(
    watch: Watch, normal: WatchProfile
) -> None:
    WatchProfile.objects.filter(pk=normal.pk).update(thresholds={"replies": "many"})
    assert current.of(watch) == Profile()


def test_the_second_of_two_leads_is_refused_and_nothing_is_lost(
    normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    mine, yours = WatchProfile.objects.get(pk=normal.pk), WatchProfile.objects.get(pk=normal.pk)
    profiles.change(mine, plan("normal", replies=[5, 25, 60]), by=desk.lead, now=noon)
    with pytest.raises(ProfileChanged, match="changed after you opened"):
        profiles.change(yours, plan("normal", replies=[9, 25, 60]), by=desk.lead, now=noon)
    for verb in (profiles.retire, profiles.restore, profiles.make_default):
        with pytest.raises((ProfileChanged, ProfileRefused)):
            verb(yours, by=desk.lead, now=noon)
    normal.refresh_from_db()
    assert (normal.thresholds["replies"], normal.version) == ([5, 25, 60], 2)
    assert actions(normal) == ["profile changed"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"replies": [10, 5, 60]}, "a higher level would ask less"),
        ({"replies": [10, 25]}, "whole numbers, 3 in all"),
        ({"blind_minutes": [1]}, "from 15 to 1\u00a0440"),
        ({"likes": [1]}, "no threshold that we know"),
    ],
)
def test_thresholds_that_cannot_be_are_refused_in_plain_words(
    wrong: dict[str, object], sentence: str, normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(ProfileRefused, match=sentence):
        profiles.change(normal, plan("normal", **wrong), by=desk.lead, now=noon)
    with pytest.raises(ProfileRefused, match=sentence):
        profiles.add(plan("Other", **wrong), by=desk.lead, now=noon)
    assert not actions(normal)


def test_a_name_is_given_and_given_once(normal: WatchProfile, desk: Desk, noon: datetime) -> None:
    with pytest.raises(ProfileRefused, match="needs a name"):
        profiles.add(plan("  "), by=desk.lead, now=noon)
    with pytest.raises(ProfileRefused, match="choose another name"):
        profiles.add(plan("calm"), by=desk.lead, now=noon)
    with pytest.raises(ProfileRefused, match="choose another name"):
        profiles.change(normal, plan("calm"), by=desk.lead, now=noon)


def test_another_profile_becomes_the_default_and_there_is_always_one(
    normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    storm = profiles.add(plan("Storm", replies=[4, 8, 16]), by=desk.lead, now=noon)
    profiles.make_default(storm, by=desk.lead, now=noon)
    assert current.default().replies == (4, 8, 16)
    assert list(WatchProfile.objects.filter(is_default=True)) == [storm]
    assert actions(storm) == ["profile added", "profile made default"]
    with pytest.raises(ProfileRefused, match="default profile cannot go"):
        profiles.retire(storm, by=desk.lead, now=noon)


def test_a_retired_profile_goes_on_where_it_is_and_is_chosen_no_more(
    watch: Watch, normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    crisis = WatchProfile.objects.get(name="crisis")
    profiles.choose(watch, crisis, by=desk.officer, now=noon)
    profiles.retire(crisis, by=desk.lead, now=noon)
    assert current.of(watch) == shipped()["crisis"]
    profiles.choose(watch, crisis, by=desk.officer, now=noon)  # it stays what it is
    profiles.choose(watch, None, by=desk.officer, now=noon)
    with pytest.raises(ProfileRefused, match="out of use"):
        profiles.choose(watch, crisis, by=desk.officer, now=noon)
    with pytest.raises(ProfileRefused, match="out of use"):
        profiles.make_default(crisis, by=desk.lead, now=noon)
    profiles.restore(crisis, by=desk.lead, now=noon)
    profiles.choose(watch, crisis, by=desk.officer, now=noon)


def test_a_watch_that_has_ended_needs_no_profile(
    watch: Watch, normal: WatchProfile, desk: Desk, noon: datetime
) -> None:
    Watch.objects.filter(pk=watch.pk).update(ended_at=noon, evaluate_at=None)
    with pytest.raises(ProfileRefused, match="has ended"):
        profiles.choose(watch, normal, by=desk.officer, now=noon)
