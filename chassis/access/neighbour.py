"""Identity as every other service sees it: over the network, with that service's own key."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from chassis.access.authenticator import Authenticator
from chassis.access.caller import Caller, RoleChange
from chassis.access.keys import PublicKeys
from chassis.access.principal import caller_of
from chassis.access.principals import Principals
from chassis.access.tokens import Tokens
from chassis.access.watch import Change, Withdrawn, watch
from chassis.call import Means
from chassis.sealed.keys import DataKeys, KeyRing
from chassis.sealed.sealer import Sealer
from chassis.transport.client import M, Neighbours
from kith.identity.v1 import authentication_pb2 as contract
from kith.identity.v1 import sharing_pb2 as sharing

METHODS = contract.DESCRIPTOR.services_by_name["Authentication"].methods_by_name
NOTE_SHARE = sharing.DESCRIPTOR.services_by_name["Sharing"].methods_by_name["NoteShare"]
DEADLINE_SECONDS = 3.0


class Authentication:
    """All that a service needs to know its callers: `authenticate` goes to the pipeline, `watch` runs beside it."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours
        self._principals = Principals()
        self._keys = PublicKeys(self.keys)
        self.authenticate = Authenticator(Tokens(self._keys), self._principals, self)

    async def watch(self) -> None:
        """Until cancelled. Without it every call asks identity anew."""
        await watch(self._changes, self._principals, self._keys)

    def means(self, means: Means) -> Means:
        keys = DataKeys(self._data_keys)
        return replace(means, data_keys=keys, known_by=self._known, changed_by=self._changed, shown_to=self._shown_to)

    async def keys(self) -> Mapping[str, Any]:
        return MessageToDict(await self._ask("GetJwks", contract.GetJwksRequest(), contract.GetJwksResponse))

    async def principal(
        self, tenant_id: UUID, user_id: UUID, session_id: UUID | None, api_key_id: UUID | None = None
    ) -> Caller:
        request = contract.GetPrincipalRequest(
            tenant_id=str(tenant_id),
            user_id=str(user_id),
            session_id=str(session_id) if session_id else "",
            api_key_id=str(api_key_id) if api_key_id else "",
        )
        return caller_of(await self._ask("GetPrincipal", request, contract.Principal), session_id)

    async def _data_keys(self, tenant_id: UUID) -> KeyRing:
        request = contract.GetDataKeysRequest(tenant_id=str(tenant_id))
        told = await self._ask("GetDataKeys", request, contract.GetDataKeysResponse)
        return KeyRing(told.current, {one.version: Sealer(one.key) for one in told.keys}, told.digest_key)

    async def _known(self, tenant_id: UUID, user_id: UUID) -> Caller:
        """Kept as long as a caller is."""
        who = tenant_id, user_id
        return await self._principals.get((*who, None), lambda: self.principal(*who, None), who)

    async def _changed(self, tenant_id: UUID, change: Message) -> RoleChange:
        request = contract.GetRoleChangeRequest(tenant_id=str(tenant_id))
        request.change.MergeFrom(change)  # type: ignore[arg-type]  # the chassis knows no role
        told = await self._ask("GetRoleChange", request, contract.GetRoleChangeResponse)
        return RoleChange(told.user_count, [(caller_of(one.before), caller_of(one.after)) for one in told.holders])

    async def _shown_to(self, tenant_id: UUID, noun: str, grantee: UUID, is_team: bool) -> bool:
        request = sharing.NoteShareRequest(tenant_id=str(tenant_id), noun=noun)
        setattr(request, "team_id" if is_team else "user_id", str(grantee))
        reply = sharing.NoteShareResponse
        said = await self._neighbours.call(NOTE_SHARE, request, reply, as_=None, deadline_seconds=DEADLINE_SECONDS)
        return said.is_there

    async def key_holder(self, digest: bytes) -> Caller:
        return caller_of(
            await self._ask("GetKeyHolder", contract.GetKeyHolderRequest(digest=digest), contract.Principal)
        )

    async def _ask(self, method: str, request: Message, reply: type[M]) -> M:
        return await self._neighbours.call(METHODS[method], request, reply, as_=None, deadline_seconds=DEADLINE_SECONDS)

    async def _changes(self) -> AsyncGenerator[Change, None]:
        request = contract.WatchPrincipalsRequest()
        stream = self._neighbours.stream(METHODS["WatchPrincipals"], request, contract.WatchPrincipalsResponse)
        async for said in stream:
            if said.withdrawn_kid:
                yield Withdrawn(said.withdrawn_kid)
            else:
                yield (UUID(said.tenant_id), UUID(said.user_id) if said.user_id else None) if said.tenant_id else None
