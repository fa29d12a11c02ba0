"""People who sell all day: leads, contacts, conversions and wins through the gateway, each step told to the ledger."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx

from tests.e2e.suite import Suite
from tests.faults.ledger import Ledger

SELLERS = 4
PATIENCE_SECONDS = 60.0  # with one step, which is asked again and again under the same key
PASSES = {409, 429, 502, 503, 504}  # 409: somebody else at the same record, or the first of two twins
IMPATIENT = 8  # one step in so many is not asked again: nobody hears what became of it


class Sellers:
    def __init__(self, suite: Suite, ledger: Ledger, run: str) -> None:
        self._suite, self._ledger, self.run = suite, ledger, run
        self._stopping = threading.Event()
        self._customers = count(1)
        self.odd: list[str] = []  # answers that no outage explains

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
        key, gives_up = f"{self.run}-{n}-{what}", random.randrange(IMPATIENT) == 0
        self._ledger.intend(key, n, what)
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = client.post(path, json=body, headers={"idempotency-key": key})
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 200:
                record: dict[str, Any] = answer.json()
                self._ledger.note(key, "ok", record["id"])
                return record
            if answer is not None and answer.status_code not in PASSES:
                self.odd.append(f"{key}: {answer.status_code} {answer.text}")
            if gives_up or time.monotonic() > end or (answer is not None and answer.status_code not in PASSES):
                self._ledger.note(key, "unknown")
                return None
            time.sleep(random.uniform(0.05, 0.3))
