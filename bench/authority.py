"""Who asks in a benchmark: an identity in memory, with the real tokens, keys and caches around it."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from joserfc.jwk import ECKey

from chassis.access.authenticator import Authenticator
from chassis.access.caller import Caller, Reach
from chassis.access.keys import PublicKeys
from chassis.access.principals import Principals
from chassis.access.tokens import AUDIENCE, ISSUER, Tokens, sign
from chassis.clock import now

TENANT, USER, TEAM, EVERYWHERE = (UUID(int=0x0192_A000_0000_7000_8000_0000_0000_0000 + n) for n in (1, 2, 3, 4))
_MANAGERS, _MOST = TENANT.int + 0x1_0000_0000, 10_000
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"  # known, and not sampled: as 99 of 100 are
KID = "bench"
# Made by the process that asks, and handed down to those it starts.
_MADE = orjson.dumps(ECKey.generate_key("P-256").as_dict(private=True)).decode()
_KEY = ECKey.import_key(orjson.loads(os.environ.setdefault("KITH_BENCH_KEY", _MADE)))
GRANTS = {"sales.lead.*": Reach.TEAM, "contacts.*": Reach.TEAM, "sales.*": Reach.TENANT}


def manager_of(teams: int) -> UUID:
    """Whoever manages the first so many teams, or by a negative number that one, and was shown records of others."""
    return UUID(int=_MANAGERS + teams)


def team(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8000-{number:012}")


class Known:
    """Identity's side: one who may work in their team, one who may everywhere, and managers of many teams or few."""

    async def principal(self, tenant_id: UUID, user_id: UUID, session_id: UUID | None) -> Caller:
        one = Caller(tenant_id, user_id, GRANTS, (TEAM,), version=1, session_id=session_id)
        if user_id == EVERYWHERE:
            return replace(one, grants={"*": Reach.TENANT})
        if abs(teams := user_id.int - _MANAGERS) < _MOST:
            mine, *below = map(team, range(1, teams + 1) if teams > 0 else [-teams])
            shown = frozenset({"contacts.contact"})
            grants = {"*": Reach.TEAM_TREE}
            return replace(one, grants=grants, team_ids=(mine,), teams_below=tuple(below), shared=shown)
        return one

    async def key_holder(self, digest: bytes) -> Caller:
        return await self.principal(TENANT, USER, None)


def authenticator() -> Authenticator:
    """As a service has it while its watch stream is up."""
    principals = Principals()
    principals.listening()
    return Authenticator(Tokens(PublicKeys(_keys)), principals, Known())


def token(user: UUID = USER) -> str:
    second = int(now().timestamp())
    who = {"sub": str(user), "tid": str(TENANT), "sid": str(UUID(int=7)), "pv": 1}
    times = {"exp": second + 3600, "iat": second, "jti": os.urandom(8).hex()}
    return sign(_KEY, KID, {"iss": ISSUER, "aud": AUDIENCE, **times, **who})


async def _keys() -> Mapping[str, Any]:
    return {"keys": [{**_KEY.as_dict(private=False), "kid": KID, "use": "sig", "alg": "ES256"}]}
