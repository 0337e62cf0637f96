"""A browser without JavaScript: reads the forms of a page and presses their buttons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, what it holds, and its buttons as (name, value, words).

    `controls`: what can be filled in, with the values there are to choose from (None: any text).
    """

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    controls: dict[str, set[str] | None] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects the forms, and whether anything inline got in."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: Form | None = None
        self._button: tuple[str, str] | None = None
        self._words = ""
        self._area: str | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.tags.append((tag, has))
        if tag == "form":
            self._open = Form(has.get("action", ""), has.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "input":
            self._input(has)
        elif tag == "textarea":
            self._area, self._words = has.get("name", ""), ""
        elif tag == "select":
            self._select = (has.get("name", ""), [])
        elif tag == "option" and self._select:
            self._select[1].append((has.get("value", ""), "selected" in has))
        elif tag == "button" and "disabled" not in has and has.get("type", "submit") == "submit":
            self._button, self._words = (has.get("name", ""), has.get("value", "")), ""

    def _input(self, has: dict[str, str]) -> None:
        kind, name = has.get("type", "text"), has.get("name", "")
        is_ticked = kind in ("checkbox", "radio")
        unticked = is_ticked and "checked" not in has
        if self._open and name and kind != "hidden":
            known = self._open.controls.get(name) or set()
            self._open.controls[name] = known | {has.get("value", "on")} if is_ticked else None
        if self._open and name and not unticked:
            self._open.fields.append((name, has.get("value", "")))

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif self._open is None:
            return
        elif tag == "textarea" and self._area is not None:
            self._open.fields.append((self._area, self._words.removeprefix("\n")))
            self._open.controls[self._area] = None
            self._area = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [options[0][0] if options else ""]
            self._open.fields.append((name, chosen[0]))
            self._open.controls[name] = {value for value, _ in options}
            self._select = None
        elif tag == "button" and self._button:
            self._open.buttons.append((*self._button, " ".join(self._words.split())))
            self._button = None


class Paper:
    """One signed-in person with one page before them; following a redirect opens the next page."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.url = "/"
        self.html = ""
        self.status = 0

    def open(self, url: str) -> "Paper":
        return self._show(self.client.get(url, follow=True), url)

    def press(
        self, value: str, *, at: str = "", also: Mapping[str, str | list[str]] | None = None
    ) -> "Paper":
        """Press the button with this value (or name, or words), in the form that goes to `at`.

        `also` is filled in first: only what the form asks, and only what it lets one choose.
        """
        form, button = self._find(value, at)
        for name, filled in (also or {}).items():
            self._check(form, name, [filled] if isinstance(filled, str) else filled)
        data: dict[str, str | list[str]] = dict(form.fields)
        if button[0]:
            data[button[0]] = button[1]
        data |= dict(also or {})
        for name, typed in data.items():
            if isinstance(typed, str):  # a browser sends every line end as two characters
                data[name] = typed.replace("\r\n", "\n").replace("\n", "\r\n")
        url = urljoin(self.url, form.action)
        answer = self.client.post(url, data, follow=True)
        return self._show(answer, url)

    def offers(self, value: str, *, at: str = "") -> bool:
        try:
            self._find(value, at)
        except AssertionError:
            return False
        return True

    def tags(self) -> list[tuple[str, dict[str, str]]]:
        return self._read().tags

    def forms(self) -> list[Form]:
        return self._read().forms

    def _find(self, value: str, at: str) -> tuple[Form, tuple[str, str, str]]:
        for form in self._read().forms:
            for button in form.buttons:
                if at in form.action and value in (button[1], button[2], button[0]):
                    return form, button
        raise AssertionError(f"no button {value!r} going to {at!r} on {self.url}")

    def _check(self, form: Form, name: str, filled: list[str]) -> None:
        assert name in form.controls, f"the form to {form.action!r} on {self.url} does not ask {name!r}"
        values = form.controls[name]
        assert values is None or set(filled) <= values | {""}, f"{name!r} offers {values}, not {filled}"

    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader

    def _show(self, answer: Any, url: str) -> "Paper":
        chain = getattr(answer, "redirect_chain", [])
        self.url = urljoin(url, chain[-1][0]) if chain else url
        self.html, self.status = answer.content.decode(errors="replace"), answer.status_code
        return self
