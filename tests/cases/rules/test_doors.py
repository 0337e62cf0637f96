"""What the table of permissions promises about roles, and the page of it in the documentation."""

from pathlib import Path

from cases.rules.doors import API, HIDING, PAGES, Door
from cases.rules.permissions import MAY, Need, Role, may
from config.permissions_page import page

DOCS = Path(__file__).resolve().parents[3] / "docs"

SEES_OR_DECIDES_ON_QUERIES = {
    *(Need.SEE, Need.SEE_SOURCES, Need.SEE_FIGURES, Need.SEE_TEAM, Need.SEE_WATCHING, Need.SEE_AUDIT),
    *(Need.APPROVE_QUERY, Need.SEE_PICTURE),
}
ON_CASES = {
    *(Need.SEE, Need.CAPTURE, Need.JUDGE, Need.DANGER, Need.DRAFT, Need.APPROVE, Need.WATCH, Need.DECIDE),
    *(Need.ACKNOWLEDGE, Need.ASSIGN, Need.IMPORT, Need.PROMISE),
    *(
        Need.RUN_SITUATION,
        Need.ONE_VOICE,
        Need.CHECK_CLAIM,
        Need.PUBLISH,
        Need.MAKE_PICTURE,
        Need.SIGN_PICTURE,
    ),
}


def needs_of(role: Role) -> set[Need]:
    return {need for need in Need if may(role, need)}


def test_an_administrator_reads_no_cases_and_does_nothing_with_them() -> None:
    assert needs_of(Role.ADMINISTRATOR) & ON_CASES == set()


def test_a_privacy_officer_sees_and_verifies_and_changes_no_case() -> None:
    assert needs_of(Role.PRIVACY) == SEES_OR_DECIDES_ON_QUERIES
    doors = {**PAGES, **API}
    acts = {
        name for name, door in doors.items() if isinstance(door.post, Need) and may(Role.PRIVACY, door.post)
    }
    # One's own: a view of a list, and a mandate to end (they never hold one: `services.mandates`).
    own = {"keep_view", "change_view", "keep-view", "change-view", "drop-view", "end_mandate", "end-mandate"}
    own.add("look_at_topics")  # what they have seen, kept in their session
    assert acts - own == {
        *("decide_query", "approve-query", "refuse-query", "audit_head", "audit-seal"),
    }


def test_the_board_sees_figures_without_persons_and_nothing_else() -> None:
    assert needs_of(Role.BOARD) == {Need.SEE_FIGURES, Need.SEE_PICTURE}


def test_a_watcher_does_not_reply_and_an_analyst_neither() -> None:
    for role in (Role.WATCHER, Role.ANALYST):
        assert needs_of(role) & {Need.DRAFT, Need.APPROVE, Need.JUDGE, Need.DECIDE} == set()


def test_an_employee_approves_nothing() -> None:
    assert not may(Role.EMPLOYEE, Need.APPROVE)


def test_every_need_is_somebodys_and_every_door_can_be_used() -> None:
    assert {need for need in Need if not MAY[need]} == set()
    assert Door() not in [*PAGES.values(), *API.values()]
    assert all(name.endswith("_id") for name in HIDING)


def test_the_page_of_permissions_is_the_table() -> None:
    """Make it again with `python -m config.permissions_page`."""
    assert (DOCS / "permissions.md").read_text(encoding="utf-8") == page()
