"""Answers the public keys that access tokens are verified with."""

from chassis.call import Call
from identity.authority import authority_of
from kith.identity.v1.authentication_pb2 import GetJwksRequest, GetJwksResponse, JsonWebKey


async def get_jwks(call: Call, request: GetJwksRequest) -> GetJwksResponse:
    """The one in use, the one to come, and those whose last tokens have not ended."""
    return GetJwksResponse(keys=[JsonWebKey(**key) for key in (await authority_of(call).keys.jwks())["keys"]])
