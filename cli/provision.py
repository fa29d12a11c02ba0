"""A tenant for whoever starts the suite: asked of identity with the platform's key, with an admin and an API key."""

from typing import Any

import grpc

from cli.health import OPTIONS
from cli.home import Trouble

SECONDS = 15.0
SLUG = "demo"
DISPLAY_NAME = "Demo"
ADMIN_EMAIL = "admin@demo.example"
ADMIN_NAME = "Demo Admin"
KEY_NAME = "made by kith up"


def provision(address: str, platform_key: str, password: str) -> dict[str, str]:
    """Make the tenant `demo` if there is none, and a new API key of its admin; how to come in. Raises Trouble.

    Repeated with the same password it finds the tenant and makes another key, since a key cannot be read again.
    """
    from kith.identity.v1 import api_key_pb2 as keys  # built when the protos change, which may be just before this
    from kith.identity.v1 import authentication_pb2 as authentication
    from kith.identity.v1 import tenant_pb2 as tenants

    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        tenant = tenants.Tenant(
            slug=SLUG,
            display_name=DISPLAY_NAME,
            default_locale="zh-CN",
            default_time_zone="Asia/Shanghai",
            base_currency="CNY",
        )
        _ask(
            channel,
            "/kith.identity.v1.Tenants/ProvisionTenant",
            tenants.ProvisionTenantRequest(
                tenant=tenant,
                provision_id="kith up",
                admin_email=ADMIN_EMAIL,
                admin_display_name=ADMIN_NAME,
                admin_password=password,
            ),
            tenants.Tenant,
            platform_key,
        )
        signed_in = _ask(
            channel,
            "/kith.identity.v1.Authentication/SignIn",
            authentication.SignInRequest(email=ADMIN_EMAIL, password=password, tenant_slug=SLUG, device="kith up"),
            authentication.SignInResponse,
        )
        made = _ask(
            channel,
            "/kith.identity.v1.ApiKeys/CreateApiKey",
            keys.CreateApiKeyRequest(api_key=keys.ApiKey(display_name=KEY_NAME)),
            keys.CreateApiKeyResponse,
            signed_in.access_token,
        )
        _ask(
            channel,
            "/kith.identity.v1.Authentication/SignOut",
            authentication.SignOutRequest(),
            authentication.SignOutResponse,
            signed_in.access_token,
        )
    return {"tenant": SLUG, "email": ADMIN_EMAIL, "password": password, "api_key": made.secret}


def opens(address: str, api_key: str) -> bool:
    """Whether the key is still good. Raises Trouble if identity does not say."""
    from kith.identity.v1 import authentication_pb2 as authentication

    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        ask = channel.unary_unary(
            "/kith.identity.v1.Authentication/WhoAmI",
            authentication.WhoAmIRequest.SerializeToString,
            authentication.WhoAmIResponse.FromString,
        )
        try:
            ask(
                authentication.WhoAmIRequest(),
                timeout=SECONDS,
                metadata=(("authorization", f"Bearer {api_key}"),),
                wait_for_ready=True,
            )
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAUTHENTICATED:
                return False
            raise Trouble(f"identity does not say who the key in demo.json is: {error.details()}.") from None
    return True


def _ask(channel: grpc.Channel, method: str, request: Any, reply: Any, token: str = "") -> Any:
    ask = channel.unary_unary(method, type(request).SerializeToString, reply.FromString)
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    try:
        return ask(request, timeout=SECONDS, metadata=metadata, wait_for_ready=True)
    except grpc.RpcError as error:
        name = method.rpartition("/")[2]
        raise Trouble(f"The tenant {SLUG} cannot be set up: {name}: {error.code().name}: {error.details()}.") from None
