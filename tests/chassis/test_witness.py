"""What a process tells of refused calls (S27): bounded in what it writes and in what it remembers, and all counted."""

import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.access.caller import Caller
from chassis.access.origin import NOWHERE
from chassis.audit import record, witness
from chassis.audit.witness import BURST, PER_SECOND, Witness
from chassis.errors import Unavailable
from chassis.testing.postgres import Postgres
from chassis.testing.serving import Served, serving
from kith.v1.audit_pb2 import AuditRecord
from tests.chassis.gadgets import SERVICE


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def served(postgres: Postgres) -> AsyncIterator[Served]:
    async with serving(SERVICE, postgres, {}) as made:
        yield made


def somebody(tenant: uuid.UUID | None = None) -> Caller:
    return Caller(tenant or uuid.uuid4(), uuid.uuid4(), {})


async def refuse(made: Witness, caller: Caller, times: int, method: str = "kith.gadgets.v1.Gadgets.Get") -> None:
    for _ in range(times):
        await made.denied(caller, AuditRecord(method=method, reason="PERMISSION_DENIED"), NOWHERE, "")


async def told(served: Served) -> list[AuditRecord]:
    return [AuditRecord.FromString(payload) for _, payload in await served.events(f"{SERVICE.name}.audit")]


async def test_a_burst_is_written_one_by_one_and_the_rest_as_a_number(served: Served) -> None:
    clock, who = Clock(), somebody()
    made = Witness(served.calls, clock)
    await refuse(made, who, int(BURST) + 7)
    assert [one.times for one in await told(served)] == [1] * int(BURST)
    await made.close()
    last = (await told(served))[-1]
    assert (last.times, last.actor_id, last.method) == (7, str(who.user_id), "kith.gadgets.v1.Gadgets.Get")


async def test_who_waits_is_written_down_again(served: Served) -> None:
    clock, who = Clock(), somebody()
    made = Witness(served.calls, clock)
    await refuse(made, who, int(BURST) + 1)
    clock.now += 2 / PER_SECOND
    await refuse(made, who, 3)
    assert len(await told(served)) == int(BURST) + 2
    await made.close()
    assert sum(one.times for one in await told(served)) == int(BURST) + 4


async def test_one_who_is_loud_hides_nobody_else(served: Served) -> None:
    clock, loud, quiet = Clock(), somebody(), somebody()
    made = Witness(served.calls, clock)
    await refuse(made, loud, 3 * int(BURST))
    await refuse(made, quiet, 1)
    assert str(quiet.user_id) in {one.actor_id for one in await told(served)}
    await made.close()


async def test_what_is_remembered_has_an_end_and_nothing_goes_uncounted(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "COUNTED", 2)
    who, methods = somebody(), [f"kith.gadgets.v1.Gadgets.Get{n}" for n in range(5)]
    made = Witness(served.calls, Clock())
    await refuse(made, who, int(BURST))
    for method in methods:
        await refuse(made, who, 2, method)
    await made.close()
    counted = Counter({one.method: one.times for one in (await told(served))[int(BURST) :]})
    assert counted == {methods[0]: 2, methods[1]: 2, "": 6}


async def test_what_cannot_be_written_now_is_told_later(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    write, is_away = record.write, [True]

    async def sometimes(*given: Any) -> None:
        if is_away[0]:
            raise Unavailable("the database is away")
        await write(*given)

    monkeypatch.setattr(witness, "write", sometimes)
    made, who = Witness(served.calls, Clock()), somebody()
    await refuse(made, who, 3)
    assert await told(served) == []
    is_away[0] = False
    await made.close()
    (one,) = await told(served)
    assert one.times == 3
