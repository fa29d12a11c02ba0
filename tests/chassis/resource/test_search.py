"""Words are found in any script, by reading, by initials, and only where they may be (CO-21)."""

import pytest
from sqlalchemy import select
from sqlalchemy import text as literal

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.resource.filter import filter_for
from chassis.resource.grams import contained, searched, stored
from chassis.resource.listing import matches
from chassis.resource.pinyin import name_sort_key
from chassis.testing.serving import Served
from tests.chassis.gadgets import GADGETS

FOUND = {
    "张伟": [
        "张伟",
        "張偉",
        "张",
        "伟",
        "zhangwei",
        "ZhangWei",
        "zhang wei",
        "zhang",
        "wei",
        "zw",
        "z",
        "angw",
        "张 伟",
        "ＺＷ",
    ],
    "古丽·阿不都": ["古丽阿不都", "丽阿", "古丽 阿不都", "阿不都", "guli", "gulia", "glabd", "古麗"],
    "曾国藩": ["zengguofan", "zgf", "zeng"],
    "单雄信": ["shanxiongxin", "sxx"],
    "仇英": ["qiuying", "qy"],
    "解缙": ["xiejin"],
    "区小姐": ["ou"],
    "查良镛": ["zhaliangyong"],
    "尉迟恭": ["yuchigong", "ycg", "yc"],
    "万俟卨": ["moqi", "mq"],
    "吕布": ["lvbu", "lubu", "lb", "呂布"],
    "重庆银行": ["chongqing", "cqyh", "yinhang", "重慶"],
    "华为技术有限公司": ["华为", "huawei", "hw", "hwjs", "华 为"],
    "Acme Robots GmbH": ["acme", "ACME", "Ａcme", "robot", "ac", "r", "acme robots", '"robots gmbh"'],
    "Müller & Söhne": ["muller", "Müller", "sohne"],
    "联系 Bob": ["bob", "联系", "lianxi"],
    "𬭛㛃䶮": ["𬭛", "㛃䶮", "yan"],
    "가나다": ["가나", "다"],
    "カタカナ": ["カタ", "ｶﾀｶﾅ"],
    "138 0013 8000": ["138", "0013 8000", "１３８"],
}


@pytest.mark.parametrize("text", FOUND)
def test_a_text_is_found_by(text: str) -> None:
    missed = [words for words in FOUND[text] if not searched(words.strip('"')) <= stored(text) or not searched(words)]
    assert not missed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("张伟", "李"),
        ("张伟", "伟张"),
        ("张伟", "wz"),
        ("张伟", "zhangwen"),
        ("acme", "acmes"),
        ("acme", "cme2"),
        ("张伟", "x"),
    ],
)
def test_a_text_is_not_found_by(text: str, words: str) -> None:
    assert not searched(words) <= stored(text)


def test_what_is_contained_is_hinted_at_by_what_is_stored() -> None:
    text = "联系 Bob Müller，张偉（上海）ﬁrst e\u0301clair"
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            assert contained(text[start:end]) <= stored(text), text[start:end]


def test_prose_is_not_spelled_out() -> None:
    """Else every long text would be found by any syllables."""
    assert len(stored("的一是在不了有和人这中大为上个国我以要他" * 50)) < 600


def test_surnames_sort_by_their_own_readings() -> None:
    names = ["阿里", "区小姐", "李四", "仇英", "单雄信", "王五", "解缙", "曾国藩", "查良镛", "张三", "张伟"]
    order = ["阿里", "李四", "区小姐", "仇英", "单雄信", "王五", "解缙", "曾国藩", "查良镛", "张三", "张伟"]
    assert sorted(names, key=name_sort_key) == order
    assert sorted(["重庆火锅店", "成都小吃", "Cisco"], key=name_sort_key) == ["成都小吃", "重庆火锅店", "Cisco"]
    assert name_sort_key("張 偉") == name_sort_key("张伟") != name_sort_key("章伟")
    assert name_sort_key("ACME") == name_sort_key("acme")
    assert name_sort_key("欧阳修").startswith("ou1")
    assert len(name_sort_key("长" * 5000)) < 600


async def test_words_find_records_by_every_searched_field(shop: Served) -> None:
    rep = shop.as_("rep")
    await rep.CreateGadget(gadget={"display_name": "张伟", "notes": "重要客户"})
    await rep.CreateGadget(gadget={"display_name": "x", "emails": [{"address": "zhang.wei@example.com"}]})
    await rep.CreateGadget(gadget={"display_name": "y", "phones": [{"number": "+8613800138000"}]})

    async def found(words: str) -> set[str]:
        return {one.display_name for one in (await rep.ListGadgets(filter=words)).gadgets}

    assert await found("zhang wei") == {"张伟", "x"}
    assert await found("張偉") == await found("zw") == await found("客户") == await found("zykh") == {"张伟"}
    assert await found("example") == {"x"}
    assert await found("8000") == await found("13800138000") == {"y"}
    assert await found('张 AND "重要"') == {"张伟"}
    assert await found("伟 OR 8000") == {"张伟", "y"}


async def test_a_search_behind_the_walls_is_a_look_up(shop: Served) -> None:
    """The index of grams serves one, two and three characters, as the app role with its policies.

    A table this small is read whole for less, so reading it whole is forbidden; what is left is what can be used.
    """
    rep = shop.as_("rep")
    await rep.CreateGadget(gadget={"display_name": "x"})
    await shop.admin.execute(
        """insert into gadget select (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(),
        'search_grams', array['display_name:' || n % 700]))).* from gadget g, generate_series(1, 8000) n"""
    )
    await rep.CreateGadget(gadget={"display_name": "张伟 acme", "emails": [{"address": "a@example.com"}]})
    await shop.admin.execute("vacuum analyze gadget")  # also empties the waiting list of the index
    for words in ("张", "张伟", "zw", "zhangwei", "acme", "display_name:伟", "emails.address:example"):
        async with shop.call("admin", "test.gadget.read") as call:
            plan = await explained(call, words)
        assert "gadget_search" in plan, words
        assert "Seq Scan" not in plan, words


async def explained(call: Call, words: str) -> str:
    wanted, view = filter_for(call, GADGETS, words), call.view(GADGETS)
    statement = Statement(select(view.c.id).where(matches(view, wanted, False)))
    await call.fetch(Statement(literal("set local enable_seqscan = off")), {})
    statement.sql = "explain (format json) " + statement.sql
    (plan,) = await call.fetch(statement, wanted.values)
    return str(plan[0])
