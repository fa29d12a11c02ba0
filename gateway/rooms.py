"""The hand-written rooms, by path: everything that is not an rpc."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.rpc.code_pb2 import Code
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from gateway.answers import without_body
from gateway.files import ACCOUNT_PAGES as PAGES
from gateway.files import Files, no_such_route
from gateway.incoming import Incoming
from gateway.limit_rooms import LimitRooms
from gateway.live.rooms import LiveRooms
from gateway.mail import MailRooms
from gateway.problems import Problem
from gateway.schema.rooms import SchemaRooms
from gateway.session.accounts import ACTS, AccountRooms
from gateway.session.rooms import SessionRooms
from gateway.session.second_factor import SecondFactorRooms
from gateway.session.sso import SsoRooms
from gateway.views.home import HOME
from gateway.views.overviews import ACCOUNT, CONTACT
from gateway.views.rooms import ViewRooms
from gateway.vitals import VitalRooms

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Room:
    """One path; `public` says why nobody need be signed in, and is empty where they must be."""

    path: str
    doors: dict[str, Endpoint]  # by HTTP method
    public: str = ""


@dataclass(frozen=True)
class Rooms:
    session: SessionRooms
    sso: SsoRooms
    accounts: AccountRooms
    second_factor: SecondFactorRooms
    views: ViewRooms
    live: LiveRooms
    limits: LimitRooms
    vitals: VitalRooms
    schema: SchemaRooms
    files: Files
    mail: MailRooms
    openapi: Endpoint
    asyncapi: Endpoint
    contract: Endpoint

    def all(self) -> list[Room]:
        session, views, vitals = self.session, self.views, self.vitals
        return [
            Room("/v1/session", {"POST": session.sign_in}, "the e-mail and password are the credential"),
            Room("/v1/session", {"GET": session.show, "DELETE": session.sign_out}),
            Room("/v1/session:refresh", {"POST": session.refresh}, "the refresh token is the credential"),
            Room("/v1/session/sso/callback", {"GET": self.sso.callback}, "the provider's answer is the credential"),
            Room("/v1/session/sso/{provider}:link", {"POST": self.sso.link}),
            Room("/v1/session/sso/{provider}", {"GET": self.sso.begin}, "the provider says who somebody is"),
            Room("/v1/session:verifyMfa", {"POST": self.second_factor.verify}),
            Room("/v1/session:confirmMfa", {"POST": self.second_factor.confirm}),
            *(Room(act.path, {"POST": self.accounts.room(act)}, act.public) for act in ACTS),
            *(Room(path, {"GET": self.files.account}, "a form; what it asks for is the credential") for path in PAGES),
            Room("/v1/contacts/{id}/overview", {"GET": views.overview(CONTACT)}),
            Room("/v1/accounts/{id}/overview", {"GET": views.overview(ACCOUNT)}),
            Room("/v1/search", {"GET": views.search}),
            Room("/v1/schema", {"GET": self.schema.show}),
            Room("/v1/home", {"GET": views.of_caller(HOME)}),
            Room("/v1/events/stream", {"GET": self.live.stream}),
            Room("/v1/limits", {"GET": self.limits.show}, "limits of an address are its own"),
            Room("/openapi.json", {"GET": self.openapi}, "the contract is public"),
            Room("/asyncapi.json", {"GET": self.asyncapi}, "the contract is public"),
            Room("/contract.binpb", {"GET": self.contract}, "the contract is public"),
            Room("/docs", {"GET": self.files.docs}, "the contract is public"),
            Room(
                "/mail", {"GET": self.mail.show}, "mails of a machine without a mail server, told to that machine only"
            ),
            Room("/healthz", {"GET": vitals.alive}, "says only that this process answers"),
            Room("/readyz", {"GET": vitals.ready}, "says only which services answer"),
            Room("/metrics", {"GET": vitals.metrics}, "numbers without tenants or people; not routed from outside"),
            Room(FILES, {"GET": self.files.serve}, "the web client's files"),
        ]

    def router(self) -> Router:
        """A path with no door for a method is refused as everything else is: with a problem."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for room in self.all():
            by_path.setdefault(room.path, {}).update(room.doors)
        routes = [Route(path, Opened(path, doors)) for path, doors in by_path.items()]
        return Router(routes, redirect_slashes=False, default=_nowhere)


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Where even the files' pattern ends, as at a line break; Starlette's own answer is no problem+json."""
    raise no_such_route()


FILES = "/{path:path}"


class Opened:
    """The doors of one path as plain ASGI, which Starlette's Route hands every method, known or not."""

    def __init__(self, path: str, doors: dict[str, Endpoint]) -> None:
        self._path, self._doors = path, doors
        self._allowed = ", ".join(sorted({*doors, "OPTIONS", *(["HEAD"] if "GET" in doors else [])}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Problem."""
        incoming: Incoming = scope["kith"]
        incoming.route = "files" if self._path == FILES else self._path
        door = self._doors.get("GET" if scope["method"] == "HEAD" else scope["method"])
        if door:
            response = await door(Request(scope, receive, send))
        elif self._path == FILES:
            raise no_such_route()
        elif scope["method"] == "OPTIONS":
            response = Response(b"", 204, {"allow": self._allowed})
        else:
            raise Problem(Code.UNIMPLEMENTED, "METHOD_NOT_ALLOWED", "", headers={"allow": self._allowed})
        await response(scope, receive, without_body(send) if scope["method"] == "HEAD" else send)
