"""Whoever is refused for the lack of a right is in the audit trail, with what they tried (S27)."""

from collections.abc import Iterator

import pytest

from chassis.resource.standard import Work
from chassis.service import Method, Service
from chassis.testing.postgres import Postgres
from kith.v1.audit_pb2 import AuditRecord
from tests.security.asking import request_for
from tests.security.house import SERVICES, House, opened
from tests.security.makers import furnish
from tests.security.matrix import Answer, answers
from tests.security.test_matrix import ask


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
async def test_every_denied_call_of_the_matrix_is_told_to_the_trail(postgres: Postgres, service: Service) -> None:
    async with opened(service, postgres) as house:
        await furnish(house)
        denied = set()
        for method, persona in attempts(service):
            code, _, _ = await ask(house, method, persona, await request_for(house, method))
            assert code == "PERMISSION_DENIED"
            denied.add((str(house.served.people[persona].user_id), method.descriptor.full_name))
        assert denied
        await house.pipeline.close()
        assert {(one.actor_id, one.method) for one in await told(house)} == denied


def attempts(service: Service) -> Iterator[tuple[Method, str]]:
    for method in service.methods:
        if method.work is not Work.STREAM:
            yield from ((method, who) for who, answer in answers(method).items() if answer is Answer.DENIED)


async def told(house: House) -> list[AuditRecord]:
    events = await house.served.events(f"{house.served.service.name}.audit")
    return [AuditRecord.FromString(payload) for type, payload in events if type.endswith(".audit.denied.v1")]
