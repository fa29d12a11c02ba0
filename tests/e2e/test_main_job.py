"""A customer walks through all five services: from a lead to the whole picture, by hand and by event (E2E, B-01)."""

from typing import Any

import httpx

from tests.e2e.suite import Suite, ok, until

PROMISED_SECONDS = 2.0  # from the win to the whole picture; the machine may be busy, so it is told, not asserted
LONGEST_SECONDS = 120.0


def post(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    return ok(client.post(path, json=body))


def test_a_lead_becomes_a_customer_with_a_case_and_a_segment(suite: Suite) -> None:
    with suite.client() as admin:
        segment = post(admin, "/v1/segments", displayName="Customers won this year", filter="last_won_time = this_year")
        until(lambda: ok(admin.get("/v1/pipelines"))["pipelines"], LONGEST_SECONDS)
        lead = post(
            admin,
            "/v1/leads",
            displayName="欧阳明",
            company="成都远景机器人有限公司",
            phones=[{"number": "138 0013-8000"}],
            emails=[{"address": "ouyang@example.com"}],
            source="website",
        )
        assert lead["phones"][0]["number"] == "+8613800138000"
        post(admin, f"/v1/leads/{lead['id']}:qualify")
        converted = post(
            admin,
            f"/v1/leads/{lead['id']}:convert",
            opportunityDisplayName="十台机器人",
            amount={"currencyCode": "CNY", "units": "125000"},
        )
        assert converted["state"] == "CONVERTED"
        again = post(
            admin,
            f"/v1/leads/{lead['id']}:convert",
            opportunityDisplayName="十台机器人",
            amount={"currencyCode": "CNY", "units": "125000"},
        )
        assert (again["contactId"], again["opportunityId"]) == (converted["contactId"], converted["opportunityId"])

        opportunity = ok(admin.get(f"/v1/opportunities/{converted['opportunityId']}"))
        stages = ok(admin.get("/v1/stages", params={"filter": f'pipeline_id = "{opportunity["pipelineId"]}"'}))[
            "stages"
        ]
        next_stage = sorted(stages, key=lambda stage: stage["position"])[1]
        post(admin, f"/v1/opportunities/{opportunity['id']}:moveStage", stageId=next_stage["id"])
        won = post(admin, f"/v1/opportunities/{opportunity['id']}:win")
        assert won["state"] == "WON"

        def onboarding() -> dict[str, Any] | None:
            found = ok(admin.get("/v1/cases", params={"filter": f'opportunity_id = "{won["id"]}"'}))["cases"]
            assert len(found) <= 1
            return found[0] if found else None

        case = until(onboarding, LONGEST_SECONDS)
        assert (case["type"], case["contactId"]) == ("ONBOARDING", converted["contactId"])
        post(admin, f"/v1/cases/{case['id']}:reply", body="欢迎！我们周一上门安装。")
        post(admin, f"/v1/cases/{case['id']}:resolve", resolution="已安装")

        def member() -> list[Any]:
            filter = f'segment_id = "{segment["id"]}" AND contact_id = "{converted["contactId"]}"'
            memberships: list[Any] = ok(admin.get("/v1/segmentMemberships", params={"filter": filter}))[
                "segmentMemberships"
            ]
            return memberships

        assert not until(member, LONGEST_SECONDS)[0].get("leftTime")

        def whole() -> dict[str, Any] | None:
            picture = ok(admin.get(f"/v1/contacts/{converted['contactId']}/overview"))
            sources = " ".join(one["source"] for one in picture["timeline"])
            there = all(event in sources for event in ("lead.converted", "opportunity.won", "case.resolved"))
            return picture if there else None

        picture = until(whole, LONGEST_SECONDS)
        assert not picture["missing"]
        assert picture["contact"]["displayName"] == "欧阳明"
        times = [one["interactionTime"] for one in picture["timeline"]]
        assert times == sorted(times, reverse=True)
