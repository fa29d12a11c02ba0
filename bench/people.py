"""A thousand people as sales meets them, half of them written in Chinese; the same in every process of a benchmark."""

import re
from functools import lru_cache
from typing import Any

from kith.sales.v1.lead_pb2 import Lead

_Lead: Any = Lead  # its stubs do not say that messages are made of dicts, too
SEVERAL = 1000
_FAMILIES = re.split(" ", "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 欧阳 曾 单")
_GIVEN = re.split(" ", "伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 涛 明 超 秀兰 霞 平 建国 晓燕")
_LATIN = re.split(" ", "Wei Fang Anna Maria Jonas Peter Olga David Laura Henrik Yuki Omar")
_LATIN_FAMILIES = re.split(" ", "Zhang Miller Novak Rossi Garcia Schmidt Larsen Tanaka Haddad Dubois")
_TRADES = re.split(" ", "机器人 新材料 电子 物流 环保科技 医疗器械 食品 软件")
_PLACES = re.split(" ", "北京 上海 深圳 重庆 成都 杭州 苏州 厦门")


@lru_cache(SEVERAL)
def lead_of(number: int) -> Lead:
    """The lead that stands at `number`, as somebody would send it."""
    n = number % SEVERAL
    family, given, company = _chinese(n) if n % 2 else _latin(n)
    lead: Lead = _Lead(
        display_name=f"{family}{given}" if n % 2 else f"{given} {family}",
        family_name=family,
        given_name=given,
        company=company,
        position="Buyer",
        emails=[{"address": f"person.{n}@firm-{n % 200}.example.com", "primary": True}],
        phones=[{"number": f"+86138{n * 7919 % 10**8:08}", "primary": True}],
        source="website",
        rating="WARM",
        description="Asked for a quotation of ten robots at the fair; call back next week.",
        region="West",
        custom_fields={"tier": "gold"},
    )
    return lead


def _chinese(n: int) -> tuple[str, str, str]:
    company = f"{_PLACES[n // 3 % len(_PLACES)]}{_TRADES[n // 7 % len(_TRADES)]}有限公司"
    return _FAMILIES[n // 2 % len(_FAMILIES)], _GIVEN[n // 5 % len(_GIVEN)], company


def _latin(n: int) -> tuple[str, str, str]:
    return _LATIN_FAMILIES[n // 2 % 10], _LATIN[n // 5 % 12], f"Northern Robots {n % 50}"
