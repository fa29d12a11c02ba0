"""S18: whoever asks learns from no answer, and from no work done for it, whether there is an account."""

import math
import statistics
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest

from chassis.database.session import Session
from chassis.database.statement import Statement
from chassis.testing.serving import refusal
from chassis.transport.pipeline import Pipeline
from identity.authentication.brake import Allowance
from identity.authentication.passwords import Passwords
from tests.identity.suite import ADMIN_EMAIL, World
from tests.size import WHOLE

NOBODY = "nobody@acme.example"
PAIRS = 500
SURE = 2.576  # of a two-sided test at p = 0.01, for as many as that


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What calls ask the database, and each password hash they compute, in order."""
    done: list[str] = []
    in_call = ContextVar("in_call", default=False)  # identity has work of its own, beside calls
    fetch, run, verify = Session.fetch, Pipeline.__call__, Passwords.verify

    async def fetched(self: Session, statement: Statement, values: Any) -> Any:
        if in_call.get():
            done.append(statement.sql)
        return await fetch(self, statement, values)

    async def verified(self: Passwords, *given: Any) -> bool:
        done.append("verify")
        return await verify(self, *given)

    async def called(self: Pipeline, *given: Any) -> bytes:
        in_call.set(True)
        return await run(self, *given)

    monkeypatch.setattr(Session, "fetch", fetched)
    monkeypatch.setattr(Pipeline, "__call__", called)
    monkeypatch.setattr(Passwords, "verify", verified)
    return done


async def ask_for_reset(world: World, email: str) -> str:
    return str(await world.nobody.RequestPasswordReset(email=email))


async def guess(world: World, email: str) -> str:
    told = await refusal(world.sign_in(email, "a wrong password"))
    return f"{told.code} {told.reason} {told.message} {told.fields}"


@pytest.mark.parametrize("ask", [ask_for_reset, guess])
async def test_s18_for_somebody_and_for_nobody_the_same_is_done_and_said(
    world: World, work: list[str], ask: Callable[[World, str], Awaitable[str]]
) -> None:
    await world.user("ann")
    await world.boss.SuspendUser(id=(await world.user("bob")).id)
    outcomes = []
    for email in (NOBODY, "ann@acme.example", "bob@acme.example", ADMIN_EMAIL):
        work.clear()
        outcomes.append((await ask(world, email), [*work]))
    assert outcomes[0][1], "nothing was done"
    assert all(one == outcomes[0] for one in outcomes)


@pytest.mark.skipif(not WHOLE, reason="a clock decides, so it runs by `make security` only")
@pytest.mark.parametrize("ask", [ask_for_reset, guess])
async def test_s18_a_clock_does_not_tell_either(
    world: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[World, str], Awaitable[str]]
) -> None:
    """Welch's t over interleaved pairs, the slowest tenth of each put aside."""
    for name in ("GUESSES", "RESETS"):
        monkeypatch.setattr(f"identity.authentication.brake.{name}", Allowance(10**9, 10**9, 10**9))
    monkeypatch.setattr("identity.account.request_password_reset.RESETS", Allowance(10**9, 10**9, 10**9))
    took: dict[str, list[float]] = {NOBODY: [], ADMIN_EMAIL: []}
    for _ in range(PAIRS):
        for email, times in took.items():
            began = time.perf_counter()
            await ask(world, email)
            times.append(time.perf_counter() - began)
    kept = [sorted(times)[: PAIRS * 9 // 10] for times in took.values()]
    spread = math.sqrt(sum(statistics.variance(times) / len(times) for times in kept))
    assert abs(statistics.mean(kept[0]) - statistics.mean(kept[1])) / spread < SURE
