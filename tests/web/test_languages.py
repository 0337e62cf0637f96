"""Every page speaks one language at a time: no English on a Dutch page, no Dutch on an English one."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from cases import wording
from cases.models import Case
from cases.rules.permissions import Role
from cases.web import events, plan_events
from monitoring.models import Source
from tests.web.alarm_states import every_alarm
from tests.web.casework_states import every_casework
from tests.web.duty_states import every_duty
from tests.web.paper import Paper
from tests.web.reach_states import every_tap, every_way
from tests.web.rule_states import every_watch_rule
from tests.web.source_states import every_source
from tests.web.states import every_event, every_query, every_state
from tests.web.test_pages import PAGES
from tests.world import Desk, person

SAID_ALOUD = {"title", "placeholder", "aria-label", "alt"}
ENGLISH = "the and you your this that which with from what when because nobody somebody cannot does not"
ENGLISH += " has have are been will back answer answered closed reply post posts watch watched undone"
DUTCH = "het een niet wij uw deze voor naar zaak bericht berichten worden wordt geen meer iemand niemand"
OUR_WORDS = {"nl": set(DUTCH.split()) - {"post"}, "en": set(ENGLISH.split())}
OTHER = {"nl": OUR_WORDS["en"] - {"post", "posts"}, "en": OUR_WORDS["nl"]}


class _Words(HTMLParser):
    """What is read on a page or read aloud, without the words of people (posts, replies, details)."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag in ("meta", "link", "input", "br", "hr", "img", "use", "path", "rect"):
            self.said += [value for name, value in attrs if name in SAID_ALOUD and value]
            return
        is_theirs = tag in ("blockquote", "script", "style", "textarea") or "lang" in has and tag != "html"
        if self._skipped or is_theirs or "dir" in has:
            self._skipped.append(tag)
        else:
            self.said += [value for name, value in attrs if name in SAID_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        if self._skipped and self._skipped[-1] == tag:
            self._skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.said.append(" ".join(data.split()))


def foreign(html: str, lang: str) -> Iterator[str]:
    """The pieces of a page that hold a word of the other language."""
    reader = _Words()
    reader.feed(html)
    for piece in reader.said:
        if OTHER[lang] & set(re.findall(r"[a-zé]+", piece.lower())):
            yield piece


def reader(user: str, lang: str) -> Paper:
    client = Client(headers={"accept-language": lang})
    client.force_login(person(user, Role.LEAD))
    return Paper(client)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_page_speaks_one_language(desk: Desk, noon: datetime, lang: str) -> None:
    # some 45 pages of a desk where everything has happened
    desk.query.name, desk.query.purpose = "de brand", "over de brand"
    desk.query.save()
    with translation.override(lang):
        cases = every_state(desk, noon) + every_event(desk, noon)
        queries = every_query(desk, noon)
        sources, duty = every_source(desk, noon), every_duty(desk, noon)
        casework = every_casework(desk, noon)
        watch_rules = every_watch_rule(desk, noon)
        alarms = every_alarm(desk, noon)
        ways = every_way(desk, noon)
    Source.objects.filter(pk=desk.source.pk).update(name="oefening", health="refused")
    screen = reader("els", lang)
    found = {}
    for url in [
        *PAGES,
        *alarms,
        *ways,
        *casework,
        *watch_rules,
        *queries,
        *sources,
        *duty,
        *(f"/cases/{case.pk}/" for case in cases),
        *(f"/inbox/?case={c.pk}" for c in cases[:12]),
    ]:
        screen.open(url)
        assert screen.status == 200
        assert f'<html lang="{lang}">' in screen.html
        if pieces := sorted(set(foreign(screen.html, lang))):
            found[url] = pieces
    assert found == {}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_page_behind_a_link_speaks_the_language_of_whom_it_was_sent_to(
    desk: Desk, noon: datetime, lang: str
) -> None:
    client = Client(headers={"accept-language": lang})
    with time_machine.travel(noon, tick=False):
        answers = [client.get(url) for url in every_tap(desk, noon, lang=lang)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 404]
    pages = [answer.content.decode() for answer in answers]
    assert [piece for html in pages for piece in foreign(html, lang)] == []
    assert all(f'<html lang="{lang}">' in html for html in pages)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_what_goes_wrong_is_told_in_the_reader_s_language(desk: Desk, case: Case, lang: str) -> None:
    screen = reader("els", lang)
    late = reader("piet", lang).open(f"/inbox/?case={case.pk}")
    pages = [screen.open("/nowhere/").html, screen.open("/cases/999/").html]
    screen.open("/inbox/").press("", at="/exit/neutral/")
    pages.append(late.press("", at="/exit/neutral/").html)
    assert late.status == 409
    client = Client(headers={"accept-language": lang})
    client.force_login(person("joris", Role.WATCHER))
    shut = client.get("/queries/")
    assert shut.status_code == 403
    signing_in = Client(headers={"accept-language": lang}).get("/sign-in/")
    pages += [shut.content.decode(), signing_in.content.decode()]
    assert [piece for html in pages for piece in foreign(html, lang)] == []


WRITERS = {"append", "append_first", "append_next", "note", "_note", "_saved"}
"""What writes an action on the trail, which is its second argument."""


ELSEWHERE = ("query ", "source ", "import ", "credential ", "rejected ", "template ")
"""Actions that stand on no case, claim, message or situation."""


def _named(function: ast.expr) -> str:
    return getattr(function, "attr", "") or getattr(function, "id", "")


def test_everything_that_is_written_down_has_words() -> None:
    """An action of the trail without a sentence would stand on the timeline as a bare code word."""
    written = set()
    for path in (Path(wording.__file__).parent / "services").glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _named(call.func) in WRITERS:
                names = [arg.value for arg in call.args[1:2] if isinstance(arg, ast.Constant)]
                written |= {name for name in names if isinstance(name, str)}
    of_cases = {name for name in written if not name.startswith(ELSEWHERE)}
    assert of_cases
    assert of_cases - set(events._TELL) - set(plan_events.SENTENCES) - {"answered"} == set()
