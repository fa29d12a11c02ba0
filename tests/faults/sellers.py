"""People who sell all day: leads, contacts, conversions and wins through the gateway, each step told to the ledger."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx

from tests.e2e.suite import Suite, until
from tests.faults.ledger import Ledger

SELLERS = 4
MORE = 6  # steps acknowledged after each fault, before the next
PROGRESS_SECONDS = 180.0
PATIENCE_SECONDS = 180.0  # with one step, which is asked again and again under the same key
PASSES = {409, 429, 502, 503, 504}  # 409: somebody else at the same record, or the first of two twins
IMPATIENT = 8  # one step in so many is not asked again: nobody hears what became of it


class Sellers:
    """`rest_seconds` is what each waits between two steps: without, they write more than a busy machine applies."""

    def __init__(self, suite: Suite, ledger: Ledger, run: str, rest_seconds: float = 0.0) -> None:
        self._suite, self._ledger, self.run, self._rest_seconds = suite, ledger, run, rest_seconds
        self._stopping = threading.Event()
        self._customers = count(1)
        self.odd: list[str] = []  # answers that no outage explains
        self.calls: list[tuple[float, float]] = []  # of each acknowledged one: when it began, the seconds it took

    def seconds_between(self, begin: float, end: float) -> list[float]:
        """What the calls took that began then, by the monotonic clock."""
        return [seconds for began, seconds in list(self.calls) if begin <= began < end]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the block ends; each finishes what they are at."""
        threads = [threading.Thread(target=self._sell, daemon=True) for _ in range(SELLERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(2 * PATIENCE_SECONDS)
        assert not any(thread.is_alive() for thread in threads)
        assert not self.odd, self.odd[:5]

    def _sell(self) -> None:
        with self._suite.client() as client:
            while not self._stopping.is_set():
                self._serve(client, next(self._customers))

    def _serve(self, client: httpx.Client, n: int) -> None:
        """From a lead to a win, as far as one hears that the step before was done."""
        name = f"{self.run} {n}"
        lead = self._step(client, n, "lead", "/v1/leads", displayName=name, company=f"Firm {name}", source=self.run)
        if lead and n % 3 == 0:
            self._step(client, n, "contact", "/v1/contacts", displayName=f"direct {name}")
        if not lead or not self._step(client, n, "qualify", f"/v1/leads/{lead['id']}:qualify"):
            return
        amount = {"currencyCode": "CNY", "units": "1000"}
        converted = self._step(client, n, "convert", f"/v1/leads/{lead['id']}:convert", amount=amount)
        if converted:
            self._step(client, n, "win", f"/v1/opportunities/{converted['opportunityId']}:win")

    def _step(self, client: httpx.Client, n: int, what: str, path: str, **body: Any) -> dict[str, Any] | None:
        self._stopping.wait(self._rest_seconds)
        key, gives_up = f"{self.run}-{n}-{what}", random.randrange(IMPATIENT) == 0
        self._ledger.intend(key, n, what)
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            began = time.monotonic()
            try:
                answer = client.post(path, json=body, headers={"idempotency-key": key})
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                self.calls.append((began, time.monotonic() - began))
                record: dict[str, Any] = answer.json()
                self._ledger.note(key, "ok", record["id"])
                return record
            if answer is not None and answer.status_code not in PASSES:
                self.odd.append(f"{key}: {answer.status_code} {answer.text}")
            if gives_up or time.monotonic() > end or (answer is not None and answer.status_code not in PASSES):
                self._ledger.note(key, "unknown")
                return None
            time.sleep(random.uniform(0.05, 0.3))


def progress(ledger: Ledger, steps: int = MORE) -> None:
    """Until some more steps are acknowledged."""
    enough = ledger.count("ok") + steps
    until(lambda: ledger.count("ok") >= enough, PROGRESS_SECONDS)
