"""The examples in docs/examples do what they say, against the suite as it runs."""

import os
import re
import subprocess
import sys

from tests.e2e.suite import ROOT, Suite, ok, until

SECONDS = 120.0
EXAMPLES = ROOT / "docs" / "examples"


def run(suite: Suite, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """As a partner would: with what an example asks for, and of Kith nothing but the stubs."""
    told = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT / "protos" / "gen"), **environ}
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=120)


def test_the_python_client_walks_all_pages(suite: Suite) -> None:
    with suite.client() as admin:
        until(lambda: ok(admin.get("/v1/pipelines"))["pipelines"], SECONDS)  # a new tenant gets one by an event
        stage = ok(admin.get("/v1/stages", params={"filter": "outcome = OPEN"}))["stages"][0]
        for at in range(101):  # one more than a page
            deal = {"displayName": f"商机 {at}", "pipelineId": stage["pipelineId"], "stageId": stage["id"]}
            ok(admin.post("/v1/opportunities", json=deal))
        counted = ok(admin.get("/v1/opportunities", params={"filter": "state = OPEN", "withTotal": True}))["totalSize"]
    address, key = suite.demo["grpc"]["sales"], suite.demo["api_key"]
    ran = run(suite, sys.executable, str(EXAMPLES / "open_deals.py"), KITH_SALES=address, KITH_API_KEY=key)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert len(lines) == len(set(lines)) == counted
    assert counted > 100


def test_the_python_client_says_why_it_was_refused(suite: Suite) -> None:
    address = suite.demo["grpc"]["sales"]
    ran = run(suite, sys.executable, str(EXAMPLES / "open_deals.py"), KITH_SALES=address, KITH_API_KEY="kith_a_b")
    assert (ran.returncode, ran.stderr.strip()) == (1, "UNAUTHENTICATED")


def test_the_walk_with_curl_reaches_its_end(suite: Suite) -> None:
    url, key = suite.demo["url"], suite.demo["api_key"]
    ran = run(suite, "sh", str(EXAMPLES / "main_job.sh"), KITH_URL=url, KITH_API_KEY=key)
    assert ran.returncode == 0, ran.stderr
    assert [line.split()[0] for line in ran.stdout.splitlines()[:4]] == ["contact", "WON", "RESOLVED", "member"]
    assert len(ran.stdout.splitlines()) > 6, ran.stdout  # and what happened, in order


def test_the_walk_with_curl_stops_at_a_refusal(suite: Suite) -> None:
    ran = run(suite, "sh", str(EXAMPLES / "main_job.sh"), KITH_URL=suite.demo["url"], KITH_API_KEY="kith_a_b")
    assert ran.returncode != 0
    assert "UNAUTHENTICATED" in ran.stderr


def test_the_filters_of_the_integrators_page_are_answered(suite: Suite) -> None:
    page = (ROOT / "docs" / "integrator" / "README.md").read_text(encoding="utf-8")
    filters = re.findall(r"^\| `(/v1/\w+)` \| `([^`]+)` \|", page, re.MULTILINE)
    assert len(filters) > 8
    with suite.client() as admin:
        for path, filter in filters:
            ok(admin.get(path, params={"filter": filter}))
        ok(admin.get("/v1/opportunities", params={"orderBy": "close_date desc, create_time"}))
        ok(admin.get("/v1/leads:aggregate", params={"groupBy": "state", "measures": "count"}))
