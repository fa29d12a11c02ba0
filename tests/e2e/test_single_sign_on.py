"""The page on single sign-on does what it says: its commands, against the suite and a provider on this machine."""

import asyncio
import json
import os
import re
import subprocess

import httpx

from tests.e2e.suite import ROOT, Suite
from tests.identity.provider import CLIENT_ID, CLIENT_SECRET, providing

PAGES = [ROOT / "docs" / "operator" / f"single-sign-on{end}.md" for end in ("", ".zh")]


def commands(at: int) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", PAGES[at].read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_both_languages_name_the_same_commands() -> None:
    assert commands(0) == commands(1)
    assert len(commands(0)) == 2


async def test_who_follows_the_page_signs_in(suite: Suite) -> None:
    async with providing() as provider:
        provider.person["email"] = "ann@sso.example"
        told = {
            "PATH": os.environ["PATH"], "KITH_URL": suite.demo["url"], "KITH_API_KEY": suite.demo["api_key"],
            "TENANT": suite.demo["tenant"], "ISSUER": provider.issuer, "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET, "no_proxy": "127.0.0.1",
        }  # fmt: skip
        ran = await asyncio.to_thread(
            subprocess.run, ["sh", "-eu", "-c", commands(0)[0]], env=told, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        (found,) = json.loads(ran.stdout[ran.stdout.rindex('{"identityProviders"') :])["identityProviders"]
        async with httpx.AsyncClient(base_url=suite.demo["url"], timeout=30, trust_env=False) as browser:
            gone = await browser.get(f"/v1/session/sso/{found['id']}")
            back = await browser.get(provider.authorize(gone.headers["location"]))
            assert (back.status_code, back.headers["location"]) == (303, "/"), back.text
            assert (await browser.get("/v1/session")).json()["email"] == "ann@sso.example"


def test_a_signing_key_is_revoked_as_the_page_says(suite: Suite) -> None:
    listing, revoking = commands(0)[1].splitlines()
    listed = suite.kith(*listing.split()[1:])
    assert listed.returncode == 0, listed.stderr
    kid = listed.stdout.split()[-1]
    revoked = suite.kith(*revoking.replace("KID", kid).split()[1:])
    assert revoked.returncode == 0, revoked.stdout + revoked.stderr
    assert kid not in suite.kith(*listing.split()[1:]).stdout.split()
