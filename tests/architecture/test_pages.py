"""The guides: both languages say the same, and no page names what is not there. tests/e2e runs their commands."""

import re

import pytest

from tests.architecture.pages import DOCS, Page, is_a_command, is_a_route, pages

PAGES = pages()
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)

# The first line of each block that is shown and not run, and why it is not.
SHOWN = {
    "make up": "installs and starts what the tests run against",
    "grpcurl": "a program of its own, which not every machine has; tests/e2e/test_grpc_door.py calls as it does",
    "kcat": "a program of its own, which not every machine has; tests/e2e/test_consumers.py reads as it does",
}

# What the glossary calls otherwise.
WRONG_WORDS = {
    "潜在客户": "线索",
    "销售机会": "商机",
    "帐户": "客户",
    "案例": "工单",
    "个案": "工单",
    "群组": "细分",
    "租客": "租户",
    "登陆": "登录",
    "帐号": "账号",
}
LISTS = re.compile(r"^\s*(?:[-*]|\d+\.) .*(?:\n {2,}.*)*", re.MULTILINE)
HALF_WIDTH = re.compile(r"[一-鿿][,;:!?](?!\w)|[,;:!?][一-鿿]|[一-鿿]\.(?:\s|$)|[０-９]", re.MULTILINE)


@each_page
def test_both_languages_have_the_same_commands(page: Page) -> None:
    other = page.in_chinese
    assert other.commands == page.commands
    assert other.shown == page.shown
    assert other.named == page.named


@each_page
def test_each_language_links_to_the_other_at_its_beginning(page: Page) -> None:
    other = page.in_chinese
    assert f"[中文]({other.path.name})" in page.text.splitlines()[:3]
    assert f"[English]({page.path.name})" in other.text.splitlines()[:3]


@each_page
def test_what_is_shown_and_not_run_has_a_reason(page: Page) -> None:
    for block in page.shown:
        assert any(block.startswith(first) for first in SHOWN), block
    assert "\n    " not in LISTS.sub("", page.prose), "a block without fences is neither run nor listed"


@each_page
def test_every_command_that_is_named_is_there(page: Page) -> None:
    unknown = [" ".join(words) for words in page.kith() if not is_a_command(words)]
    assert not unknown


@each_page
def test_every_route_that_is_named_is_there(page: Page) -> None:
    unknown = [f"{method} {path}".strip() for method, path in page.routes() if not is_a_route(method, path)]
    assert not unknown


@each_page
def test_every_link_leads_somewhere(page: Page) -> None:
    for one in (page, page.in_chinese):
        for link in re.findall(r"\]\(([^)#:]+)\)", one.text):
            assert (one.path.parent / link).exists(), link


@each_page
def test_the_chinese_page_uses_the_words_and_the_punctuation_of_the_house(page: Page) -> None:
    text = re.sub(r"`[^`\n]+`|\]\([^)]*\)", "", page.in_chinese.prose)
    assert not [f"{wrong} → {right}" for wrong, right in WRONG_WORDS.items() if wrong in page.in_chinese.text]
    assert not HALF_WIDTH.findall(text)


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        assert f"({page.name})" in index
        assert f"({page.in_chinese.name})" in index
