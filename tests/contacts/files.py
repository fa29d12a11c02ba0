"""Tables of customers as they come: generated, and dirty in every way that is promised to be dealt with."""

import csv
import io

HEADER = ["姓名", "公司", "电话", "邮箱", "地址", "职位", "首访日期"]
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "一二三四五六七八九十百千万"


def table(
    rows: list[list[str]], header: list[str] | None = None, encoding: str = "utf-8", delimiter: str = ","
) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header or HEADER, *rows])
    return out.getvalue().encode(encoding)


def somebody(number: int, **instead: str) -> list[str]:
    """A row that can be read; each of another person."""
    row = {
        "name": FAMILY[number % 16] + GIVEN[number // 16 % 13] + GIVEN[number % 13],
        "company": f"第{number % 7}公司",
        "phone": f"139{number:08d}",
        "email": f"nr{number}@Example.com",
        "address": "四川省成都市武侯区",
        "position": "经理",
        "day": "2024/2/29",
    }
    return list((row | instead).values())


def dirty(number: int) -> tuple[list[list[str]], int]:
    """`number` rows and how many of them are good: every tenth has a day that is none, every seventh a bad address."""
    rows, good = [], 0
    for n in range(number):
        bad_day, bad_email = n % 10 == 3, n % 7 == 5
        more = ({"day": "2023-02-30"} if bad_day else {}) | ({"email": "x@@y"} if bad_email else {})
        rows.append(somebody(n, **more))
        good += not (bad_day or bad_email)
    return rows, good
