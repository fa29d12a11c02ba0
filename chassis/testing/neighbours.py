"""The way from one service under test to another, over its socket and as the user on whose behalf it works."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from chassis.access.caller import Caller
from chassis.testing.serving import Served
from chassis.transport.refused import refused


@dataclass
class NextDoor:
    """Stands where a process has its `Neighbours`; tokens are the names of the people the other service knows."""

    served: Mapping[str, Served] = field(default_factory=dict)

    async def call(
        self,
        method: MethodDescriptor,
        request: Message,
        reply: Any,
        *,
        as_: tuple[UUID, UUID | None],
        deadline_seconds: float,
    ) -> Any:
        """Raises the other service's refusal."""
        name = method.full_name.split(".")[1]
        other = self.served[name]
        try:
            return await getattr(other.as_(self._token(other, name, *as_)), method.name)(request)
        except grpc.aio.AioRpcError as error:
            raise refused(error) from error

    def _token(self, other: Served, service: str, tenant_id: UUID, user_id: UUID | None) -> str:
        if user_id is None:
            other.people["a service"] = Caller.system(tenant_id, service)
            return "a service"
        return next(
            token for token, one in other.people.items() if (one.tenant_id, one.user_id) == (tenant_id, user_id)
        )
