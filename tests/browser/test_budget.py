"""What a page costs on the wire: few requests, small, all of them to us, and none of them jumping."""

import gzip
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Response

from tests.browser.conftest import PHONE, Window
from tests.web.states import every_event, every_state
from tests.web.test_pages import PAGES
from tests.world import Desk, mention

pytestmark = pytest.mark.browser

BUDGET = {"request": 8, "document": 15_000, "script": 35_000, "stylesheet": 12_000}
SHIFT = """() => new Promise(done => {
  let sum = 0;
  const seen = list => list.getEntries().forEach(shift => { if (!shift.hadRecentInput) sum += shift.value; });
  new PerformanceObserver(seen).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""


def test_a_page_stays_within_its_budget(  # every page once, with a full list
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    cases = every_state(desk, now) + every_event(desk, now)
    desk.hear(*(mention(f"b{n}", f"De loswal, bericht {n} " + "lang " * 30, at=now) for n in range(60)))
    shown = window(desk.lead)
    answers: list[Response] = []
    shown.page.on("response", lambda answer: answers.append(answer))
    over = {}
    sizes: dict[str, int] = {}
    for url in [*PAGES, *(f"/cases/{case.pk}/" for case in cases)]:
        answers.clear()
        shown.open(url).page.wait_for_load_state("load")
        hosts = {urlsplit(answer.url).netloc for answer in answers}
        costs = Counter({"request": len(answers)})
        for answer in answers:
            if answer.request.resource_type == "document" or answer.url not in sizes:
                sizes[answer.url] = len(gzip.compress(shown.context.request.get(answer.url).body()))
            costs[answer.request.resource_type] += sizes[answer.url]
        too_much = {kind: costs[kind] for kind, most in BUDGET.items() if costs[kind] > most}
        if too_much or hosts != {urlsplit(shown.base).netloc}:
            over[url] = too_much, hosts
    assert over == {}


@pytest.mark.parametrize("phone", [False, True])
def test_nothing_jumps_while_a_page_loads(
    window: Callable[..., Window], desk: Desk, now: datetime, phone: bool
) -> None:
    cases = every_state(desk, now)
    shown = window(desk.lead, PHONE) if phone else window(desk.lead)
    shifts = {}
    for url in ("/inbox/", "/watching/", "/figures/", "/cases/", f"/cases/{cases[3].pk}/"):
        shifts[url] = shown.open(url).page.evaluate(SHIFT)
    assert {url: shift for url, shift in shifts.items() if shift > 0.02} == {}
