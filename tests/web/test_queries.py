"""Queries on paper: a preview first, faults that point, a change in the open, a decision by another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cases.models import Notification, User
from cases.rules.permissions import Role
from monitoring.connectors import registry
from monitoring.connectors.base import Budget, Capabilities, Cursor, Page, Problem, SourceConfig
from monitoring.connectors.readonly import ReadOnlyConnector
from monitoring.models import Post, Query, Source
from tests.web.paper import Paper
from tests.world import Desk, mention, person

GROUNDS: dict[str, str | list[str]] = {
    "name": "de buurman",
    "terms": "from:jan_83",
    "purpose": "weten wat hij over ons zegt",
    "legal_basis": "public task",
    "ends_on": "2026-06-01",
}


@dataclass
class Square(ReadOnlyConnector):
    """A platform on paper with three posts."""

    name: str = "square"
    capabilities: Capabilities = Capabilities(search=True)

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        at = [now - timedelta(hours=6 * n) for n in (1, 2, 3)]
        texts = ("<b>brand</b> aan de kade", "Geen nieuws", "Brand is uit")
        yield Page(tuple(mention(n, texts[n], at=at[n]) for n in range(3)), {}, last=True)

    def check(self, source: SourceConfig) -> list[Problem]:
        return []


@pytest.fixture
def square(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Source:
    monkeypatch.setitem(registry.CONNECTORS, "square", Square())
    return Source.objects.create(name="plein", connector="square", next_poll_at=desk.now)


@pytest.fixture
def petra(desk: Desk, sit: Callable[[User], Paper]) -> Paper:
    """The privacy officer."""
    return sit(person("petra", Role.PRIVACY))


@pytest.fixture
def waiting(screen: Paper, desk: Desk) -> Query:
    """The officer's query on a person."""
    screen.open("/queries/new/").press("save", also=GROUNDS | {"is_on_person": "on"})
    return Query.objects.get(name="de buurman")


def test_a_preview_shows_hits_volume_and_cost_and_saves_nothing(screen: Paper, square: Source) -> None:
    n_posts = Post.objects.count()
    typed: dict[str, str | list[str]] = {"terms": "brand", "sources": [str(square.pk)], "name": "de kade"}
    screen.open("/queries/new/").press("preview", also=typed)
    assert screen.status == 200
    assert "<mark>brand</mark>&lt;/b&gt; aan de kade" in screen.html
    assert "<mark>Brand</mark> is uit" in screen.html
    assert "Geen nieuws" not in screen.html
    assert "2 of 3 read" in screen.html
    assert "2.7" in screen.html  # two hits in eighteen hours
    assert "$ 0.00" in screen.html
    assert 'value="de kade"' in screen.html
    assert f'value="{square.pk}" checked' in screen.html
    assert (Query.objects.count(), Post.objects.count()) == (1, n_posts)


def test_a_preview_needs_the_words_only_and_asks_nothing_else_yet(screen: Paper, square: Source) -> None:
    screen.open("/queries/new/").press("preview", also={"terms": "brand"})
    assert 'class="errorlist"' not in screen.html
    assert "Tick a source to ask it" in screen.html
    screen.press("preview", also={"terms": ""})
    assert screen.status == 422


