"""A Chinese address in one cell, taken apart as far as its own words say it."""

import re

from kith.v1.values_pb2 import PostalAddress

_MUNICIPALITIES = ("北京市", "上海市", "天津市", "重庆市")
_PARTS = re.compile(
    r"(?:中国)?"
    r"(?P<province>[^省市区县]{2,3}省|[^省市县]{2,6}?自治区|[^省市区县]{2}特别行政区|(?:北京|上海|天津|重庆)市)"
    r"(?P<city>[^省市区县]{1,12}?自治州|[^省市区县]{1,10}?(?:市|地区|盟))?"
    r"(?P<district>[^省市区县]{1,12}?(?:区|县|旗|市))?"
    r"(?P<rest>.*)",
    re.DOTALL,
)


def parse_address(text: str) -> PostalAddress:
    """What cannot be told apart stays in the line. 上海市上海市 is one city, and so is 上海市."""
    parts = _PARTS.fullmatch(re.sub(r"\s+", "", text)) if re.search(r"[\u4e00-\u9fff]", text) else None
    if not parts:
        return PostalAddress(address_line=text)
    province, city = parts["province"], parts["city"] or ""
    if province in _MUNICIPALITIES:
        city = province
    return PostalAddress(
        region_code="CN",
        administrative_area=province,
        locality=city,
        sublocality=parts["district"] or "",
        address_line=parts["rest"],
    )
