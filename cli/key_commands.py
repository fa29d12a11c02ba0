"""`kith keys`: what access tokens are signed with, and what sensitive fields are sealed with."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import grpc
import typer

from cli.generated import secrets_of
from cli.health import OPTIONS
from cli.home import Home, Trouble
from cli.said import as_json, say
from cli.suite import Suite

if TYPE_CHECKING:
    from kith.identity.v1.authentication_pb2 import GetJwksResponse, RevokeSigningKeyResponse

app = typer.Typer(no_args_is_help=True, help="The keys of access tokens and of sensitive fields.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
SECONDS = 15.0


@app.command("list")
def list_keys(json: Json = False) -> None:
    """Those that tokens are believed of: in use, to come, and leaving."""
    from kith.identity.v1 import authentication_pb2 as contract  # built when the protos change

    found: GetJwksResponse = _ask("GetJwks", contract.GetJwksRequest(), contract.GetJwksResponse, "")
    kids = [key.kid for key in found.keys]
    as_json(kids) if json else say("\n".join(kids))


@app.command("revoke-signing")
def revoke_signing(kid: Annotated[str, typer.Argument(help="The key, as `kith keys list` names it.")]) -> None:
    """Believe nothing of a key any more, within five seconds everywhere; nobody has to sign in again."""
    from kith.identity.v1 import authentication_pb2 as contract

    request = contract.RevokeSigningKeyRequest(kid=kid)
    told: RevokeSigningKeyResponse = _ask(
        "RevokeSigningKey", request, contract.RevokeSigningKeyResponse, platform_key()
    )
    say(f"{kid} is revoked; tokens are signed with {told.signing_kid}.")


@app.command()
def rotate() -> None:
    """Make another key for the tenant's sensitive fields, while everything runs; what is sealed stays readable."""
    from kith.identity.v1 import authentication_pb2, authentication_pb2_grpc, tenant_pb2, tenant_pb2_grpc

    demo = Home.here().read("demo.json")
    if not demo:
        raise Trouble("Nothing runs; run: kith up")
    told: dict[str, Any] = {"timeout": SECONDS, "metadata": (("authorization", f"Bearer {demo['api_key']}"),)}
    with grpc.insecure_channel(demo["grpc"]["identity"], options=OPTIONS) as channel:
        try:
            me = authentication_pb2_grpc.AuthenticationStub(channel).WhoAmI(authentication_pb2.WhoAmIRequest(), **told)
            request = tenant_pb2.RotateDataKeyRequest(id=me.principal.tenant_id)
            tenant = tenant_pb2_grpc.TenantsStub(channel).RotateDataKey(request, **told)
        except grpc.RpcError as error:
            raise Trouble(f"{error.details()}.") from None
    say(f"{tenant.display_name} has another key; it is used once every process has heard of it, in three minutes.")


def _suite() -> Suite:
    home = Home.here()
    return Suite(home, secrets_of(home))


def platform_key() -> str:
    """KITH_PLATFORM_KEY, else that of the suite on this machine."""
    return os.environ.get("KITH_PLATFORM_KEY") or _suite().secrets["platform_key"]


def address_of_identity() -> str:
    """KITH_IDENTITY_ADDRESS, else where it is on this machine."""
    return os.environ.get("KITH_IDENTITY_ADDRESS") or f"127.0.0.1:{_suite().port('identity')}"


def _ask(rpc: str, request: Any, reply: Any, token: str) -> Any:
    """Of identity, where KITH_IDENTITY_ADDRESS says, else on this machine. Raises Trouble."""
    address = address_of_identity()
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        ask = channel.unary_unary(
            f"/kith.identity.v1.Authentication/{rpc}", type(request).SerializeToString, reply.FromString
        )
        try:
            return ask(request, timeout=SECONDS, metadata=metadata)
        except grpc.RpcError as error:
            raise Trouble(f"identity at {address} does not do it: {error.code().name}: {error.details()}.") from None
