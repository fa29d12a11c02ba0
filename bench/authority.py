"""Who asks in a benchmark: an identity in memory, with the real tokens, keys and caches around it."""

import os
from collections.abc import Mapping
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

TENANT, USER, TEAM = (UUID(int=0x0192_A000_0000_7000_8000_0000_0000_0000 + n) for n in (1, 2, 3))
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"  # known, and not sampled: as 99 of 100 are
KID = "bench"
# Made by the process that asks, and handed down to those it starts.
_MADE = orjson.dumps(ECKey.generate_key("P-256").as_dict(private=True)).decode()
_KEY = ECKey.import_key(orjson.loads(os.environ.setdefault("KITH_BENCH_KEY", _MADE)))
GRANTS = {"sales.lead.*": Reach.TEAM, "contacts.*": Reach.TEAM, "sales.*": Reach.TENANT}


class Known:
    """Identity's side: one user, who may work in their team."""

    async def principal(self, tenant_id: UUID, user_id: UUID, session_id: UUID | None) -> Caller:
        return Caller(tenant_id, user_id, GRANTS, (TEAM,), version=1, session_id=session_id)

    async def key_holder(self, digest: bytes) -> Caller:
        return await self.principal(TENANT, USER, None)


def authenticator() -> Authenticator:
    """As a service has it while its watch stream is up."""
    principals = Principals()
    principals.listening()
    return Authenticator(Tokens(PublicKeys(_keys)), principals, Known())


def token() -> str:
    second = int(now().timestamp())
    who = {"sub": str(USER), "tid": str(TENANT), "sid": str(UUID(int=7)), "pv": 1}
    times = {"exp": second + 3600, "iat": second, "jti": os.urandom(8).hex()}
    return sign(_KEY, KID, {"iss": ISSUER, "aud": AUDIENCE, **times, **who})


async def _keys() -> Mapping[str, Any]:
    return {"keys": [{**_KEY.as_dict(private=False), "kid": KID, "use": "sig", "alg": "ES256"}]}
