"""What identity's process holds beside its database: signing keys, the password threads, who listens for changes."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

from chassis.access.authenticator import Authenticator
from chassis.access.caller import Caller
from chassis.access.keys import PublicKeys
from chassis.access.principals import Principals
from chassis.access.tokens import Tokens
from chassis.access.watch import Change, Withdrawn, watch
from chassis.audit.seal import Seal
from chassis.call import Call, Means
from chassis.clock import now
from chassis.database.session import Database
from chassis.mail.post import UNSAID, Post, nobody
from chassis.sealed.keys import DataKeys, KeyRing
from identity.authentication.passwords import Passwords
from identity.authentication.signing import SigningKeys
from identity.openid.outbound import Outbound
from identity.openid.published import OpenId
from identity.principal.changes import Changes
from identity.principal.directory import Directory
from identity.retention import sweep_always
from identity.settings import AT_HOME, Secrets


class Authority:
    """One a process: what `chassis.run.Access` asks for, from identity's own tables instead of over the network."""

    def __init__(
        self,
        database: Database,
        secrets: Secrets,
        post: Post | None = None,
        public_url: str = AT_HOME,
        outbound: Outbound | None = None,
    ) -> None:
        """Without a `post` mails wait."""
        self._database, self.sealing = database, secrets.sealing
        self.post, self.public_url = post or Post(UNSAID, nobody, secrets.sealing), public_url
        self.openid = OpenId(outbound or Outbound())
        self.seal = Seal(secrets.sealing)
        self.keys = SigningKeys(database, secrets.sealing)
        self.passwords = Passwords()
        self.changes = Changes(database)
        self.directory = Directory(database, secrets.programs())
        self._principals = Principals()
        self._believed = PublicKeys(self.keys.jwks)
        self._data_keys = DataKeys(self._ring)
        self.authenticate = Authenticator(Tokens(self._believed), self._principals, self.directory)

    def means(self, means: Means) -> "IdentityMeans":
        return IdentityMeans(
            means.secret,
            means.neighbours,
            known_by=self._known,
            changed_by=self.directory.role_change,
            data_keys=self._data_keys,
            post=self.post,
            authority=self,
        )

    async def principal(
        self, tenant_id: UUID, user_id: UUID, session_id: UUID | None, api_key_id: UUID | None = None
    ) -> Caller:
        return await self.directory.principal(tenant_id, user_id, session_id, api_key_id)

    async def _known(self, tenant_id: UUID, user_id: UUID) -> Caller:
        return await self.directory.principal(tenant_id, user_id, None)

    async def _ring(self, tenant_id: UUID) -> KeyRing:
        from identity.tenant.data_keys import ring_of  # it works in calls, which are given this

        session = self._database.session(tenant_id)
        call = Call(Caller.system(tenant_id, "identity"), "", session, now(), self.means(Means()))
        try:
            await session.begin()
            ring = await ring_of(call)
        except BaseException:
            await asyncio.shield(session.finish(commit=False))
            raise
        await asyncio.shield(session.finish(commit=True))
        return ring

    async def watch(self) -> None:
        """Until cancelled: keep the signing keys, read who changed, tell whoever listens. Nobody signs in before."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.keys.run())
                tasks.create_task(self.changes.run())
                tasks.create_task(watch(self._heard, self._principals, self._believed))
                tasks.create_task(sweep_always(self._database))
        finally:
            self.passwords.close()

    async def _heard(self) -> AsyncGenerator[Change, None]:
        """What every process hears; this one signs with none of the withdrawn keys any more, either."""
        async for change in self.changes.listen():
            if isinstance(change, Withdrawn):
                await self.keys.keep()
            yield change


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityMeans(Means):
    """What the process gives to each call."""

    authority: Authority


def authority_of(call: Call) -> Authority:
    assert isinstance(call.means, IdentityMeans), "identity's verbs run in identity's process"
    return call.means.authority
