"""The page about the scheme tells every duty, node, exit and key that the scheme has."""

from pathlib import Path

import pytest

from cases.rules.scheme import Exit
from cases.rules.scheme_check_routes import RESERVED_KEYS
from tests.cases.rules.schemes import main_scheme

PAGE = (Path(__file__).parents[3] / "docs" / "scheme.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("promise", main_scheme().promises)
def test_every_promised_node_and_duty_is_on_the_page(promise: str) -> None:
    assert promise in PAGE


def test_every_duty_is_one_row_of_the_table() -> None:
    duties = [duty.id for rule in main_scheme().advices if rule.category for duty in rule.duties] + ["P+"]
    assert [duty for duty in duties if PAGE.count(f"\n| {duty} |") < 1] == []


def test_every_exit_is_on_the_page_with_its_key() -> None:
    assert len(main_scheme().extensions) == len(Exit)
    for extension in main_scheme().extensions:
        assert f"| {extension.id} | `{extension.key}` |" in PAGE


def test_the_keys_of_the_inbox_are_on_the_page() -> None:
    assert all(key in PAGE for key in RESERVED_KEYS)


def test_the_sources_are_named() -> None:
    for footnote in main_scheme().footnotes:
        assert footnote.url.removeprefix("https://") in PAGE
