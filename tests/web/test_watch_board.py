"""The watch board and its alarms, by plain forms."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, DutyPost, Escalation, Shift, User, Watch, WatchCheck
from cases.reads import board as read
from cases.reads import lookback as looked
from cases.services import escalation, watching
from tests.cases.steps import fresh, trail, watched
from tests.web.paper import Paper
from tests.world import Desk, mention


def test_it_got_worse_rings_and_taking_it_stops_the_ladder(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    screen = sit(desk.officer).open(f"/watching/{watch.pk}/")
    screen.press("worse", at="/check/", also={"note": "Overgenomen door de krant"})
    assert "Communications is alarmed." in screen.html
    assert f"nobody has taken case {case.pk} yet" in screen.html
    assert "Overgenomen door de krant" in screen.html
    escalation.take_due_steps(now=noon)
    screen.open("/watching/").press("", at="/alarms/")
    taken = Escalation.objects.get(case=case)
    assert (taken.status, taken.acknowledged_by, taken.next_step_at) == ("acknowledged", desk.officer, None)
    assert "Sanne has it since" in screen.html


def test_from_the_page_of_a_watch_its_alarm_is_handed_over_or_ended(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    watching.say_worse(watch, by=desk.colleague, now=noon)
    page = sit(desk.officer).open(f"/watching/{watch.pk}/").html
    assert f'href="/alarms/{Escalation.objects.get(case=case).pk}/' in page
    assert "Hand it over or end it" in page


def test_a_check_is_written_down_with_its_note(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    screen = sit(desk.officer).open(f"/watching/{watch.pk}/")
    screen.press("check", at="/check/", also={"note": "Rustig"})
    assert WatchCheck.objects.get(watch=watch).note == "Rustig"
    assert "Sanne looked at" in screen.html
    assert "Rustig" in screen.html


def test_alarms_are_paused_for_half_an_hour_and_the_board_says_so(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    screen = sit(desk.officer).open("/watching/").press("30", at="/pause/")
    assert Watch.objects.get(pk=watch.pk).paused_until == noon + timedelta(minutes=30)
    assert "Alarms paused" in screen.html


def test_a_watch_is_started_from_the_page_of_a_case_and_ended_there(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.press("Start watching", at="/watch/", also={"days": "3", "every_minutes": "15"})
    watch = Watch.objects.get(case=case, ended_at=None)
    assert watch.ends_at == noon + timedelta(days=3)
    assert watch.next_check_at == noon + timedelta(minutes=15)
    screen.press("Stop watching", at="/end/")
    assert not Watch.objects.filter(case=case, ended_at=None).exists()
    assert "watch ended" in trail(case)
    assert fresh(case).state == "new"


def test_the_link_of_a_message_asks_to_confirm_before_it_takes_an_alarm(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    screen.press("", at="/exit/escalate/")
    alarm = Escalation.objects.get(case=case)
    screen.open(f"/alarms/{alarm.pk}/")
    assert Escalation.objects.get(case=case).status == "running"
    screen.press("I take this", at="")
    assert Escalation.objects.get(case=case).status == "acknowledged"


def test_taking_an_alarm_that_a_colleague_has_changes_nothing(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen.press("", at="/exit/escalate/")
    alarm = Escalation.objects.get(case=case)
    other = sit(desk.colleague).open(f"/alarms/{alarm.pk}/")
    escalation.acknowledge(alarm, by=desk.officer, now=noon)
    other.press("I take this", at="")
    assert "was taken or over already" in other.html
    assert Escalation.objects.get(case=case).acknowledged_by == desk.officer


def test_a_notification_is_read_by_whom_it_is_for(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    screen.press("", at="/exit/escalate/")
    escalation.take_due_steps(now=noon)
    mine = sit(desk.colleague).open("/notifications/")
    assert f"Case {case.pk} was handed to communications." in mine.html
    mine.press("Mark as read", at="/read/")
    assert not mine.offers("Mark as read", at="/read/")


def many_watches(desk: Desk, n: int, now: datetime) -> list[Watch]:
    """Open watches on as many cases, kept by a duty post where somebody is."""
    post, _new = DutyPost.objects.get_or_create(name="Webcare", function="officer")
    Shift.objects.get_or_create(
        post=post, person=desk.colleague, starts_at=now, ends_at=now + timedelta(hours=8)
    )
    found = [
        watched(desk, case, now=now) for case in desk.hear(*(mention(f"b{n}-{i}", at=now) for i in range(n)))
    ]
    Watch.objects.filter(pk__in=[watch.pk for watch in found]).update(post=post, watcher=None)
    return found


def test_a_blind_watch_stands_above_a_rising_one_and_below_one_that_rings(desk: Desk, noon: datetime) -> None:
    calm, rising, blind, ringing, paused = many_watches(desk, 5, noon)
    Watch.objects.filter(pk=rising.pk).update(level=1)
    Watch.objects.filter(pk=blind.pk).update(blind_since=noon)
    watching.say_worse(ringing, by=desk.officer, now=noon)
    watching.pause(paused, until=noon + timedelta(hours=1), by=desk.officer, now=noon)
    shown = read.board(now=noon)
    assert [row.watch.pk for row in shown.watches] == [w.pk for w in (ringing, blind, rising, calm, paused)]
    assert [row.state for row in shown.watches] == ["worsened", "blind", "rising", "active", "paused"]
    assert shown.watches[0].on_duty == [desk.colleague]


def test_a_board_of_a_hundred_watches_costs_as_few_queries_as_one_of_one(desk: Desk, noon: datetime) -> None:
    many_watches(desk, 1, noon)
    with CaptureQueriesContext(connection) as few:
        read.board(now=noon)
    for i, watch in enumerate(many_watches(desk, 60, noon)):
        if i % 2:
            watching.log_check(watch, by=desk.officer, now=noon)
    with CaptureQueriesContext(connection) as many:
        shown = read.board(now=noon)
    assert len(many) <= len(few) + 1  # who said what in the checks
    assert len(many) <= 12
    assert (shown.n, len(shown.watches), shown.has_more) == (61, 50, True)


def test_the_board_shows_mine_also_by_the_post_where_i_am(
    desk: Desk, case: Case, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watched(desk, case, now=noon)
    many_watches(desk, 1, noon)
    mine = read.board(now=noon, sieve=read.Sieve(mine=desk.colleague)).watches
    assert [row.watch.post.name for row in mine if row.watch.post] == ["Webcare"]
    assert "Webcare (Ilse)" in sit(desk.colleague).open("/watching/?mine=1").html


def test_every_verb_of_a_watch_works_from_its_page_by_plain_forms(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    post = DutyPost.objects.create(name="Webcare", function="officer")
    screen = sit(desk.officer).open(f"/watching/{watch.pk}/")
    screen.press("240", at="/pause/")
    screen.open(f"/watching/{watch.pk}/").press("", at="/resume/")
    assert "This watch rings again." in screen.html
    screen.open(f"/watching/{watch.pk}/").press("", at="/hand/", also={"watcher": "", "post": str(post.pk)})
    assert "Webcare (nobody now)" in screen.html
    screen.press("", at="/level/", also={"level": "2", "reason": "Het is zo ver"})
    assert "A person set the lowest level to: Gets worse." in screen.html
    screen.press("", at=f"/watching/{watch.pk}/profile/")
    screen.press("", at="/end/", also={"note": "Stil geworden"})
    kept = Watch.objects.get(pk=watch.pk)
    assert (kept.floor, kept.post, kept.watcher, kept.end_reason) == (2, post, None, "Stil geworden")
    assert trail(case).count("watch handed on") == 1


def test_who_looks_back_says_why_an_alarm_was_false_and_may_say_otherwise(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watching.say_worse(watched(desk, case, now=noon), by=desk.officer, now=noon, note="De krant belt")
    alarm = Escalation.objects.get(case=case)
    escalation.acknowledge(alarm, by=desk.colleague, now=noon)
    screen = sit(desk.officer).open("/watching/after/")
    assert "The machine never rose." in screen.html
    screen.press("false", at="/look-back/")
    assert "Say why it was a false alarm" in screen.html
    screen.open("/watching/after/").press("false", at="/look-back/", also={"reason": "=1+1 oefening"})
    assert Escalation.objects.get(pk=alarm.pk).is_false is True
    assert "'=1+1 oefening" in screen.open("/watching/after/alarms.csv").html
    screen.open("/watching/after/").press("right", at="/look-back/")
    assert Escalation.objects.get(pk=alarm.pk).is_false is False
    assert trail(case).count("looked back") == 2


def test_an_alarm_tells_when_it_began_rang_was_taken_and_decided(
    case: Case, desk: Desk, noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    watching.say_worse(watch, by=desk.officer, now=noon)
    alarm = Escalation.objects.get(case=case)
    Escalation.objects.filter(pk=alarm.pk).update(onset_at=noon - timedelta(minutes=7))
    escalation.acknowledge(alarm, by=desk.colleague, now=noon + timedelta(minutes=12))
    shown = looked.look_back(since=noon - timedelta(days=1), until=noon + timedelta(days=1))
    steps = {step.name: step.minutes for step in shown.alarms[0].steps}
    assert (steps["alarm"], steps["taken"], steps["decided"]) == (7, 12, None)
    assert (shown.total.n, shown.total.n_missed, shown.total.medians["alarm"]) == (1, 1, 7)
    assert shown.missed[0].minutes is None


def test_what_the_machine_found_first_was_not_missed(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    escalation.raise_escalation(
        case, escalation.Alarm(2, "worsened", {}, watch), by=None, now=noon + timedelta(minutes=1)
    )
    watching.say_worse(watch, by=desk.officer, now=noon + timedelta(minutes=9))
    found = looked.look_back(since=noon, until=noon + timedelta(days=1))
    assert found.missed == []


def test_what_a_person_saw_first_tells_how_much_later_the_machine_agreed(
    case: Case, desk: Desk, noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    watching.say_worse(watch, by=desk.officer, now=noon)
    escalation.raise_escalation(
        case, escalation.Alarm(3, "worsened", {}, watch), by=None, now=noon + timedelta(minutes=40)
    )
    found = looked.look_back(since=noon, until=noon + timedelta(days=1))
    assert [missed.minutes for missed in found.missed] == [40]
