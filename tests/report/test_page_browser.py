"""Pages in a real browser: filters and keys work, the address keeps them, nothing is fetched, no title runs."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dedup.config import Config
from dedup.engine.duck import DuckEngine
from dedup.marc.single import Whole
from dedup.report import page
from dedup.report.model import Package
from dedup.report.statistics import statistics
from dedup.rules import RuleSet
from dedup.tables import SUBFIELD_MARK
from tests.report.conftest import PERIOD

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not CHROMIUM or not DRIVER, reason="chromium or chromedriver is not installed"),
    pytest.mark.xdist_group("browser"),
]
WIDTHS = (1280, 400)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield made
    made.quit()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, packages: dict[str, Package], rules: RuleSet) -> Path:
    """The pages of all libraries in both languages, and one of a hostile library."""
    folder = tmp_path_factory.mktemp("pages")
    for name, package in packages.items():
        page.write_page(package, folder / f"{name}.html", rules, PERIOD, "both")
    taken = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    line = dataclasses.replace(packages["LTU"].lines[0], title=taken, publisher=taken, differing=("publisher",))
    page.write_page(Package(taken, (line,)), folder / "hostile.html", rules, PERIOD, "both")

    def fields(names: Iterable[str]) -> dict[str, Whole]:
        return {name: Whole("", (("200", f"1 {SUBFIELD_MARK}a{name}"),), 0) for name in names}

    page.write_page(packages["LTU"], folder / "marc.html", rules, PERIOD, "both", fields)
    table = rules.tables["page"]
    few = dataclasses.replace(rules, tables={**rules.tables, "page": {**table, "pages": {"groups": 3}}})
    page.write_page(packages["LTU"], folder / "many.html", few, PERIOD, "both")
    return folder


@pytest.fixture
def opened(browser: Any, place: Path) -> Callable[..., Any]:
    """A page opened afresh at a width; its errors so far are forgotten."""

    def go(name: str, address: str = "", width: int = 1280) -> Any:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.get("about:blank")
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        for log in ("performance", "browser"):
            browser.get_log(log)
        browser.get(f"{(place / name).as_uri()}{address}")
        return browser

    return go


def press(browser: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(browser).send_keys(*keys).perform()


def of(browser: Any, script: str) -> Any:
    return browser.execute_script(f"return {script}")


def shown(browser: Any) -> list[str]:
    """The groups that can be seen, in order."""
    return list(of(browser, "[...document.querySelectorAll('.card:not([hidden])')].map(c => c.dataset.group)"))


def groups(package: Package, **wanted: str) -> set[str]:
    return {
        line.group_id or line.record_id
        for line in package.lines
        if all(getattr(line, name) == value for name, value in wanted.items())
    }


def counted(browser: Any) -> tuple[int, int]:
    return tuple(int(of(browser, f"document.getElementById('{id}').textContent")) for id in ("groups", "records"))  # type: ignore[return-value]


def fits(browser: Any) -> bool:
    """Whether nothing of a page stands beside the window."""
    return bool(of(browser, "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def here(browser: Any) -> str:
    return str(of(browser, "document.activeElement.dataset.group || document.activeElement.id || ''"))


def address(browser: Any) -> str:
    return str(of(browser, "decodeURIComponent(location.hash)"))


def test_all_groups_of_the_package_are_counted_and_can_be_seen(opened: Any, packages: dict[str, Package]) -> None:
    for name, package in packages.items():
        browser = opened(f"{name}.html")
        assert (
            counted(browser)
            == (len(groups(package)), len(package.lines))
            == (
                sum(package.counts[key] for key in package.counts if key.endswith("_groups")),
                sum(package.counts[key] for key in package.counts if key.endswith("_records")),
            )
        )
        assert set(shown(browser)) == groups(package) and not browser.get_log("browser")


def test_a_filter_is_set_by_keyboard_stands_in_the_address_and_comes_back_with_it(
    opened: Any, packages: dict[str, Package]
) -> None:
    browser = opened("LTU.html")
    browser.execute_script("document.querySelector('[name=verdict][value=review]').focus()")
    press(browser, " ")
    wanted = groups(packages["LTU"], verdict="review")
    assert set(shown(browser)) == wanted and 0 < len(wanted) < len(groups(packages["LTU"]))
    assert address(browser) == "#verdict=review" and counted(browser)[0] == len(wanted)
    browser.execute_script("document.querySelector('[name=cause][value=D06]').focus()")
    press(browser, " ")
    both = groups(packages["LTU"], verdict="review", cause="D06")
    assert set(shown(browser)) == both < wanted and address(browser) == "#verdict=review&cause=D06"
    again = opened("LTU.html", "#cause=D06&verdict=review")
    assert set(shown(again)) == both
    again.execute_script("document.getElementById('clear').focus()")
    press(again, "\ue007")
    assert set(shown(again)) == groups(packages["LTU"]) and address(again) == ""


@pytest.mark.parametrize(("facet", "field"), [("cause", "cause"), ("verdict", "verdict"), ("part", "part")])
def test_each_choice_of_a_filter_shows_the_groups_that_it_counts(
    opened: Any, packages: dict[str, Package], facet: str, field: str
) -> None:
    for value in {str(getattr(line, field)) for line in packages["QSU"].lines}:
        browser = opened("QSU.html", f"#{facet}={value or 'none'}")
        wanted = groups(packages["QSU"], **{field: value})
        assert set(shown(browser)) == wanted
        box = f"document.querySelector('[name={facet}][value=\"{value or 'none'}\"]')"
        count = f"{box}.closest('label').querySelector('.n').textContent"
        assert int(of(browser, count)) == len(wanted)


def test_j_and_k_go_from_group_to_group_and_slash_to_the_filter(opened: Any) -> None:
    browser = opened("LTU.html", "#verdict=same")
    order = shown(browser)
    steps = []
    for key in "jjjkj":
        press(browser, key)
        steps.append(here(browser))
    assert steps == [order[0], order[1], order[2], order[1], order[2]]
    assert address(browser) == f"#verdict=same&group={order[2]}"
    assert of(browser, "Math.abs(document.activeElement.getBoundingClientRect().top) < 60")
    assert of(browser, "getComputedStyle(document.activeElement).outlineStyle") == "solid"
    press(browser, "/")
    assert here(browser) == "q" and of(browser, "document.activeElement.value") == ""
    press(browser, "jk", "\ue00c")
    assert of(browser, "document.getElementById('q').value") == "jk" and here(browser) != "q"
    assert here(opened("LTU.html", f"#verdict=same&group={order[1]}")) == order[1]


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_chosen_on_one_page_of_a_library_is_chosen_on_the_next(opened: Any, width: int) -> None:
    browser = opened("many.html", width=width)
    assert len(shown(browser)) == 3 and counted(browser)[0] == 3 and fits(browser)
    press(browser, "j", "d", "l")
    assert address(browser) == "#rows=differing&lang=en"
    browser.execute_script("document.querySelector('.pages a').focus()")
    press(browser, "\ue007")
    assert of(browser, "location.pathname").endswith("/many-2.html")
    assert address(browser) == "#rows=differing&lang=en" and of(browser, "document.body.className") == "only"
    assert of(browser, "document.querySelector('.pages [aria-current]').textContent") == "2"
    assert of(browser, "document.querySelector('.card .no').textContent") == "4" and not browser.get_log("browser")


def test_a_number_is_found_with_and_without_hyphens(opened: Any, packages: dict[str, Package]) -> None:
    line = next(line for line in packages["LTU"].lines if line.isbn13.count("-") == 4)
    browser = opened("LTU.html")
    for typed in (line.isbn13, line.isbn13.replace("-", ""), line.barcodes.split("; ")[0].lower()):
        press(browser, "/")
        press(browser, typed)
        assert line.group_id in shown(browser) and len(shown(browser)) < len(groups(packages["LTU"]))
        assert address(browser) == f"#q={typed}"
        press(browser, "\ue00c")
    press(browser, "/")
    press(browser, "nothing like it")
    assert shown(browser) == [] and of(browser, "document.getElementById('nothing').checkVisibility()")


def test_the_correction_is_copied_as_it_is_shown(opened: Any, packages: dict[str, Package]) -> None:
    browser = opened("LTU.html")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    line = packages["LTU"].lines[0]
    browser.execute_script("document.querySelector('[data-copy]').focus()")
    press(browser, "\ue007")
    read = "return await navigator.clipboard.readText()"
    assert browser.execute_script(read) == line.correction["zh"]
    assert of(browser, "document.querySelector('#said [data-said=yes]').checkVisibility()")
    press(browser, "l", "c")
    own = [one.correction["en"] for one in packages["LTU"].lines if one.group_id == line.group_id]
    assert browser.execute_script(read) == "\n".join(own)


def test_one_key_changes_the_language_and_the_address_remembers_it(opened: Any) -> None:
    browser = opened("LTU.html")
    read = "document.querySelector('.todo h4').innerText"
    assert of(browser, read) == "修改建议"
    press(browser, "l")
    assert of(browser, read) == "What to do" and address(browser) == "#lang=en"
    assert of(browser, "document.documentElement.lang") == "en" and of(browser, "document.title").startswith(
        "Duplicate"
    )
    assert of(opened("LTU.html", "#verdict=same&lang=en"), read) == "What to do"
    press(browser, "l")
    assert of(browser, read) == "修改建议" and address(browser) == "#verdict=same"


def test_rows_that_agree_can_be_put_away(opened: Any) -> None:
    browser = opened("LTU.html")
    rows = "[...document.querySelectorAll('.card tbody tr')].filter(r => r.checkVisibility()).map(r => r.className)"
    assert any("differs" not in name for name in of(browser, rows))
    press(browser, "d")
    assert address(browser) == "#rows=differing" and {"differs"} == {n.split()[-1] for n in of(browser, rows)}


def test_marc_fields_can_be_put_away_and_stay_away(opened: Any) -> None:
    rows = "[...document.querySelectorAll('.marc .differs')].filter(r => r.checkVisibility()).length"
    browser = opened("marc.html", "#verdict=same")
    assert of(browser, rows) >= len(shown(browser)) > 0
    press(browser, "m")
    assert of(browser, rows) == 0 and address(browser) == "#verdict=same&marc=off"
    browser = opened("marc.html", "#marc=off")
    assert of(browser, rows) == 0
    press(browser, "m")
    assert of(browser, rows) > 0 and address(browser) == ""


def test_the_first_key_leads_past_the_filters_to_the_list(opened: Any) -> None:
    browser = opened("LTU.html", "#verdict=same")
    press(browser, "\ue004")
    assert of(browser, "document.activeElement.className") == "skip"
    press(browser, "\ue007")
    assert here(browser) == "main" and set(shown(browser))
    assert of(browser, "document.querySelector('[name=verdict][value=same]').checked")


def test_nothing_is_fetched_and_nothing_in_a_title_runs(opened: Any, place: Path) -> None:
    for name in ("hostile.html", "LTU.html"):
        browser = opened(name)
        press(browser, "j", "l")
        events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
        asked = {one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"}
        assert {url for url in asked if not url.startswith("data:")} == {(place / name).as_uri()}
        assert "taken" not in of(browser, "document.title").replace(
            of(browser, "document.querySelector('h1 bdi').textContent"), ""
        )
        assert of(browser, "document.scripts.length") == 1 and of(browser, "document.images.length") == 0
    browser = opened("hostile.html")
    assert of(browser, "document.querySelector('h3 bdi').textContent").startswith("</script><script>")
    assert not browser.get_log("browser")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_never_wider_than_the_window(opened: Any, packages: dict[str, Package], width: int) -> None:
    for name in packages:
        browser = opened(f"{name}.html", width=width)
        assert fits(browser)
        rows = "[...document.querySelectorAll('.n2 td')].filter(c => c.scrollWidth > c.clientWidth + 1).length"
        assert of(browser, rows) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_the_centres_page_fits_and_leads_to_the_libraries(
    opened: Any, place: Path, run_engine: DuckEngine, rules: RuleSet, width: int
) -> None:
    page.write_centre(statistics(run_engine, rules, Config(), PERIOD), place / "index.html", rules, "both")
    browser = opened("index.html", width=width)
    assert fits(browser) and not browser.get_log("browser")
    assert of(browser, "document.querySelector('#libraries-table a').href").startswith(place.as_uri() + "/libraries/")
    press(browser, "l")
    assert of(browser, "document.querySelector('h2').innerText") == "Libraries"


def test_a_printed_page_shows_the_chosen_groups_and_no_controls(opened: Any) -> None:
    browser = opened("LTU.html", "#verdict=repair")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not of(browser, "[...document.querySelectorAll('button, .pill, .skip')].some(b => b.checkVisibility())")
        assert len(shown(browser)) == 2 and of(browser, "document.querySelector('output').checkVisibility()")
        cards = "[...document.querySelectorAll('.card:not([hidden])')].every(c => c.checkVisibility())"
        assert of(browser, cards)
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
