"""Every RPC as everybody may try it: let in or kept out exactly as the matrix says, and nothing changed (S01, S02)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from contextvars import ContextVar
from typing import Any

import grpc
import pytest
import pytest_asyncio

from chassis.database.session import Session
from chassis.database.statement import Statement
from chassis.resource.standard import Work
from chassis.service import Method
from chassis.testing.postgres import Postgres
from chassis.transport.pipeline import Pipeline
from tests.security.asking import absent_id, request_for
from tests.security.house import SERVICES, House, opened
from tests.security.makers import furnish
from tests.security.matrix import ROWS, Answer, answers, name_of

METHODS = [(service, method) for service in SERVICES.values() for method in service.methods]
LET_IN = {
    "OK",
    "FAILED_PRECONDITION",
    "ALREADY_EXISTS",
}  # the last two: a record in no state for it, seen by whoever asks
CODES = {
    Answer.YES: LET_IN,
    Answer.SHOWS: {"OK"},
    Answer.EMPTY: {"OK"},
    Answer.ABSENT: {"NOT_FOUND"},
    Answer.DENIED: {"PERMISSION_DENIED"},
    Answer.WHO: {"UNAUTHENTICATED"},
    Answer.WRONG: {"UNAUTHENTICATED", "RESOURCE_EXHAUSTED"},  # the latter after some failures in a row
    Answer.SESSION: {"FAILED_PRECONDITION"},
    Answer.ASKED: {"OK", "RESOURCE_EXHAUSTED"},
    Answer.BAD: {"INVALID_ARGUMENT"},
    Answer.AWAY: {"UNAVAILABLE"},
}
SECONDS = 120
# They count attempts or, with no trial of their own, do what they were allowed to.
WRITES = {
    *("identity.Authentication.SignIn", "identity.Users.SetPassword"),
    *("identity.Accounts.RequestEmailChange", "identity.Accounts.RequestPasswordReset"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def houses(postgres: Postgres) -> AsyncIterator[dict[str, House]]:
    """One database a service for all its RPCs."""
    async with AsyncExitStack() as stack:
        houses = {name: await stack.enter_async_context(opened(one, postgres)) for name, one in SERVICES.items()}
        for house in houses.values():
            await furnish(house)
        yield houses


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What calls ask their databases, in order: time is not asserted, and what takes it is."""
    asked: list[str] = []
    fetch, run = Session.fetch, Pipeline.__call__
    in_call = ContextVar("in_call", default=False)  # the houses have work of their own, beside it

    async def noted(self: Session, statement: Statement, values: Any) -> Any:
        if in_call.get():
            asked.append(statement.sql)
        return await fetch(self, statement, values)

    async def called(self: Pipeline, *given: Any) -> bytes:
        in_call.set(True)
        return await run(self, *given)

    monkeypatch.setattr(Session, "fetch", noted)
    monkeypatch.setattr(Pipeline, "__call__", called)
    return asked


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "method"), METHODS, ids=[name_of(method) for _, method in METHODS])
async def test_everybody_is_answered_as_the_matrix_says_and_nothing_changes(
    houses: dict[str, House], statements: list[str], service: Any, method: Method
) -> None:
    house, faults = houses[service.name], []
    request = await request_for(house, method)
    before = await house.fingerprint()
    for persona, answer in answers(method).items():
        statements.clear()
        code, reply, status = await ask(house, method, persona, request)
        if code not in CODES[answer]:
            faults.append(f"{persona}: {code} instead of {answer.value}: {status!r}")
        elif answer in (Answer.SHOWS, Answer.EMPTY) and shows(reply, request) is not (answer is Answer.SHOWS):
            faults.append(f"{persona}: {reply} instead of {answer.value}")
        elif answer is Answer.ABSENT:
            assert statements, "nothing was asked"
            other, before_it = absent_id(), [*statements]
            nowhere = await ask(house, method, persona, await request_for(house, method, other))
            if before_it != statements[len(before_it) :]:
                faults.append(f"{persona}: a record that is there takes other statements than none, and other time")
            if (code, status.replace(subject(request), other)) != (nowhere[0], nowhere[2]):
                faults.append(f"{persona}: is told more of a record than of none: {status} {nowhere[2]}")
        after = await house.fingerprint()
        if after != before and name_of(method) not in WRITES:
            faults.append(f"{persona}: changed {set(after) ^ set(before)}")
        before = after
    assert not faults, "\n".join(faults)


def test_the_matrix_has_no_row_for_what_is_gone() -> None:
    assert set(ROWS) <= {name_of(method) for _, method in METHODS}


async def ask(house: House, method: Method, persona: str, request: Any) -> tuple[str, Any, str]:
    """Code, reply, and all that the status says, byte for byte."""
    path = f"/{method.descriptor.containing_service.full_name}/{method.descriptor.name}"
    metadata, channel = house.doorman.metadata(persona), house.served.channel
    try:
        if method.work is Work.STREAM:
            call: Any = channel.unary_stream(path)(request.SerializeToString(), timeout=SECONDS, metadata=metadata)
            reply: Any = await call.read()
        else:
            reply = await getattr(house.as_(persona), method.descriptor.name)(request)
    except grpc.aio.AioRpcError as error:
        return error.code().name, None, f"{error.details()} {[*(error.trailing_metadata() or ())]}"
    return "OK", reply, ""


def subject(request: Any) -> str:
    """The record a request is about."""
    for name in ("id", "pipeline_id", "identity_provider_id", "record_id"):
        if name in request.DESCRIPTOR.fields_by_name:
            return str(getattr(request, name))
    inner = next((value for field, value in request.ListFields() if field.message_type), None)
    return str(inner.id) if inner is not None else ""


def shows(reply: Any, request: Any) -> bool:
    """Whether anything is in a list, or a number above none in a sum."""
    if "rows" in reply.DESCRIPTOR.fields_by_name:
        return any(row.count for row in reply.rows)
    if reply.DESCRIPTOR.name == "Board":
        return any(column.count for column in reply.columns)
    return any(field.is_repeated for field, _ in reply.ListFields())
