"""A program that knows only the address of a service, and learns the rest by reflection, as grpcurl does."""

import json
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SECONDS = 120.0


@dataclass(frozen=True)
class Refused:
    code: str
    reason: str
    fields: frozenset[str] = field(default=frozenset())
    domain: str = field(default="", compare=False)


class Stranger:
    """Calls any rpc with JSON, by its full name: `kith.sales.v1.Leads/GetLead`."""

    def __init__(self, channel: grpc.Channel, token: str) -> None:
        self._channel, self._token = channel, token
        self._database = ProtoReflectionDescriptorDatabase(channel)
        self._pool = DescriptorPool(self._database)

    def services(self) -> set[str]:
        return set(self._database.get_services())

    def methods(self, service: str) -> set[str]:
        return {method.name for method in self._pool.FindServiceByName(service).methods}

    def call(self, rpc: str, given: dict[str, Any], seconds: float | None = SECONDS) -> dict[str, Any] | Refused:
        """The reply as JSON with every field that has no presence, or what it was refused with."""
        service, _, name = rpc.partition("/")
        method = self._pool.FindServiceByName(service).FindMethodByName(name)
        request = json_format.ParseDict(given, GetMessageClass(method.input_type)(), descriptor_pool=self._pool)
        bound = self._channel.unary_unary(
            f"/{rpc}", type(request).SerializeToString, GetMessageClass(method.output_type).FromString
        )
        metadata = (("authorization", f"Bearer {self._token}"),) if self._token else ()
        try:
            reply = bound(request, timeout=seconds, metadata=metadata)
        except grpc.RpcError as error:
            return _refused(error)
        return self._as_dict(reply)

    def same(self, rpc: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the gateway answered, brought into the form that `call` answers in."""
        service, _, name = rpc.partition("/")
        method = self._pool.FindServiceByName(service).FindMethodByName(name)
        reply = GetMessageClass(method.output_type)()
        return self._as_dict(json_format.ParseDict(body, reply, descriptor_pool=self._pool))

    def _as_dict(self, message: Any) -> dict[str, Any]:
        text = json_format.MessageToJson(message, always_print_fields_with_no_presence=True, descriptor_pool=self._pool)
        found: dict[str, Any] = json.loads(text)
        return found


def _refused(error: Any) -> Refused:
    info, bad = ErrorInfo(), BadRequest()
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in Status.FromString(value).details:
                detail.Unpack(info)
                detail.Unpack(bad)
    fields = frozenset(violation.field for violation in bad.field_violations)
    return Refused(error.code().name, info.reason, fields, info.domain)
