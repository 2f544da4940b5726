"""Every template compiles, every template is used, and none carries script or style of its own."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.template.utils import get_app_template_dirs

BASE = Path(settings.BASE_DIR)
FILES = {
    str(path.relative_to(root)): path
    for root in (BASE / "templates", *BASE.glob("[!.]*/templates"), *BASE.glob("portal/*/templates"))
    for path in root.rglob("*.html")
}
NAMES = sorted(FILES)
ERROR_PAGES = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
SOURCES = [
    path
    for top in ("portal", "enterprises", "policies", "matching", "appeals", "finance")
    for path in (Path(settings.BASE_DIR) / top).rglob("*.py")
]
TEXT = {name: FILES[name].read_text(encoding="utf-8") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_used(name):
    if name in ERROR_PAGES or _replaces_one_of_an_app(name):
        return
    everywhere = [text for other, text in TEXT.items() if other != name]
    if name.startswith("components/"):
        tag = Path(name).stem.replace("_", "-")
        assert any(re.search(rf"<c-{tag}[\s/>]", text) for text in everywhere)
    else:
        code = [path.read_text(encoding="utf-8") for path in SOURCES]
        assert any(f'"{name}"' in text for text in everywhere + code)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_inline_script_or_style(name):
    text = TEXT[name]
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text)


@pytest.mark.parametrize("name", NAMES)
def test_its_chinese_is_marked_for_translation(name):
    text = re.sub(r"{% comment.*?endcomment %}", "", TEXT[name], flags=re.DOTALL)
    text = re.sub(r"{%-? *blocktranslate.*?endblocktranslate *%}", "", text, flags=re.DOTALL)
    text = re.sub(r"{[%{].*?[%}]}", "", text, flags=re.DOTALL)
    bare = re.findall(r"[\u4e00-\u9fff]+", text)
    assert set(bare) <= ALLOWED.get(name, set())


ALLOWED = {"shell/footer.html": {"简体中文"}, "components/fact_input.html": {"是", "否", "万元"}}
"""A language's own name is not translated, nor what a form sends."""


def _replaces_one_of_an_app(name: str) -> bool:
    found = (Path(top) / name for top in get_app_template_dirs("templates"))
    return any(path.exists() and path != FILES[name] for path in found)


def test_dark_colours_are_those_of_the_light_theme():
    css = Path(settings.BASE_DIR) / "static" / "css"
    light, dark = (
        set(re.findall(r"^\s*(--[\w-]+):", (css / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("theme.css", "dark.css")
    )
    assert dark <= light


def test_every_token_used_is_defined():
    css = Path(settings.BASE_DIR) / "static" / "css"
    defined = set(re.findall(r"(--[\w-]+):", (css / "theme.css").read_text(encoding="utf-8")))
    used = {
        name for path in css.glob("*.css") for name in re.findall(r"var\((--[\w-]+)", path.read_text("utf-8"))
    }
    assert used <= defined


TOO_NEW = r":has\(|:is\(|:where\(|@layer|@container|color-mix|\binset:|aspect-ratio|margin-inline|\bdvh\b"


def test_css_stays_within_chromium_86():
    css = Path(settings.BASE_DIR) / "static" / "css"
    for path in css.glob("*.css"):
        rules = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(TOO_NEW, rules), path.name
        assert "&" not in rules, path.name
