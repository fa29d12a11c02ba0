"""A file fills the tenant's own fields by their definitions (CO-09, CO-12)."""

from dataclasses import replace
from typing import Any

from google.protobuf.json_format import MessageToDict

from chassis.custom.schema import schema_of
from chassis.testing.serving import Served
from kith.v1 import custom_pb2 as types
from kith.v1.custom_pb2 import CustomField
from tests.contacts.working import contacts, errors, taken_in

GRADES: list[Any] = [
    {"code": "a", "label_zh": "重点"},
    {"code": "b", "label_en": "Normal"},
    {"code": "old", "retired": True},
]
FIELDS = [
    CustomField(object="contacts.contact", code="grade", type=types.FIELD_TYPE_PICK, label_zh="等级", options=GRADES),
    CustomField(object="contacts.contact", code="likes", type=types.FIELD_TYPE_MULTI_PICK, options=GRADES),
    CustomField(object="contacts.contact", code="met", type=types.FIELD_TYPE_DATE, label_en="First met"),
    CustomField(object="contacts.contact", code="fee", type=types.FIELD_TYPE_MONEY),
    CustomField(object="contacts.contact", code="vip", type=types.FIELD_TYPE_BOOLEAN, label_zh="贵宾"),
    CustomField(object="contacts.contact", code="badge", type=types.FIELD_TYPE_TEXT, unique=True),
    CustomField(
        object="contacts.contact",
        code="double",
        type=types.FIELD_TYPE_FORMULA,
        formula="custom_fields.fee * 2",
        formula_type=types.FIELD_TYPE_NUMBER,
    ),
]


def lines(*rows: str) -> bytes:
    return "\n".join(["姓名,等级,likes,First met,fee,贵宾,badge,其他", *rows]).encode()


async def test_cells_become_values_of_the_defined_types_and_bad_ones_are_told_by_column(office: Served) -> None:
    for name, one in office.people.items():
        office.people[name] = replace(one, custom=schema_of(FIELDS), base_currency="CNY")
    job = await taken_in(
        office,
        lines(
            "张伟,重点,A;normal,2024年2月29日,¥1200.5,是,B-1,x",
            "李娜,b,,,,否,B-2,",
            "王芳,old,,,,,,",
            "赵敏,a,,2023-02-30,,,,",
            "孙丽,,,,,,B-1,",
            "周杰,,,,,maybe,,",
        ),
    )
    told = {(one.line, one.column): one.reason for one in await errors(office, job)}
    assert told == {
        (4, "等级"): "INVALID_ARGUMENT",
        (5, "First met"): "NO_SUCH_DAY",
        (6, "badge"): "ALREADY_EXISTS",
        (7, "贵宾"): "BAD_VALUE",
    }
    held = {one.display_name: MessageToDict(one.custom_fields) for one in await contacts(office)}
    assert held == {
        "张伟": {
            "grade": "a",
            "likes": ["a", "b"],
            "met": "2024-02-29",
            "fee": {"currency_code": "CNY", "amount": "1200.5", "base_amount": "1200.5"},
            "vip": True,
            "badge": "B-1",
            "其他": "x",
            "double": 2401.0,
        },
        "李娜": {"grade": "b", "vip": False, "badge": "B-2"},
    }
