"""Custom fields of gadgets: one of each type, and what else a definition can say."""

from typing import Any

from chassis.custom.schema import Schema, schema_of
from kith.v1 import custom_pb2 as types
from kith.v1.custom_pb2 import CustomField

OPTIONS = [{"code": "gold"}, {"code": "silver"}, {"code": "bronze", "retired": True}]
PICK: dict[str, Any] = {"type": types.FIELD_TYPE_PICK, "options": OPTIONS}
FIELDS: dict[str, dict[str, Any]] = {
    "nick": {"type": types.FIELD_TYPE_TEXT, "searchable": True},
    "story": {"type": types.FIELD_TYPE_LONG_TEXT},
    "budget": {"type": types.FIELD_TYPE_NUMBER},
    "cost": {"type": types.FIELD_TYPE_MONEY},
    "due": {"type": types.FIELD_TYPE_DATE},
    "opens": {"type": types.FIELD_TYPE_TIME},
    "seen": {"type": types.FIELD_TYPE_DATE_TIME},
    "vip": {"type": types.FIELD_TYPE_BOOLEAN},
    "tier": PICK,
    "colors": PICK | {"type": types.FIELD_TYPE_MULTI_PICK},
    "shelf": {"type": types.FIELD_TYPE_REFERENCE, "reference": "test.shelf"},
    "keeper": {"type": types.FIELD_TYPE_REFERENCE, "reference": "identity.user"},
    "mail": {"type": types.FIELD_TYPE_EMAIL},
    "phone": {"type": types.FIELD_TYPE_PHONE},
    "site": {"type": types.FIELD_TYPE_URL},
    "code": {"type": types.FIELD_TYPE_TEXT, "unique": True},
    "old": {"type": types.FIELD_TYPE_TEXT, "deprecated": True},
    "total": {
        "type": types.FIELD_TYPE_FORMULA,
        "formula": "coalesce(custom_fields.budget, 0) * stock",
        "formula_type": types.FIELD_TYPE_NUMBER,
    },
    "size": {
        "type": types.FIELD_TYPE_FORMULA,
        "formula": 'if(custom_fields.total > 100, "large", "small")',
        "formula_type": types.FIELD_TYPE_TEXT,
    },
    "end": {
        "type": types.FIELD_TYPE_FORMULA,
        "formula": "add_days(custom_fields.due, 30)",
        "formula_type": types.FIELD_TYPE_DATE,
    },
}


def schema(**fields: dict[str, Any]) -> Schema:
    return schema_of(CustomField(object="test.gadget", code=code, **said) for code, said in sorted(fields.items()))


SCHEMA = schema(**FIELDS)
