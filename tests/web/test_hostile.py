"""Every field of every form, with whatever may be put into it: refused in words, or stored and shown as text.

The fields come from the pages as they are shown: a form that is added is tried by itself.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django import forms
from django.urls import reverse

from cases.models import User
from cases.rules.doors import PAGES
from cases.rules.permissions import Role
from cases.web.urls import urlpatterns
from tests.cases.steps import judge
from tests.doors import addresses, rolled_back, rows
from tests.hostile import NAUGHTY, SCRIPT, packs
from tests.web.paper import Form, Paper
from tests.web.states import every_event
from tests.world import Desk, mention, person

NO_PAGES = (
    "live",
    "sign_in",
    "case_file_pdf",
    "lookback_sheet",
    "duty_feed",
    "situation_timeline_csv",
    "picture_text",
    "picture_json",
)
READ = [name for name, door in PAGES.items() if door.get is not None and name not in NO_PAGES]
LEFT = ("sign_out", "language")

ODD = [
    SCRIPT,
    "x" * 1_000_000,
    str(2**63),
    "-1",
    "٣",
    "²",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "2026-03-29T02:30",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "24:00",
]
AT_ONCE = [SCRIPT, "x" * 100_000, str(2**63), "0001-01-01", *packs(5_000, n=2)]
EACH = 1
HANDLER = re.compile(r"^on\w+$")
Screens = dict[Role, Paper]


@pytest.fixture
def screens(sit: Callable[[User], Paper], desk: Desk) -> Screens:
    roles = (Role.LEAD, Role.PRIVACY)
    found = {role: sit(person(f"role-{role}", role)) for role in roles}
    for screen in found.values():
        screen.client.raise_request_exception = False
    return found


@pytest.fixture
def pages(desk: Desk, noon: datetime) -> list[str]:
    """Every page, and a case in every state."""
    listed = addresses(urlpatterns, rows(desk, now=noon), space="cases")
    new, judged, refuted = desk.hear(*(mention(f"n{n}", at=noon) for n in range(3)))
    judge(judged, "thanks", by=desk.officer, now=noon)
    judge(refuted, "untruth", by=desk.officer, now=noon)
    cases = [new, judged, refuted, *every_event(desk, noon)]
    there = [at.there for at in listed if at.name in READ]
    return there + [reverse("cases:case", args=[case.pk]) for case in cases]


def forms_on(screens: Screens, pages: list[str]) -> Iterator[tuple[Paper, str, Form]]:
    """Each form once: who sees it, where it goes and what it holds."""
    met = set()
    leave = {reverse(f"cases:{name}") for name in LEFT}
    for screen in screens.values():
        for url in pages:
            is_case = screen is not screens[Role.LEAD] and "/cases/" in url
            if is_case or screen.open(url).status != 200:
                continue
            for form in screen.forms():
                to = form.action or url
                names = frozenset(name for name, _ in form.fields) | set(form.controls)
                mark = re.sub(r"\d+", "0", to), form.method, names
                if mark not in met and to not in leave:
                    met.add(mark)
                    yield screen, to, form


def asked(screens: Screens, pages: list[str]) -> set[tuple[str, str]]:
    """Every name that a link of a page puts into an address, with the page it leads to."""
    found = set()
    for url in pages:
        if screens[Role.LEAD].open(url).status == 200:
            for _tag, has in screens[Role.LEAD].tags():
                to = urlsplit(has.get("href", ""))
                found |= {(to.path or url, name) for name, _ in parse_qsl(to.query, keep_blank_values=True)}
    return found


def runs(tag: str, has: dict[str, str]) -> bool:
    """Whether a tag does something by itself that none of ours does: all our script is in files."""
    is_inline = tag == "script" and "src" not in has and has.get("type") != "application/json"
    return is_inline or any(HANDLER.match(name) for name in has)


def fill(screen: Paper, to: str, form: Form) -> None:
    """Send a form with a script in every free field."""
    button = next((b for b in form.buttons if b[0]), None)
    free = {name: SCRIPT for name, values in form.controls.items() if values is None}
    sent = dict(form.fields) | ({button[0]: button[1]} if button else {})
    screen.client.post(to, sent | free)


def answered(screen: Paper, form: Form, to: str, sent: dict[str, Any]) -> int:
    ask = screen.client.get if form.method == "get" else screen.client.post
    answer: Any = rolled_back(lambda url: ask(url, sent), to)
    return int(answer.status_code)


def shapes(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    """Every form of ours."""
    for each in kind.__subclasses__():
        yield from shapes(each)
        if each.__module__.startswith("cases.web"):
            yield each


def test_no_field_of_any_shape_lets_by_what_it_cannot_be() -> None:
    """Each field says no in words or takes it; a day or moment that it takes can be reckoned with."""
    n_fields = 0
    for shape in shapes(forms.BaseForm):
        for field in getattr(shape, "base_fields", {}).values():
            n_fields += 1
            for odd in (*ODD, *NAUGHTY):
                try:
                    found = field.clean(odd)
                except forms.ValidationError:
                    continue
                assert not isinstance(found, date) or 1970 <= found.year <= 2200, (shape, odd)
    assert n_fields > 80


# Over 0.5 s: every field of every form, by itself and all at once.
def test_no_field_of_any_form_breaks_a_page(screens: Screens, pages: list[str]) -> None:
    broken: list[tuple[str, ...]] = []
    n_fields = 0
    for screen, to, form in list(forms_on(screens, pages)):
        held: dict[str, Any] = dict(form.fields)
        button = next((b for b in form.buttons if b[0]), None)
        held |= {button[0]: button[1]} if button else {}
        free = [name for name, values in form.controls.items() if values is None]
        broken += [
            (to, odd[:30])
            for odd in ODD
            if answered(screen, form, to, held | dict.fromkeys(free, odd)) >= 500
        ]
        for name in sorted({*held, *form.controls}):
            n_fields += 1
            for odd in (ODD * 2)[n_fields % len(ODD) :][:EACH]:
                if answered(screen, form, to, held | {name: odd}) >= 500:
                    broken.append((to, name, odd[:30]))
    assert broken == []
    assert n_fields > 150


def test_no_name_of_any_address_breaks_a_page(screens: Screens, pages: list[str]) -> None:
    names = asked(screens, pages)
    client = screens[Role.LEAD].client
    odds = [SCRIPT, str(2**63), "-1", "²", "٣", "0001-01-01", "9999-12-31", "1~1", "a\x00b"]
    broken = [
        (to, name, odd)
        for to, name in sorted(names)
        for odd in odds
        if to.startswith("/") and client.get(to, {name: odd}).status_code >= 500
    ]
    assert broken == []
    assert len(names) > 10


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_nul_is_refused_in_a_sentence_wherever_it_is_sent(method: str, screens: Screens) -> None:
    """PostgreSQL keeps none; SQLite would, and then no other program could read it."""
    client = screens[Role.LEAD].client
    for name in ("cases", "queries", "audit", "keep_view", "set_target", "add_post", "me"):
        door = getattr(PAGES[name], method)
        if door is not None:
            answer: Any = getattr(client, method)(reverse(f"cases:{name}"), {"name": "a\x00b", "text": "b"})
            assert (name, answer.status_code) == (name, 400)
            assert "a sign that no text has" in answer.content.decode()


def test_what_was_stored_of_it_is_shown_as_text(screens: Screens, pages: list[str]) -> None:
    """Whatever a form takes is filled in everywhere; afterwards no page runs any of it."""
    for screen, to, form in list(forms_on(screens, pages)):
        if form.method == "post" and "discard" not in to:
            fill(screen, to, form)
    alive, n_shown = [], 0
    for url in pages:
        if screens[Role.LEAD].open(url).status == 200:
            n_shown += "alert(1)" in screens[Role.LEAD].html
            alive += [(url, tag, has) for tag, has in screens[Role.LEAD].tags() if runs(tag, has)]
    assert alive == []
    assert n_shown > 5
