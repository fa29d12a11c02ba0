"""What a pattern covers, what is left to a key, and which fields a caller may touch."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.access.caller import NOBODY, Caller, Reach, Right
from chassis.access.grants import covers, is_pattern, matches, within
from chassis.errors import PermissionDenied

ID = UUID(int=7)
PART = st.sampled_from(["*", "sales", "lead", "read", "platform", "audit_entry"])
PATTERNS = st.lists(PART, min_size=1, max_size=3).map(".".join).filter(is_pattern)
PERMISSIONS = st.tuples(*[st.sampled_from(["sales", "lead", "read", "platform", "audit_entry"])] * 3).map(".".join)
REACHES = st.sampled_from([reach for reach in Reach if reach])


def caller(grants: dict[str, Reach], **rights: Right) -> Caller:
    return Caller(ID, ID, grants, field_rights={f"sales.lead.{name}": right for name, right in rights.items()})


@pytest.mark.parametrize(
    ("pattern", "permission", "covered"),
    [
        ("*", "sales.lead.read", True),
        ("sales.*", "sales.lead.read", True),
        ("sales.*", "contacts.account.read", False),
        ("sales.lead.*", "sales.lead.convert", True),
        ("sales.lead.*", "sales.leader.convert", False),
        ("sales.lead.read", "sales.lead.update", False),
        ("*.*.read", "contacts.account.read", True),
        ("*.*.read", "contacts.account.update", False),
        ("*", "identity.platform.read_principal", False),
        ("identity.*", "identity.platform.read_principal", False),
        ("identity.platform.read_principal", "identity.platform.read_principal", True),
        ("*", "identity.audit_entry.read", True),
        ("identity.*", "identity.audit_entry.read", True),
        ("identity.audit_entry.*", "identity.audit_entry.read", True),
        ("*.audit_entry.read", "identity.audit_entry.read", True),
        ("*.*.read", "identity.audit_entry.read", False),
        ("identity.*.read", "identity.audit_entry.read", False),
    ],
)
def test_a_pattern_covers_what_it_says(pattern: str, permission: str, covered: bool) -> None:
    assert matches(pattern, permission) is covered


@pytest.mark.parametrize("text", ["", "sales", "sales.lead", "Sales.*", "sales.*.*.*", "sales..read", "sales.lead.re*"])
def test_what_is_no_pattern_cannot_be_granted(text: str) -> None:
    assert not is_pattern(text)


def test_the_widest_of_several_grants_counts() -> None:
    one = caller({"sales.*": Reach.OWN, "*.*.read": Reach.TENANT})
    assert one.reach("sales.lead.read") is Reach.TENANT
    assert one.reach("sales.lead.update") is Reach.OWN


def test_nobody_may_do_nothing() -> None:
    with pytest.raises(PermissionDenied):
        NOBODY.reach("sales.lead.read")


@given(st.dictionaries(PATTERNS, REACHES), st.lists(PATTERNS), PERMISSIONS)
def test_a_key_has_what_both_its_owner_and_its_scopes_cover(
    grants: dict[str, Reach], scopes: list[str], permission: str
) -> None:
    def reach(grants: dict[str, Reach]) -> Reach:
        return max((r for p, r in grants.items() if matches(p, permission)), default=Reach.NONE)

    scoped = any(matches(scope, permission) for scope in scopes)
    assert reach(within(grants, scopes)) == (reach(grants) if scoped else Reach.NONE)


def test_no_scope_and_no_star_lead_to_what_is_the_platforms() -> None:
    everything = {"*": Reach.TENANT, "identity.*": Reach.TENANT}
    assert within(everything, ["identity.platform.exchange_token"]) == {}
    for wanted in ("identity.platform.exchange_token", "identity.platform.*", "*.platform.*"):
        assert not covers(everything, wanted, Reach.OWN)


@given(st.dictionaries(PATTERNS, REACHES), PATTERNS, REACHES, PERMISSIONS)
def test_who_covers_a_grant_has_all_that_it_gives(
    grants: dict[str, Reach], pattern: str, reach: Reach, permission: str
) -> None:
    if covers(grants, pattern, reach) and matches(pattern, permission):
        assert max(r for p, r in grants.items() if matches(p, permission)) >= reach


def test_field_rights_sort_fields_by_what_may_be_done() -> None:
    one = caller({}, amount=Right.NONE, phone=Right.MASKED, source=Right.READ)
    assert one.hides("sales.lead") == {"amount"}
    assert one.masks("sales.lead") == {"phone"}
    assert one.cannot_filter("sales.lead") == {"amount", "phone"} == one.hidden_names
    assert one.may_not_write("sales.lead") == {"amount", "phone", "source"}
    assert one.hides("sales.opportunity") == one.may_not_write("sales.opportunity") == frozenset()


def test_a_service_may_do_everything_in_the_tenant_but_what_is_the_platforms() -> None:
    one = Caller.system(ID, "sales")
    assert one.reach("contacts.account.create") is Reach.TENANT
    assert one.user_id == Caller.system(UUID(int=8), "sales").user_id != Caller.system(ID, "contacts").user_id
    with pytest.raises(PermissionDenied):
        one.reach("identity.platform.exchange_token")
