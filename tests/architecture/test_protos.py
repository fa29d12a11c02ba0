"""Every noun of the contract is like every other where it has to be, and each rule about that sees what breaks it."""

import re
import shutil
from pathlib import Path

import pytest

from cli.new_noun import new_noun
from protos.generate import HERE, contract
from tests.architecture.contract import Contract
from tests.architecture.rules_of_protos import RULES, Rule

OPPORTUNITY, STAGE, REASONS = (f"kith/sales/v1/{name}.proto" for name in ("opportunity", "stage", "reasons"))
USER, AUTHENTICATION = (f"kith/identity/v1/{name}.proto" for name in ("user", "authentication"))

# What a contributor might do -> the rule that has to object.
BREAKAGES = [
    ("standard_methods", OPPORTUNITY, '{get: "/v1/opportunities/{id}"}', '{get: "/v1/opportunity/{id}"}'),
    (
        "standard_methods",
        OPPORTUNITY,
        '{permission: "sales.opportunity.update"}',
        '{permission: "sales.opportunity.edit"}',
    ),
    ("standard_methods", OPPORTUNITY, "returns (ListOpportunitiesResponse)", "returns (Board)"),
    ("standard_methods", OPPORTUNITY, "service Opportunities {", "service OpportunityService {"),
    (
        "standard_methods",
        OPPORTUNITY,
        '{zh: "查看商机", en: "View opportunity"}',
        '{zh: "打开商机", en: "Open opportunity"}',
    ),
    ("standard_fields", OPPORTUNITY, "string id = 1 [", "string id = 14 ["),
    ("standard_fields", OPPORTUNITY, "string etag = 2 [", "bytes etag = 2 ["),
    ("standard_fields", OPPORTUNITY, "string account_id = 21", "string account_id = 16"),
    ("standard_fields", OPPORTUNITY, "    custom_fields: true\n", ""),
    ("standard_messages", OPPORTUNITY, "bool with_total = 6;", "bool want_total = 6;"),
    ("standard_messages", OPPORTUNITY, " = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS];", " = 1;"),
    ("standard_messages", OPPORTUNITY, "bool exact_total = 7;", "bool exact_total = 7;\n  // More.\n  bool more = 8;"),
    ("standard_messages", OPPORTUNITY, "string actor_id = 5 [", "string who_id = 5 ["),
    ("labels", OPPORTUNITY, 'label: {zh: "商机", en: "Opportunity"}', 'label: {en: "Opportunity"}'),
    ("labels", OPPORTUNITY, '{zh: "下一步", en: "Next step"}', '{zh: "Next step", en: "Next step"}'),
    ("labels", OPPORTUNITY, '{zh: "续约", en: "Renewal"}', '{zh: "续约"}'),
    ("labels", OPPORTUNITY, '{zh: "推进阶段", en: "Move to stage"}', '{zh: "推进阶段", en: "推进"}'),
    ("labels", OPPORTUNITY, '{zh: "原因", en: "Reason"}', '{en: "Reason"}'),
    ("labels", REASONS, '{zh: "线索已转化", en: "It is converted already"}', '{zh: "线索已转化"}'),
    ("comments", OPPORTUNITY, "  // Who would buy.\n", ""),
    ("comments", OPPORTUNITY, "// The columns of one pipeline.\n", ""),
    ("comments", OPPORTUNITY, "    // The customer bought.\n", ""),
    ("comments", STAGE, "  // What being in a stage means.\n", ""),
    ("permissions", OPPORTUNITY, '"sales.opportunity.move_stage"', '"sales.opportunity.move"'),
    ("permissions", OPPORTUNITY, "{id}:moveStage", "{id}:move_stage"),
    ("permissions", OPPORTUNITY, '    option (kith.v1.access) = {permission: "sales.opportunity.win"};\n', ""),
    (
        "states",
        OPPORTUNITY,
        "  State state = 27 [\n    (google.api.field_behavior) = OUTPUT_ONLY,",
        "  State state = 27 [",
    ),
    ("states", OPPORTUNITY, "State state = 27", "State phase = 27"),
    ("states", OPPORTUNITY, "string next_step = 35", "string status = 35"),
    ("routes", STAGE, '{get: "/v1/stages/{id}"}', '{get: "/v1/opportunities/{id}"}'),
    ("doors", STAGE, '    option (google.api.http) = {get: "/v1/stages/{id}"};\n', ""),
    (
        "doors",
        AUTHENTICATION,
        "rpc GetJwks(GetJwksRequest) returns (GetJwksResponse) {",
        'rpc GetJwks(GetJwksRequest) returns (GetJwksResponse) {\n    option (google.api.http) = {get: "/v1/jwks"};',
    ),
    ("references", OPPORTUNITY, '(kith.v1.reference) = "sales.pipeline"', '(kith.v1.reference) = "sales.funnel"'),
    ("references", OPPORTUNITY, '[(kith.v1.reference) = "contacts.account", ', "["),
    ("changes_are_careful", OPPORTUNITY, "string request_id = 3 [(buf.validate.field).string.max_len = 200];", ""),
    ("changes_are_careful", OPPORTUNITY, "string.max_len = 200];\n  // Answers", "string.max_len = 20];\n  // Answers"),
    ("changes_are_careful", USER, "(kith.v1.personal) = SENSITIVE", "(kith.v1.personal) = IDENTIFYING"),
    ("ids_are_uuids", OPPORTUNITY, "    (buf.validate.field).string.uuid = true,\n", ""),
    ("values", OPPORTUNITY, "closed_time = 32", "closed_at = 32"),
    ("values", OPPORTUNITY, "google.type.Date close_date", "google.type.Date close_day"),
    ("values", OPPORTUNITY, "int32 win_probability_percent", "double win_probability"),
    ("reasons", REASONS, "Example: qualifying it twice.", "Never qualify twice."),
    ("reasons", REASONS, "REASON_NOT_NEW", "NOT_NEW"),
]


