"""Stands in for all services at once: answers from the descriptors, over a real socket, and remembers what it heard."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2

from gateway.contract import Contract

PASSWORD = "right"
TENANT, USER = "01920000-0000-7000-8000-0000000000aa", "01920000-0000-7000-8000-0000000000bb"
Answer = Callable[[Any], "Message | Awaitable[Message]"]
FAR = {"seconds": 4_000_000_000}


@dataclass(frozen=True)
class Heard:
    rpc: str
    request: Any
    metadata: dict[str, str]


class Refused(Exception):
    """What a service would abort with."""

    def __init__(self, code: int, reason: str, fields: dict[str, str] | None = None, retry_seconds: int = 0) -> None:
        super().__init__(reason)
        self.code, self.reason, self.fields, self.retry_seconds = code, reason, fields or {}, retry_seconds


@dataclass
class Services:
    """`answers` by rpc name; a method without one answers its empty reply."""

    contract: Contract
    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    sessions: dict[str, str] = field(default_factory=dict)  # secret -> token, while it is open
    serving: bool = True
    port: int = 0

    def __post_init__(self) -> None:
        self.answers |= {
            "SignIn": self.sign_in, "ResumeSession": self.resume, "WhoAmI": self.who_am_i, "SignOut": self.sign_out,
            "RefreshToken": self.refresh,
        }  # fmt: skip

    def message(self, name: str, **fields: Any) -> Any:
        return self.contract.message(name)(**fields)

    def identity(self, name: str, **fields: Any) -> Any:
        return self.message(f"kith.identity.v1.{name}", **fields)

    def of(self, rpc: str) -> list[Heard]:
        return [heard for heard in self.heard if heard.rpc == rpc]

    def last(self, rpc: str) -> Heard:
        return self.of(rpc)[-1]

    def sign_in(self, request: Any) -> Any:
        if request.password != PASSWORD:
            raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")
        number = len(self.sessions) + 1
        secret, token = f"secret-{number}", f"token-{number}"
        self.sessions[secret] = token
        return self.identity(
            "SignInResponse", access_token=token, access_token_expire_time=FAR, refresh_token=f"refresh-{number}",
            session_secret=secret, session_expire_time=FAR,
        )  # fmt: skip

    def resume(self, request: Any) -> Any:
        if request.session_secret not in self.sessions:
            raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")
        token = self.sessions[request.session_secret]
        return self.identity("ResumeSessionResponse", access_token=token, access_token_expire_time=FAR)

    def refresh(self, request: Any) -> Any:
        return self.identity("RefreshTokenResponse", access_token="new", refresh_token="newer")

    def who_am_i(self, request: Any) -> Any:
        return self.identity(
            "WhoAmIResponse", principal={"tenant_id": TENANT, "user_id": USER}, email="rep@example.com"
        )

    def sign_out(self, request: Any) -> Any:
        token = self.heard[-1].metadata["authorization"].removeprefix("Bearer ")
        self.sessions = {secret: its for secret, its in self.sessions.items() if its != token}
        return self.identity("SignOutResponse")

    async def answer(self, method: MethodDescriptor, raw: bytes, context: Any) -> bytes:
        request = GetMessageClass(method.input_type).FromString(raw)
        metadata = {name: str(value) for name, value in context.invocation_metadata()}
        self.heard.append(Heard(method.name, request, metadata))
        try:
            token = metadata.get("authorization", "")
            if token in ("Bearer ended", "") and method.name in ("WhoAmI", "BatchGetPlants"):
                raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")
            made = self.answers.get(method.name, lambda _: GetMessageClass(method.output_type)())(request)
            reply = made if isinstance(made, Message) else await made
            return reply.SerializeToString()
        except Refused as refused:
            await _abort(context, refused)
        except asyncio.CancelledError:
            self.cancelled.append(method.name)
            raise

    async def health(self, request: Any, context: Any) -> Any:
        known = health_pb2.HealthCheckResponse
        return known(status=known.SERVING if self.serving else known.NOT_SERVING)


async def _abort(context: Any, refused: Refused) -> NoReturn:
    status = Status(code=refused.code, message="said for a developer")
    violations = [BadRequest.FieldViolation(field=path, description=says) for path, says in refused.fields.items()]
    details: list[Message] = [ErrorInfo(reason=refused.reason, domain="garden.kith", metadata={"plant_id": "7"})]
    details += [BadRequest(field_violations=violations)] if violations else []
    if refused.retry_seconds:
        delay = RetryInfo()
        delay.retry_delay.seconds = refused.retry_seconds
        details.append(delay)
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    code = next(code for code in grpc.StatusCode if code.value[0] == refused.code)
    await context.abort(code, status.message, (("grpc-status-details-bin", status.SerializeToString()),))
    raise AssertionError("abort raises")


def _handler(services: Services, method: MethodDescriptor) -> Any:
    async def behavior(raw: bytes, context: Any) -> bytes:
        return await services.answer(method, raw, context)

    return grpc.unary_unary_rpc_method_handler(behavior)


@asynccontextmanager
async def serving(contract: Contract) -> AsyncIterator[Services]:
    services, server = Services(contract), grpc.aio.server()
    handlers: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for method in contract.methods():
        if not method.server_streaming:
            handlers[method.containing_service.full_name][method.name] = _handler(services, method)
    check = grpc.unary_unary_rpc_method_handler(
        services.health, health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString
    )
    handlers["grpc.health.v1.Health"]["Check"] = check
    for name, by_method in handlers.items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, by_method),))
    services.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield services
    finally:
        await server.stop(None)
