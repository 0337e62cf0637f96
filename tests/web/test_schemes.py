"""The scheme drawn and in words, every move of a case, and the versions with their pinned cases."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import policy
from cases.models import Case, SchemeVersion, User
from cases.rules.moves import TABLE
from cases.rules.permissions import Role
from cases.rules.scheme import shipped
from cases.services import triage
from cases.web import schememap
from tests.cases.steps import drafting, fresh, judge, watched
from tests.web.paper import Paper
from tests.world import SCHEMES, Desk, mention, person

SHIPPED = (SCHEMES / "vdmmp-1.toml").read_text(encoding="utf-8")
NEXT = SHIPPED.replace('version = "1.0"', 'version = "1.1"').replace("Do we like this joke", "Is it funny")


@pytest.fixture
def administrator(desk: Desk, sit: Callable[[User], Paper]) -> Paper:
    return sit(person("ada", Role.ADMINISTRATOR))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_whole_scheme_stands_on_its_page_in_the_language_of_the_reader(lang: str, desk: Desk) -> None:
    client = Client(headers={"accept-language": lang})
    client.force_login(desk.officer)
    html = client.get("/help/scheme/").content.decode()
    scheme = shipped()["vdmmp-1"]
    for question in scheme.questions:
        assert f'id="node-{question.id}"' in html
    for rule in scheme.advices:
        assert f'id="node-{rule.id}"' in html
        assert all(duty.text[lang] in html for duty in rule.duties)
    for exit_ in scheme.extensions:
        assert exit_.label[lang] in html
    assert 'role="img"' in html


@pytest.mark.parametrize("name", ["vdmmp-1", "usaf-1"])
def test_boxes_of_a_drawing_never_overlap_and_every_edge_ends_at_a_box(name: str) -> None:
    columns = schememap._columns(shipped()[name], "nl")
    drawn = schememap.draw(shipped()[name], lang="nl", label="x")
    assert drawn.count("<rect") == sum(len(column) for column in columns)
    for column in columns:
        assert len({box.id for box in column}) == len(column)
    for depth, column in enumerate(columns):
        for box in column:
            targets = {target for _label, leads in box.choices for target in leads}
            behind = {other.id for later in columns[depth + 1 :] for other in later}
            assert targets <= behind, "an edge goes back"


def test_every_move_stands_on_the_page_of_the_states(screen: Paper) -> None:
    screen.open("/help/states/")
    assert screen.html.count('<section class="card sec" aria-labelledby="move-') == len(TABLE)
    assert "being sent" in screen.html and "who may approve a reply" in screen.html


def test_a_case_opened_under_the_first_version_is_judged_by_it_after_the_second(
    case: Case, desk: Desk, administrator: Paper, sit: Callable[[User], Paper], noon: datetime
) -> None:
    policy.publish(NEXT, now=noon + timedelta(hours=1))
    later = desk.hear(mention(2, at=noon))[0]
    officer = sit(desk.officer)
    for one, question in ((case, "Do we like this joke?"), (later, "Is it funny?")):
        triage.answer(one, "Q1", "negative", by=desk.officer, now=noon)
        triage.answer(fresh(one), "Q2", "joke", by=desk.officer, now=noon)
        assert question in officer.open(f"/cases/{one.pk}/").html
    listed = administrator.open("/schemes/").html
    assert listed.index("vdmmp-1 1.1") < listed.index("vdmmp-1 1.0")
    assert listed.count("<dd>1</dd>") == 4  # one open case, and one in all, at each version


def test_a_version_shows_what_it_changed(administrator: Paper, desk: Desk, noon: datetime) -> None:
    policy.publish(NEXT, now=noon + timedelta(hours=1))
    newest = SchemeVersion.objects.get(version="1.1")
    html = administrator.open(f"/schemes/{newest.pk}/").html
    assert "<del>Do we like this joke?</del>" in html and "<ins>Is it funny?</ins>" in html
    assert newest.checksum in html
    assert administrator.open("/schemes/99999/").status == 404


def test_the_list_of_versions_asks_as_much_for_many_cases_as_for_one(
    administrator: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            administrator.open("/schemes/")
        return len(queries)

    administrator.open("/schemes/")
    one = asked()
    desk.hear(*(mention(f"many{n}", at=noon) for n in range(100)))
    for n in range(2, 6):
        policy.publish(SHIPPED.replace('version = "1.0"', f'version = "1.{n}"'), now=noon)
    assert asked() == one


def test_the_api_gives_the_versions_to_those_who_may_see_them(case: Case, desk: Desk, noon: datetime) -> None:
    policy.publish(NEXT, now=noon + timedelta(hours=1))
    client = Client()
    client.force_login(person("ada", Role.ADMINISTRATOR))
    rows = client.get("/api/v1/schemes/").json()["results"]
    assert [(row["version"], row["is_current"], row["open_cases"]) for row in rows] == [
        ("1.1", True, 0),
        ("1.0", False, 1),
    ]
    one = client.get(f"/api/v1/schemes/{rows[0]['id']}/").json()
    assert {"place": "version", "before": "1.0", "after": "1.1"} in one["changed"]
    assert client.get("/api/v1/schemes/99999/").status_code == 404


# ── the two buttons of a case that was answered or rests ────────────────────
def test_an_answered_case_can_be_watched_only(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    judge(case, "complaint", by=desk.officer, now=noon)
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.officer)
    said = {"medium": "phone", "note": "called", "seen": "assessed"}
    client.post(f"/cases/{case.pk}/elsewhere/", said)
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.press("Only watch from now on", at="/only-watch/")
    assert fresh(case).state == "watching"
    assert case.watches.get(ended_at=None).watcher == desk.officer


def test_new_information_about_a_watched_case_is_judged_and_the_watch_goes_on(
    case: Case, desk: Desk, noon: datetime
) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.officer)
    judge(case, "insult", by=desk.officer, now=noon)
    client.post(f"/cases/{case.pk}/choose/", {"option": "watch", "seen": "assessed"})
    silent = client.post(
        f"/api/v1/cases/{case.pk}/new-information/", {"what": " ", "seen": "watching"}, "application/json"
    )
    assert (silent.status_code, silent.json()["code"]) == (422, "reason_missing")
    told = client.post(f"/cases/{case.pk}/new-information/", {"note": "the press calls", "seen": "watching"})
    assert told.status_code == 302
    assert fresh(case).state == "new" and case.watches.filter(ended_at=None).exists()


def test_neither_button_works_where_the_table_has_no_such_move(
    case: Case, desk: Desk, noon: datetime
) -> None:
    drafting(case, by=desk.officer, now=noon)
    watched(desk, case, now=noon)
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.officer)
    for verb, sent in (("only-watch", {}), ("new-information", {"what": "x"})):
        refused = client.post(
            f"/api/v1/cases/{case.pk}/{verb}/", {"seen": "drafting"} | sent, "application/json"
        )
        assert (refused.status_code, refused.json()["code"]) == (409, "move_refused")
