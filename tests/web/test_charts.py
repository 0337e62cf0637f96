"""Charts as SVG text, and the map of the scheme."""

from xml.etree import ElementTree

import pytest

from cases.rules.scheme import next_step, node_of, routes, shipped
from cases.web import charts, routemap
from cases.web.charts import Bar, Line

SVG = "{http://www.w3.org/2000/svg}"


def shapes(svg: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(name))


def test_a_column_is_as_high_as_what_it_counts() -> None:
    svg = charts.stacked([Bar("12:00", {"positive": 1, "insult": 3})], label="posts")
    heights = {rect.get("class"): float(rect.get("height", "0")) for rect in shapes(svg, "rect")}
    assert heights["seg f-insult"] == pytest.approx(3 * heights["seg f-positive"], rel=0.01)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 4), (3, 4), (5, 8), (9, 20), (80, 80), (81, 200), (1001, 2000)]
)
def test_an_axis_ends_at_a_round_number_in_four_whole_steps(most: int, top: int) -> None:
    assert charts.nice_top(most) == top


def test_an_unknown_stretch_is_a_gap_and_never_zero() -> None:
    svg = charts.sparkline(Line([1, 2, None, 3, 4], "posts"))
    assert len(shapes(svg, "polyline")) == 2


def test_a_line_with_nothing_known_is_still_a_chart() -> None:
    assert shapes(charts.sparkline(Line([None, None], "posts")), "polyline") == []
    assert shapes(charts.sparkline(Line([], "posts")), "polyline") == []


def test_the_usual_band_lies_behind_the_line() -> None:
    svg = charts.sparkline(Line([1, 5], "posts", usual=(1, 3)))
    names = [element.tag for element in ElementTree.fromstring(svg)]
    assert names.index("rect") < names.index("polyline")


def test_what_a_label_says_is_escaped() -> None:
    for svg in (
        charts.sparkline(Line([1], '"><script>')),
        charts.stacked([Bar("<b>", {"positive": 1})], label='"><script>'),
        charts.share(0.5, label='"><script>'),
    ):
        assert "<script" not in svg
        assert ElementTree.fromstring(svg).tag == "svg"


@pytest.mark.parametrize("part", [-1, 0, 0.5, 2])
def test_a_share_stays_within_its_bar(part: float) -> None:
    widths = [float(rect.get("width", "0")) for rect in shapes(charts.share(part, label="x"), "rect")]
    assert 0 <= widths[1] <= 100


@pytest.mark.parametrize("scheme_id", sorted(shipped()))
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_scheme_has_a_map_with_every_question_and_choice(scheme_id: str, lang: str) -> None:
    scheme = shipped()[scheme_id]
    drawn = routemap.nodes(scheme, {}, here=scheme.start, lang=lang)
    assert len(drawn) == 1 + sum(len(question.choices) for question in scheme.questions)
    assert [node.is_here for node in drawn].count(True) == 1


def test_every_route_lights_its_own_choices() -> None:
    scheme = shipped()["vdmmp-1"]
    for answers in routes(scheme):
        asked = {node for node in answers if node in {question.id for question in scheme.questions}}
        n_chosen = sum(len(answers[node].split("+")) for node in asked)
        here = node_of(next_step(scheme, answers))
        lit = [node for node in routemap.nodes(scheme, answers, here=here, lang="nl") if node.is_on]
        assert len(lit) >= n_chosen + 1
        svg = routemap.draw(scheme, answers, here=here, lang="nl", label="route")
        assert ElementTree.fromstring(svg).get("aria-label") == "route"


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_the_names_under_the_columns_do_not_touch(width: int) -> None:
    bars = [Bar(f"wo {hour:02}:00", {"positive": 1}) for hour in range(28)]
    svg = charts.stacked(bars, label="posts", width=width)
    names = [text for text in shapes(svg, "text") if (text.text or "").startswith("wo")]
    places = [float(text.get("x", "0")) for text in names]
    assert min(b - a for a, b in zip(places, places[1:], strict=False)) >= 8 * charts.GLYPH


def test_hours_of_a_watch_stand_before_the_usual_band_hatched_where_nothing_was_seen() -> None:
    shown = charts.Hourly(
        ["10:00", "11:00", "12:00"], [2, 6, 0], [0, 3, 0], [False, False, True], (1, 4), [(1.5, "<", "crit")]
    )
    svg = charts.hourly(shown, title="posts", told="8 posts")
    heights = [float(r.get("height", "0")) for r in shapes(svg, "rect") if r.get("class") == "f-accent"]
    assert heights[1] == pytest.approx(3 * heights[0], rel=0.01)
    assert len(shapes(svg, "path")) == 1
    assert [text.text for text in shapes(svg, "desc")] == ["8 posts"]
    assert "&lt;" in svg