def test_a_preview_that_costs_money_says_so_and_is_asked_for_apart(
    screen: Paper, square: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    costly = Square(capabilities=Capabilities(search=True, cost_per_item=Decimal("0.005")))
    monkeypatch.setitem(registry.CONNECTORS, "square", costly)
    typed: dict[str, str | list[str]] = {"terms": "brand", "sources": [str(square.pk)]}
    screen.open("/queries/new/").press("preview", also=typed)
    assert "Not asked: this platform costs money." in screen.html
    screen.press("Preview for at most $ 0.10", also=typed)
    assert "<mark>Brand</mark> is uit" in screen.html
    assert "$ 0.02" in screen.html  # three posts read in eighteen hours


def test_words_that_cannot_be_are_shown_with_the_place(screen: Paper) -> None:
    screen.open("/queries/new/").press("preview", also={"terms": 'brand\n"open <b>'})
    assert screen.status == 422
    assert "A quotation mark is opened and not closed. (character 7)" in screen.html
    assert 'class="fault" id="terms-fault"' in screen.html
    assert "brand\n<mark>&quot;" in screen.html
    assert 'aria-describedby="terms-hint terms-errors terms-fault"' in screen.html


def test_a_query_that_names_an_account_asks_once_whether_it_is_about_a_person(screen: Paper) -> None:
    screen.open("/queries/new/").press("save", also=GROUNDS)
    assert screen.status == 422
    assert "This query names an account." in screen.html
    assert 'name="is_on_person" value="on" checked' in screen.html
    form = next(form for form in screen.forms() if "terms" in form.controls)
    form_data = dict(form.fields)
    del form_data["is_on_person"]  # unticked: it is the account of an organisation
    answer = screen.client.post("/queries/new/", form_data | {"do": "save"})
    assert answer.status_code == 302
    assert not Query.objects.get(name="de buurman").is_on_person


def test_a_query_on_a_person_says_that_it_waits(screen: Paper, waiting: Query) -> None:
    assert "We listen as soon as the privacy officer has approved it." in screen.html
    assert "Waits for the privacy officer" in screen.html
    assert "Nothing is collected for it before" in screen.open(f"/queries/{waiting.pk}/").html


def test_the_privacy_officer_finds_it_reads_it_and_approves_it(
    petra: Paper, waiting: Query, screen: Paper, desk: Desk
) -> None:
    petra.open("/notifications/")
    assert "asks you to decide on the query “de buurman”" in petra.html
    assert f'href="/queries/{waiting.pk}/"' in petra.html
    assert "waits for your decision" in petra.open("/queries/").html
    petra.open(f"/queries/{waiting.pk}/")
    assert "from:jan_83" in petra.html
    petra.press("approve", at="/decide/", also={"reason": ""})
    assert petra.status == 422
    assert "Give the reason for your decision." in petra.html
    petra.press("approve", at="/decide/", also={"reason": "Hij bedreigt ons."})
    assert "Approved by Petra: Hij bedreigt ons." in petra.html
    waiting.refresh_from_db()
    assert waiting.approved_at == desk.now
    assert "approved the query “de buurman”" in screen.open("/notifications/").html
    petra.press("Take back the approval", at="/decide/", also={"reason": "Toch niet."})
    assert "Refused: Toch niet." in petra.html


def test_a_decision_on_an_older_page_is_refused(waiting: Query, petra: Paper, screen: Paper) -> None:
    petra.open(f"/queries/{waiting.pk}/")
    screen.open(f"/queries/{waiting.pk}/").press("save", also={"purpose": "iets anders"})
    petra.press("approve", at="/decide/", also={"reason": "Goed."})
    assert petra.status == 409
    assert "changed after you opened it" in petra.html


def test_an_officer_is_offered_no_decision_and_the_privacy_officer_no_change(
    waiting: Query, petra: Paper, screen: Paper
) -> None:
    url = f"/queries/{waiting.pk}/"
    assert not screen.open(url).offers("approve")
    assert not petra.open(url).offers("save")
    assert petra.client.post(url).status_code == 403
    assert screen.client.post(f"{url}decide/").status_code == 403


def test_a_query_is_changed_in_the_open(screen: Paper, desk: Desk) -> None:
    Query.objects.filter(pk=desk.query.pk).update(warned_at=desk.now)
    screen.open(f"/queries/{desk.query.pk}/")
    assert "brandweer, loswal, veiligheidsregio</textarea>" in screen.html
    screen.press("save", also={"terms": "brandweer, loswal", "ends_on": "2026-09-01"})
    assert "Saved." in screen.html
    desk.query.refresh_from_db()
    assert (desk.query.terms, desk.query.warned_at) == ("brandweer, loswal", None)
    assert "Sanne changed this query" in screen.html
    assert "<ins" in screen.html
    assert list(desk.query.sources.all()) == [desk.source]


def test_a_source_that_is_off_stays_with_its_query(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(is_enabled=False)
    screen.open(f"/queries/{desk.query.pk}/").press("save", also={"purpose": "iets anders"})
    assert list(desk.query.sources.all()) == [desk.source]


def test_what_waits_can_be_withdrawn(screen: Paper, waiting: Query, desk: Desk) -> None:
    Query.objects.filter(pk=waiting.pk).update(starts_at=desk.now - timedelta(hours=1))
    screen.open(f"/queries/{waiting.pk}/").press("Stop listening: de buurman", at="/end/")
    waiting.refresh_from_db()
    assert waiting.ends_at == desk.now


def test_an_unchanged_end_date_keeps_its_time(screen: Paper, desk: Desk) -> None:
    before = Query.objects.get(pk=desk.query.pk).ends_at
    screen.open(f"/queries/{desk.query.pk}/").press("save", also={"purpose": "iets anders"})
    assert Query.objects.get(pk=desk.query.pk).ends_at == before


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends_on": "2028-01-01"}, "ends within a year"),
        ({"ends_on": "2026-01-01"}, "end date in the future"),
        ({"terms": "AND"}, "terms-errors"),
        ({"purpose": ""}, "purpose-errors"),
    ],
)
def test_a_change_that_may_not_be_is_explained_and_nothing_typed_is_lost(
    screen: Paper, desk: Desk, change: dict[str, str], sentence: str
) -> None:
    screen.open(f"/queries/{desk.query.pk}/").press("save", also={"name": "nieuwe naam"} | change)
    assert screen.status == 422
    assert sentence in screen.html
    assert 'value="nieuwe naam"' in screen.html
    assert not Query.objects.filter(name="nieuwe naam").exists()


def test_an_ended_query_is_only_read(screen: Paper, desk: Desk) -> None:
    Query.objects.filter(pk=desk.query.pk).update(ends_at=desk.now)
    screen.open(f"/queries/{desk.query.pk}/")
    assert "stays on record and does not change" in screen.html
    assert not screen.offers("save")
    assert screen.client.post(f"/queries/{desk.query.pk}/", GROUNDS).status_code == 200
    desk.query.refresh_from_db()
    assert desk.query.name == "the organisation"


def test_an_owner_reads_in_the_app_that_a_query_ends(screen: Paper, desk: Desk) -> None:
    Notification.objects.create(
        kind="query ending",
        about=f"query:{desk.query.pk}",
        facts={"name": "<i>brand</i>", "ends_at": "2026-03-10T22:59:00+00:00", "is_over": False},
        recipient=desk.officer,
        channel="in-app",
        key="k",
        created_at=desk.now,
    )
    screen.open("/notifications/")
    assert "“&lt;i&gt;brand&lt;/i&gt;” ends on 10 March 2026" in screen.html
    assert "Query ends soon" in screen.html


def test_while_nobody_can_decide_the_page_says_whom_to_ask(screen: Paper, waiting: Query, desk: Desk) -> None:
    url = f"/queries/{waiting.pk}/"
    assert "ask an administrator for a privacy officer" in screen.open(url).html
    person("petra", Role.PRIVACY)
    assert "Who can decide: Petra." in screen.open(url).html
