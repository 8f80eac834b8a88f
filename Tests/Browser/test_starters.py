"""The starter e-mails as a browser shows them: nothing sticks out on a phone, everybody can read them, light and dark.

Needs chromium (Debian: chromium, fonts-liberation2); BREVDUE_SCREENSHOTS=FOLDER keeps pictures of what was seen.
"""

import json
import os
import pathlib
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from starters import STARTERS, compiled, sample, template as run

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "EmailDesignTests" / "Golden"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium here")


@pytest.fixture(scope="module")
def fill(tmp_path_factory):
    """Fills templates in, as the program does."""
    folder = tmp_path_factory.mktemp("templates")

    def render(template, values, is_html):
        source, data = folder / ("email.html" if is_html else "email.txt"), folder / "data.json"
        source.write_text(template)
        data.write_text(json.dumps(values))
        return run("render", source, "--data", data, "--lenient")

    return render


@pytest.fixture(scope="module")
def emails(tmp_path_factory, fill):
    """Name → (HTML, text), filled in with the samples; the document with every block is among them."""
    folder = tmp_path_factory.mktemp("starters")
    made = {}
    for name in STARTERS:
        parts, values = compiled(name, folder), sample(name)
        made[name] = fill(parts["html"], values, True), fill(parts["text"], values, False)
    return made


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield made
        made.close()


@pytest.fixture
def show(browser, request):
    contexts = []

    def open_page(html, width, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_content(html)
        folder = os.environ.get("BREVDUE_SCREENSHOTS")
        if folder:
            name = re.sub(r"[^\w.-]+", "-", request.node.name)
            page.screenshot(path=pathlib.Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
        return page
    yield open_page
    for context in contexts:
        context.close()


def violations(page):
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", STARTERS)
def test_everybody_can_read_it(emails, show, name, scheme):
    for width in (375, 700):
        page = show(emails[name][0], width, scheme)
        assert overflow(page) <= 0, f"sticks out at {width} pixels"
        assert violations(page) == []


@pytest.mark.parametrize("name", STARTERS)
def test_it_needs_no_style_sheet(emails, show, name):
    """Gmail's apps drop it for accounts of others."""
    html = re.sub(r"<style>.*?</style>", "", emails[name][0], flags=re.S)
    assert overflow(show(html, 375)) <= 0


@pytest.mark.parametrize("name", STARTERS)
def test_dark_is_dark(emails, show, name):
    colour = "getComputedStyle(document.querySelector('.sf')).backgroundColor"
    light, dark = (show(emails[name][0], 700, scheme).evaluate(colour) for scheme in ("light", "dark"))
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(25, 28, 34)")


@pytest.mark.parametrize("name", STARTERS)
def test_buttons_are_large_enough(emails, show, name):
    sizes = show(emails[name][0], 375).evaluate(
        "[...document.querySelectorAll('a.bl')].map(a => a.getBoundingClientRect().height)")
    assert all(size >= 44 for size in sizes)


def words(text):
    return set(re.findall(r"\w[\w’'-]*", text))


@pytest.mark.parametrize("name", STARTERS)
def test_the_text_part_says_the_same(emails, show, name):
    html, text = emails[name]
    shown = words(show(html, 700).evaluate("document.querySelector('[role=article]').innerText"))
    assert len(shown) > 25
    missing = shown - words(text)
    assert missing <= {"Item", "Description", "What", "changes"}, "only the headings of first columns may be missing"
    assert "\n\n\n" not in text and text.endswith("\n")


@pytest.mark.parametrize("name", STARTERS)
def test_nothing_of_the_template_is_left(emails, name):
    for part in emails[name]:
        assert not re.search(r"\{\{|\{%|\bNone\b|Undefined", part)
        assert all(len(line.encode()) < 998 for line in part.split("\n"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_block_is_accessible(show, fill, scheme):
    values = {
        "contact": {"id": "7", "plan": "x"}, "unsubscribe_link": "https://example.com/p",
        "unsubscribe_link_all": "https://example.com/u", "view_as_page_url": "https://example.com/v",
        "custom": {"code": "11", "free": "<i>", "order": {
            "number": "7", "url": "https://example.com/", "total": "$3", "due": True, "gift": True,
            "items": [{"name": "Mug", "note": "blue", "price": "$3"}]}},
        "site_settings": {"company_name": "Acme", "company_city": "Bristol"}}
    html = fill((GOLDEN / "everything.html").read_text(), values, True)
    for width in (375, 700):
        page = show(html, width, scheme)
        assert overflow(page) <= 0
        assert violations(page) == []
        phone = page.get_by_text("On phones only", exact=True)
        assert phone.is_visible() == (width == 375)
        assert page.get_by_text("On the accent", exact=True).is_visible() == (width == 700)


def test_reversed_columns_turn_round_on_phones(show, fill):
    html = fill((GOLDEN / "everything.html").read_text(), {"contact": {}, "custom": {"order": {}}, "site_settings": {}}, True)
    places = "[...document.querySelectorAll('.col')].map(e => ({x: e.offsetLeft, y: e.offsetTop, t: e.innerText}))"
    wide = {("mug" in item["t"]): item for item in show(html, 700).evaluate(places)}
    narrow = {("mug" in item["t"]): item for item in show(html, 375).evaluate(places)}
    assert wide[False]["x"] < wide[True]["x"], "the image is the left column"
    assert narrow[True]["y"] < narrow[False]["y"], "and comes last on phones"
