"""Three hundred business cards as a scanner saves them in China: GB18030, a heading, some rows that are wrong."""

import base64
import csv
from io import StringIO
from random import Random
from typing import Any

import httpx

from tests.e2e.suite import ok, until

COLUMNS = ("姓名", "公司", "职务", "手机", "邮箱", "地址")
ROWS, GOOD = 300, 297
WRONG = {  # line of the file -> column and value
    12: ("手机", "12"),
    150: ("邮箱", "not-an-address"),
    301: ("姓名", ""),
}
REASONS = {12: ("手机", "BAD_PHONE"), 150: ("邮箱", "BAD_EMAIL"), 301: ("姓名", "INVALID_ARGUMENT")}
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周", ("伟", "芳", "秀英", "敏", "静", "强", "磊", "洋", "艳", "䶮")


def cards(marked: str) -> bytes:
    """`marked` makes the people of this file others than those of another."""
    random = Random(20260214)
    text = StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for line in range(2, ROWS + 2):
        card = {
            "姓名": random.choice(SURNAMES) + random.choice(GIVEN),
            "公司": f"成都{random.choice(('远景', '恒信', '锦程'))}{marked}{line % 40}号商贸有限公司",
            "职务": random.choice(("采购经理", "总经理", "IT经理")),
            "手机": f"138{random.randrange(10**4):04}{line:04}",
            "邮箱": f"card{line}@{marked}.example",
            "地址": f"四川省成都市武侯区人民路{line}号",
        }
        if line in WRONG:
            column, value = WRONG[line]
            card[column] = value
        table.writerow(card.values())
    return text.getvalue().encode("gb18030")


def take_in(client: httpx.Client, content: bytes, seconds: float) -> dict[str, Any]:
    """Uploaded, analysed, run; the import when it has ended."""
    job = ok(client.post("/v1/importJobs", json={"noun": "contacts.contact", "fileName": "cards.csv"}))
    at = f"/v1/importJobs/{job['id']}"
    ok(client.post(f"{at}:appendContent", json={"content": base64.b64encode(content).decode()}))
    analysed = ok(client.post(f"{at}:analyse"))
    assert analysed["encoding"] == "gb18030", analysed
    ok(client.post(f"{at}:start"))

    def ended() -> dict[str, Any] | None:
        found = ok(client.get(at))
        return None if found["state"] == "RUNNING" else found

    return until(ended, seconds)