@pytest.fixture(scope="module")
def ours() -> Contract:
    return Contract(contract([HERE]))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_contract_keeps_the_rule(ours: Contract, rule: Rule) -> None:
    assert sorted(rule(ours)) == []


@pytest.mark.parametrize(("rule", "file", "old", "new"), BREAKAGES)
def test_the_rule_sees_what_breaks_it(ours: Contract, tmp_path: Path, rule: str, file: str, old: str, new: str) -> None:
    shutil.copytree(HERE / "kith", tmp_path / "kith")
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new), encoding="utf-8")
    broken = Contract(contract([tmp_path]))
    assert set(_rule(rule)(broken)) - set(_rule(rule)(ours))


def test_every_rule_was_seen_broken() -> None:
    assert {rule.__name__ for rule in RULES} == {rule for rule, *_ in BREAKAGES}


@pytest.mark.parametrize(
    ("owned", "journal"), [(True, False), (False, False), (True, True)], ids=["owned", "tenant_wide", "journal"]
)
def test_a_new_noun_keeps_all_rules(tmp_path: Path, owned: bool, journal: bool) -> None:
    shutil.copytree(HERE / "kith", tmp_path / "kith")
    made = new_noun(
        *("sales", "VipPrice", "vip_prices"),
        zh="价格 VIP",
        en="VIP price",
        owned=owned,
        journal=journal,
        protos=tmp_path,
    )
    assert made == tmp_path / "kith/sales/v1/vip_price.proto"
    described = Contract(contract([tmp_path]))
    assert "kith.sales.v1.VipPrice" in described.nouns
    assert [fault for rule in RULES for fault in rule(described) if re.search("vip_?price", fault, re.I)] == []


def test_a_contract_is_never_replaced_and_bad_names_are_refused(tmp_path: Path) -> None:
    def make(title: str = "Quote", plural: str = "quotes", zh: str = "报价", en: str = "Quote") -> Path:
        return new_noun("sales", title, plural, zh=zh, en=en, protos=tmp_path)

    made = make()
    with pytest.raises(FileExistsError):
        make()
    made.unlink()
    for wrong in ({"title": "quote"}, {"plural": "Quotes"}, {"plural": "quote"}, {"zh": "Quote"}, {"en": "报价"}):
        with pytest.raises(ValueError, match=next(iter(wrong.values()))):
            make(**wrong)
    assert not made.exists()


def _rule(name: str) -> Rule:
    return next(rule for rule in RULES if rule.__name__ == name)
