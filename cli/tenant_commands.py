"""`kith tenants`: what whoever runs the suite does with whole tenants."""

import secrets
from typing import Annotated, Any
from uuid import uuid4

import grpc
import typer

from cli.health import OPTIONS
from cli.home import Trouble
from cli.key_commands import address_of_identity, platform_key
from cli.said import as_json, say

app = typer.Typer(no_args_is_help=True, help="Tenants, for whoever runs the suite.")
Slug = Annotated[str, typer.Argument(help="The tenant, by its name in addresses.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the tenant's audit trail.")]
SECONDS = 15.0


@app.command("list")
def list_tenants(json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """All tenants: how each stands, and how many people it has."""
    from kith.identity.v1 import tenant_pb2 as contract  # built when the protos change

    found, token = list[Any](), ""
    while True:
        page = _ask("ListAllTenants", contract.ListAllTenantsRequest(page_size=200, page_token=token))
        found, token = [*found, *page.tenants], page.next_page_token
        if not token:
            break
    rows = [
        {"slug": one.slug, "state": contract.Tenant.State.Name(one.state), "users": one.users, "name": one.display_name}
        for one in found
    ]
    as_json(rows) if json else say("\n".join("  ".join(str(value) for value in row.values()) for row in rows))


@app.command()
def provision(
    slug: Slug,
    name: Annotated[str, typer.Option("--name", help="What the tenant is called.")],
    email: Annotated[str, typer.Option("--email", help="Where its first admin signs in.")],
    admin: Annotated[str, typer.Option("--admin", help="What its first admin is called.")],
    currency: Annotated[str, typer.Option("--currency", help="ISO 4217 code that it counts in, once and for all.")],
    locale: Annotated[str, typer.Option("--locale", help="BCP 47 tag of its language.")] = "en",
    time_zone: Annotated[str, typer.Option("--time-zone", help="IANA name of where its people are.")] = "UTC",
) -> None:
    """Make a tenant and its first admin; says the admin's first password, once."""
    from kith.identity.v1 import tenant_pb2 as contract  # built when the protos change

    password = secrets.token_urlsafe(18)
    request = contract.ProvisionTenantRequest(
        tenant=contract.Tenant(
            slug=slug,
            display_name=name,
            base_currency=currency,
            default_locale=locale,
            default_time_zone=time_zone,
        ),
        provision_id=str(uuid4()),
        admin_email=email,
        admin_display_name=admin,
        admin_password=password,
    )
    tenant = _ask("ProvisionTenant", request)
    say(f"{tenant.slug} is there. {email} signs in with the password {password} and should choose another.")


@app.command()
def suspend(slug: Slug, reason: Reason) -> None:
    """Let nobody of a tenant work until it is resumed; nothing is lost."""
    from kith.identity.v1 import tenant_pb2 as contract

    tenant = _ask("SuspendTenant", contract.SuspendTenantRequest(slug=slug, reason=reason))
    say(f"{tenant.slug} is suspended: within five seconds everybody is out, and what was set for later waits.")


@app.command()
def resume(slug: Slug, reason: Reason) -> None:
    """Let the people of a suspended tenant work again."""
    from kith.identity.v1 import tenant_pb2 as contract

    tenant = _ask("ResumeTenant", contract.ResumeTenantRequest(slug=slug, reason=reason))
    say(f"{tenant.slug} works again; what waited is done within a minute.")


def _ask(rpc: str, request: Any) -> Any:
    """Of identity, with the platform's key. Raises Trouble."""
    from kith.identity.v1 import tenant_pb2_grpc

    metadata = (("authorization", f"Bearer {platform_key()}"),)
    with grpc.insecure_channel(address_of_identity(), options=OPTIONS) as channel:
        try:
            return getattr(tenant_pb2_grpc.TenantsStub(channel), rpc)(request, timeout=SECONDS, metadata=metadata)
        except grpc.RpcError as error:
            raise Trouble(f"{error.details()}.") from None
