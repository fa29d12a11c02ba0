"""The codec against google's json_format: the same JSON for every message, the same message for every JSON."""

from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor import FieldDescriptor as F
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codec.reader import BadJson, Readers
from gateway.codec.writer import Writers
from gateway.contract import Contract

READERS = Readers()


@pytest.fixture(scope="module")
def everything(contract: Contract) -> Any:
    return contract.message("kith.everything.v1.Everything")


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SCALARS = {
    F.TYPE_STRING: TEXT,
    F.TYPE_BYTES: st.binary(max_size=8),
    F.TYPE_BOOL: st.booleans(),
    F.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    F.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    F.TYPE_UINT32: st.integers(0, 2**32 - 1),
    F.TYPE_UINT64: st.integers(0, 2**64 - 1),
    F.TYPE_DOUBLE: st.floats(),
    F.TYPE_FLOAT: st.floats(width=32),
}
KNOWN = {
    "google.protobuf.Timestamp": st.builds(
        lambda s, n: {"seconds": s, "nanos": n}, st.integers(-62135596800, 253402300799), st.integers(0, 999_999_999)
    ),
    "google.protobuf.Duration": st.builds(
        lambda s, n, sign: {"seconds": sign * s, "nanos": sign * n},
        st.integers(0, 315_576_000_000), st.integers(0, 999_999_999), st.sampled_from([1, -1]),
    ),
    "google.protobuf.FieldMask": st.builds(
        lambda p: {"paths": p}, st.lists(st.sampled_from(["text", "part.big_number", "raw_bytes"]), max_size=3)
    ),
    "google.protobuf.Struct": st.dictionaries(TEXT, JSON, max_size=3),
    "google.type.Date": st.dates().map(lambda d: {"year": d.year, "month": d.month, "day": d.day}),
}  # fmt: skip


def value_of(field: F, depth: int) -> st.SearchStrategy[object]:
    if field.enum_type:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.message_type is None:
        return SCALARS[field.type]
    name = field.message_type.full_name
    if name == "google.protobuf.Value":
        return JSON.map(lambda value: {"struct_value": {"it": value}})
    if name == "google.protobuf.ListValue":
        return st.just({"values": [{"number_value": 1.5}, {"list_value": {"values": [{"null_value": 0}]}}]})
    return KNOWN[name] if name in KNOWN else fields_of(field.message_type, depth + 1)


def fields_of(descriptor: Descriptor, depth: int = 0) -> st.SearchStrategy[dict[str, object]]:
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in descriptor.fields:
        if field.name in ("inner",) and depth > 1:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            names = field.message_type.fields_by_name
            optional[field.name] = st.dictionaries(
                value_of(names["key"], depth), value_of(names["value"], depth), max_size=2
            )
        elif field.is_repeated:
            optional[field.name] = st.lists(value_of(field, depth), max_size=2)
        else:
            optional[field.name] = value_of(field, depth)
    if not optional:
        return st.just({})
    return st.sets(st.sampled_from(sorted(optional)), max_size=8).flatmap(
        lambda names: st.fixed_dictionaries({name: optional[name] for name in sorted(names)})
    )


def as_google(message: Message) -> object:
    return orjson.loads(json_format.MessageToJson(message, always_print_fields_with_no_presence=True))


def test_every_message_is_written_as_json_format_writes_it_and_read_back(everything: Any) -> None:
    write = Writers().of(everything.DESCRIPTOR)

    @settings(max_examples=300, deadline=None)
    @given(fields_of(everything.DESCRIPTOR))
    def holds(fields: dict[str, Any]) -> None:
        message = everything(**fields)
        mine = orjson.loads(orjson.dumps(write(message)))
        assert mine == as_google(message)
        assert as_google(READERS.message(everything.DESCRIPTOR, mine)) == mine
        by_proto_name = json_format.MessageToDict(message, preserving_proto_field_name=True)
        assert as_google(READERS.message(everything.DESCRIPTOR, by_proto_name)) == mine

    holds()


