"""Any request at all, drawn from its descriptor: well-formed now and then, hostile mostly (S08)."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.service import Method
from chassis.testing.serving import Served

INT32, INT64 = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
_LETTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_TRAPS = [
    "", "\0", "*", '"', "me", '"1"', "EUR", "999999999999999999999", "' or 1=1 --", "%", "\\", "a@b.cc",
    "+8613800138000",
    "{" + str(uuid.UUID(int=7)) + "}", "2027-02-30", "张伟", "x" * 300,
]  # fmt: skip
_WORDS = [
    "id", "etag", "create_time", "display_name", "state", "OPEN", "AND", "OR", "NOT", "(", ")", "=", "!=", "<", ">=",
    ":", "*",
    "1e99999", "NaN", "-1", "now-7d", "this_year", "9999-12-31T23:59:59-14:00", '"a"', "custom_fields.a", "labels.b",
    "emails.address", "desc", ",", "sum(price)", "create_time.month", "me",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | _LETTERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_LETTERS, inner, max_size=3),
    max_leaves=6,
)
LANGUAGES = {"filter", "order_by", "group_by", "measures"}  # fields that hold a sentence of ours
DEEPEST = 4


def message_of(
    descriptor: Descriptor, texts: st.SearchStrategy[str], depth: int = 0
) -> st.SearchStrategy[dict[str, Any]]:
    """Constructor arguments; each field present or not."""
    known = _KNOWN.get(descriptor.full_name)
    if known is not None:
        return known
    if depth > DEEPEST:
        return st.just({})
    return st.fixed_dictionaries({}, optional={field.name: _field(field, texts, depth) for field in descriptor.fields})


def _field(field: FieldDescriptor, texts: st.SearchStrategy[str], depth: int) -> st.SearchStrategy[Any]:
    if field.message_type and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        return st.dictionaries(_field(key, texts, depth), _field(value, texts, depth + 1), max_size=3)
    one = _one(field, texts, depth)
    return st.lists(one, max_size=3) if field.is_repeated else one


def _one(field: FieldDescriptor, texts: st.SearchStrategy[str], depth: int) -> st.SearchStrategy[Any]:
    if field.message_type:
        return message_of(field.message_type, texts, depth + 1)
    if field.enum_type:
        return st.sampled_from([value.number for value in field.enum_type.values]) | INT32
    if field.name in LANGUAGES:
        return st.lists(st.sampled_from(_WORDS) | texts, max_size=6).map(" ".join)
    kinds: dict[int, st.SearchStrategy[Any]] = {
        FieldDescriptor.TYPE_STRING: texts,
        FieldDescriptor.TYPE_BYTES: st.binary(max_size=40),
        FieldDescriptor.TYPE_BOOL: st.booleans(),
        FieldDescriptor.TYPE_INT32: INT32,
        FieldDescriptor.TYPE_INT64: INT64,
        FieldDescriptor.TYPE_DOUBLE: st.floats(),
    }
    return kinds[field.type]


_SPAN = st.fixed_dictionaries({}, optional={"seconds": INT64 | st.integers(0, 2**31), "nanos": INT32 | st.just(0)})
_KNOWN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "google.protobuf.Timestamp": _SPAN,
    "google.protobuf.Duration": _SPAN,
    "google.protobuf.Struct": st.dictionaries(_LETTERS, JSON, max_size=3),
    "google.protobuf.FieldMask": st.fixed_dictionaries(
        {"paths": st.lists(st.sampled_from(_WORDS) | _LETTERS, max_size=4)}
    ),
    "google.type.Date": st.fixed_dictionaries(
        {}, optional={"year": INT32 | st.integers(1, 9999), "month": st.integers(-1, 13), "day": st.integers(-1, 32)}
    ),
}


async def never_internal(
    served: Served,
    user: str,
    ids: Sequence[str] = (),
    examples: int = 300,
    skip: Callable[[Method], bool] = lambda method: False,
) -> None:
    """Ask `served` every method anything; raises AssertionError where an answer is INTERNAL or UNKNOWN.

    `ids` are of living records, so that some requests get past the first look-up.
    """
    texts = _LETTERS | st.sampled_from([*_TRAPS, *ids, *map(str.upper, ids)])
    methods = [
        method for method in served.methods.values() if not method.descriptor.server_streaming and not skip(method)
    ]
    asked = st.sampled_from(methods).flatmap(
        lambda method: message_of(method.descriptor.input_type, texts).map(lambda fields: (method, fields))
    )
    client, loop = served.as_(user), asyncio.get_running_loop()

    async def code(method: Method, request: Message) -> str:
        try:
            await getattr(client, method.descriptor.name)(request)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"

    @given(asked)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(drawn: tuple[Method, dict[str, Any]]) -> None:
        method, fields = drawn
        try:
            request = method.request(**fields)
        except (TypeError, ValueError, OverflowError):
            return  # no client can send it either
        answered = asyncio.run_coroutine_threadsafe(code(method, request), loop).result(30)
        assert answered not in ("INTERNAL", "UNKNOWN"), (method.descriptor.full_name, request)

    await asyncio.to_thread(ask)
