"""Whatever strangers and colleagues write stays text: nothing of it runs, moves the page or reaches out."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import ViewportSize

from cases.models import Case
from cases.services import decisions, responses, watching
from cases.services.responses import Draft
from monitoring.connectors.base import AuthorRef, Mention
from monitoring.models import Source
from tests.browser.conftest import Window
from tests.cases.steps import drafting, watched
from tests.world import Desk, mention

pytestmark = pytest.mark.browser

RAN = "window.canary = (window.canary || 0) + 1"
CORPUS = (
    f"<script>{RAN}</script>",
    f'"><img src=x onerror="{RAN}">',
    f"'><svg/onload='{RAN}'>",
    f"<svg><script>{RAN}</script></svg>",
    f'<a href="javascript:{RAN}">klik</a>',
    f'" onmouseover="{RAN}" autofocus onfocus="{RAN}" x="',
    f"</textarea><script>{RAN}</script>",
    f"</title></style></script><script>{RAN}</script>",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    f'<form action="https://evil.example/"><button id=x formaction="javascript:{RAN}">x</button></form>',
    f'<math><mtext><table><mglyph><style><img src onerror="{RAN}"></style></mglyph></table></mtext></math>',
    f"<details open ontoggle={RAN}>",
    f'<div hx-get="/inbox/" hx-trigger="load" hx-on:load="{RAN}" data-key="1 2 3" data-row>x</div>',
    f"{{{{ constructor.constructor('{RAN}')() }}}} ${{{RAN}}} {{% load static %}}",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'><base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css><style>*{display:none}</style>",
    "<img src=https://evil.example/pixel.gif><!-- <![CDATA[ --> &lt;script&gt; &#60;b&#62; \x00\x08",
)
MANY = "😀" * 10_000
RIGHT_TO_LEFT = "\u202egpj.exe \u2067مرحبا بالعالم\u2066 \u200f(loswal)\u200e " + "\u0300" * 200 + " einde"
WALL = "brandweer" * 900


@pytest.fixture
def cases(desk: Desk, now: datetime) -> list[Case]:
    """The corpus in the text, the name, the handle and the address of posts, and in what staff wrote."""
    texts = [f"loswal {text}" for text in (*CORPUS, MANY, RIGHT_TO_LEFT, WALL)]
    posts = [
        Mention(
            platform="x",
            canonical_id=f"h{n}",
            url=f"https://social.example/{n}?q={text[:200]}",
            text=text,
            posted_at=now,
            author=AuthorRef(f"h{n}", text[:90], text[:190], 5),
            thread_id="h0",
            language='nl" onclick="x',
        )
        for n, text in enumerate(texts)
    ]
    found = desk.hear(*posts, now=now)
    everything = " ".join(CORPUS)
    response = drafting(found[1], by=desk.officer, now=now)
    responses.save_draft(
        response, Draft(everything, what_we_do=CORPUS[1], audience=CORPUS[5][:190]), by=desk.officer, now=now
    )
    watch = watched(desk, found[2], now=now)
    watching.log_check(watch, by=desk.officer, now=now, note=CORPUS[1])
    watching.say_worse(watch, by=desk.officer, now=now, note=CORPUS[0])
    decisions.refer(found[3], reason=CORPUS[1], by=desk.officer, now=now)
    Source.objects.filter(pk=desk.source.pk).update(name=CORPUS[1][:90], error=CORPUS[0], health="failing")
    desk.query.purpose = desk.query.terms = everything[:450]
    desk.query.save()
    return found


def test_a_hostile_text_never_runs_and_never_reaches_out(  # some 25 pages, each read by a real engine
    window: Callable[..., Window], cases: list[Case]
) -> None:
    shown = window()
    asked: list[str] = []
    shown.page.on("request", lambda request: asked.append(request.url))
    shown.page.on("dialog", lambda dialog: dialog.dismiss())
    urls = [
        "/inbox/",
        "/inbox/?view=all",
        "/cases/",
        "/cases/?q=" + CORPUS[1],
        "/watching/",
        "/notifications/",
    ]
    urls += ["/queries/", "/sources/", *(f"/cases/{case.pk}/" for case in cases)]
    for url in urls:
        shown.open(url)
        for element in shown.page.locator("main summary").all()[:6]:
            element.click()
        assert shown.page.evaluate("window.canary") is None, url
        assert shown.page.evaluate("document.baseURI") == shown.page.url
        assert shown.page.locator("main h1, header h1").first.is_visible()
    assert [url for url in asked if not url.startswith(shown.base)] == []
    assert shown.complaints == []


def test_a_hostile_post_is_judged_by_keys_like_any_other(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    case = desk.hear(mention(1, f"loswal {CORPUS[12]} {CORPUS[5]}", at=now))[0]
    shown = window().open(f"/inbox/?case={case.pk}").keys("2 1 Enter")
    assert shown.until(lambda: Case.objects.get(pk=case.pk).state == "watching")
    assert shown.page.evaluate("window.canary") is None


@pytest.mark.parametrize("width", [320, 1440])
def test_ten_thousand_emoji_and_endless_words_move_nothing(
    window: Callable[..., Window], desk: Desk, now: datetime, width: int
) -> None:
    texts = (MANY, RIGHT_TO_LEFT, WALL)
    cases = desk.hear(*(mention(n, f"loswal {text}", at=now) for n, text in enumerate(texts)))
    shown = window(size=ViewportSize(width=width, height=800))
    for url in ("/inbox/", "/cases/", *(f"/cases/{case.pk}/" for case in cases)):
        shown.open(url)
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width, url
        assert shown.page.locator("h1").first.inner_text() in (
            "Inbox",
            "Cases",
            *(f"Case {c.pk}" for c in cases),
        )
        assert shown.page.locator("html").evaluate("e => getComputedStyle(e).direction") == "ltr"


def test_a_text_from_right_to_left_keeps_to_its_own_place(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    desk.hear(mention(1, "loswal \u202eomgekeerd", at=now))
    shown = window().open("/inbox/")
    time, beside = shown.page.locator(".row .h time").first, shown.page.locator(".row .h b").first
    left, right = beside.bounding_box(), time.bounding_box()
    assert left and right and left["x"] < right["x"]
