"""Writes docs/permissions.md: who may do what, from the tables that the tests hold every address to."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cases.rules.doors import API, HIDING, PAGES, Door, Open, Who
from cases.rules.permissions import MAY, Need, Role

PAGE = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"

DUTCH = {
    Role.EMPLOYEE: "frontlijn",
    Role.WATCHER: "wachter",
    Role.OFFICER: "communicatieadviseur",
    Role.LEAD: "hoofd communicatie",
    Role.ANALYST: "analist",
    Role.ADMINISTRATOR: "beheerder",
    Role.PRIVACY: "privacyfunctionaris",
    Role.BOARD: "bestuur",
}

HEAD = """# Who may do what

This page is made from `cases/rules/permissions.py` and `cases/rules/doors.py` by
`python -m config.permissions_page`; a test fails when it is out of date. Another test goes to every address
below, for every role, with things that exist and with numbers that nobody has, and refuses an address that
has no row. A mandate (what may be said in the organisation's name) is not a permission: it is granted to a
person, and is checked besides.

Answers: who may not do something is refused (403). Who may not see cases is told that there is no such
case (404), so that nobody learns what exists. Who is not signed in goes to the sign-in page; the API
says 401. A token opens the API and no page.
"""


def page() -> str:
    """The whole page, as it must be in the documentation."""
    parts = [
        HEAD,
        "## Roles and what they may do · Rollen en wat zij mogen\n",
        _needs(),
        "## Pages\n",
        _doors(PAGES),
        "## API\n",
        _doors(API),
        f"Numbers that hide what they name from who may not see cases: {_named(sorted(HIDING))}.\n",
    ]
    return "\n".join(parts)


def _needs() -> str:
    head = ["may", *(f"{role.value} · {DUTCH[role]}" for role in Role)]
    rows = [[need.value, *("✓" if role in MAY[need] else "" for role in Role)] for need in Need]
    return _table(head, rows)


def _doors(doors: Mapping[str, Door]) -> str:
    rows = [[f"`{name}`", _who(door.get), _who(door.post)] for name, door in sorted(doors.items())]
    return _table(["address", "read (GET)", "act (POST)"], rows)


def _who(who: Who | None) -> str:
    if who is None:
        return ""
    return who.value if isinstance(who, Open) else f"may {who.value}"


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
