"""Reports in a real browser: on a desktop, on a phone, in dark mode, by keyboard, in print."""

import pytest

from ecg_tf.evaluation.comparison import Comparison
from ecg_tf.reports.comparison.page import make_comparison_page

DESKTOP, PHONE = (1100, 900), (390, 844)


@pytest.fixture(scope="session")
def comparison_page(compared_run):
    """Runs with names that are long and have no place to break."""
    names = [f"{k}_of_a_study_with_long_names/network_{k}" for k in range(4)]
    kinds = ("image", "signal") * 2
    return make_comparison_page(
        Comparison([compared_run(name, kind, 0.5) for name, kind in zip(names, kinds, strict=True)])
    )


@pytest.fixture(params=["page", "comparison_page"])
def opened(request, browser, tmp_path):
    """A function that opens a report in a window of some size, in light or dark mode."""
    file = tmp_path / "report.html"
    file.write_text(request.getfixturevalue(request.param), "utf-8")
    contexts = []

    def opened(size, scheme="light"):
        width, height = size
        contexts.append(
            browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        )
        page = contexts[-1].new_page()
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(opened(size, scheme)).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_no_table_scrolls_on_a_desktop(opened):
    wider = "[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth)"
    assert opened(DESKTOP).evaluate(f"{wider}.length") == 0


def test_on_a_phone_only_tables_scroll_and_the_keyboard_reaches_them(opened):
    page = opened(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    page.keyboard.press("Tab")
    table = page.locator(".wide:focus")
    assert table.get_attribute("aria-label") in ("Decisions", "The runs")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    name = table.locator("tbody th").first.bounding_box()
    assert name["x"] == table.bounding_box()["x"]  # in view beside its numbers


def test_dark_mode_is_for_screens_and_print_is_light(opened):
    page = opened(DESKTOP, "dark")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(20, 25, 31)"
    page.emulate_media(media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