REFUSED = [
    ("nonsense", 1, "nonsense", "UNKNOWN_FIELD"),
    ("part", {"bigNumber": "1", "wrong": 2}, "part.wrong", "UNKNOWN_FIELD"),
    ("parts", [{"name": "a"}, {"name": 3}], "parts[1].name", "WRONG_TYPE"),
    ("small", 2**31, "small", "OUT_OF_RANGE"),
    ("small", 1.5, "small", "WRONG_TYPE"),
    ("small", True, "small", "WRONG_TYPE"),
    ("big", "9223372036854775808", "big", "OUT_OF_RANGE"),
    ("big", 1e30, "big", "OUT_OF_RANGE"),
    ("text", 5, "text", "WRONG_TYPE"),
    ("text", "a\0b", "text", "NUL_CHARACTER"),
    ("flag", "true", "flag", "WRONG_TYPE"),
    ("colour", "BLUE", "colour", "UNKNOWN_VALUE"),
    ("colour", 99, "colour", "UNKNOWN_VALUE"),
    ("rawBytes", "!!", "rawBytes", "WRONG_FORMAT"),
    ("halfRatio", 1e39, "halfRatio", "OUT_OF_RANGE"),
    ("when", "2024-02-30T00:00:00Z", "when", "WRONG_FORMAT"),
    ("when", "2024-02-03", "when", "WRONG_FORMAT"),
    ("when", "0000-01-01T00:00:00Z", "when", "WRONG_FORMAT"),
    ("howLong", "5", "howLong", "WRONG_FORMAT"),
    ("day", {"year": 2024, "month": 2, "day": 30}, "day", "NO_SUCH_DAY"),
    ("day", {"year": 2024}, "day", "NO_SUCH_DAY"),
    ("day", "2024-02-03", "day", "WRONG_TYPE"),
    ("labels", {"a": 1}, "labels.a", "WRONG_TYPE"),
    ("partsByNumber", {"x": {}}, "partsByNumber.x", "WRONG_TYPE"),
    ("coloursByFlag", {"maybe": "RED"}, "coloursByFlag.maybe", "WRONG_TYPE"),
    ("anything", {"n": 2**60}, "anything", "OUT_OF_RANGE"),
    ("anything", [1], "anything", "WRONG_TYPE"),
    ("boxedBig", "x", "boxedBig", "WRONG_TYPE"),
    ("texts", "one", "texts", "WRONG_TYPE"),
    ("texts", [None], "texts[0]", "WRONG_TYPE"),
]


@pytest.mark.parametrize(("key", "value", "path", "reason"), REFUSED)
def test_what_a_program_could_not_have_meant_is_refused_by_path(
    everything: Any, key: str, value: object, path: str, reason: str
) -> None:
    with pytest.raises(BadJson) as caught:
        READERS.message(everything.DESCRIPTOR, {key: value})
    assert [(fault.field, fault.reason) for fault in caught.value.faults] == [(path, reason)]


def test_all_faults_are_told_at_once(everything: Any) -> None:
    with pytest.raises(BadJson) as caught:
        READERS.message(everything.DESCRIPTOR, {"small": "x", "flag": 1, "part": {"name": 1, "no": 2}, "parts": {}})
    assert [fault.field for fault in caught.value.faults] == ["small", "flag", "part.name", "part.no", "parts"]


@pytest.mark.parametrize("twice", [{"rawBytes": "", "raw_bytes": ""}, {"word": "a", "number": "1"}])
def test_one_field_under_two_names_and_two_members_of_a_oneof_are_refused(
    everything: Any, twice: dict[str, object]
) -> None:
    with pytest.raises(BadJson) as caught:
        READERS.message(everything.DESCRIPTOR, twice)
    assert caught.value.faults[0].reason == "GIVEN_TWICE"


def test_a_text_key_may_be_any_word(everything: Any) -> None:
    given = {"labels": {"true": "a", "false": "b"}, "coloursByFlag": {"true": "RED"}}
    read: Any = READERS.message(everything.DESCRIPTOR, given)
    assert dict(read.labels) == {"true": "a", "false": "b"}
    assert dict(read.colours_by_flag) == {True: 1}


def test_deep_json_is_refused_not_a_crash(everything: Any) -> None:
    deep: dict[str, object] = {}
    for _ in range(200):
        deep = {"inner": deep}
    with pytest.raises(BadJson) as caught:
        READERS.message(everything.DESCRIPTOR, deep)
    assert caught.value.faults[0].reason == "TOO_DEEP"
