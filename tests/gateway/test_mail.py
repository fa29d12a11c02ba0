"""/mail shows what a machine without a mail server kept, to that machine and to nobody else (S04, S18)."""

from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from tests.gateway.conftest import ORIGIN, Build

HOSTILE = '<script>alert(1)</script> https://kith.example/reset#a&b"c'


def keep(folder: Path, name: str, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["To"], mail["Subject"], mail["Date"] = "ann@acme.example", subject, "Mon, 30 Nov 2026 18:00:00 +0000"
    mail.set_content(text)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.eml").write_bytes(bytes(mail))


def from_(built: Build, folder: Path | str, address: str = "127.0.0.1", base_url: str = ORIGIN) -> httpx.AsyncClient:
    app = built(mail_folder=str(folder)).app
    transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url=base_url)


async def test_mails_are_shown_newest_first_in_the_readers_language(built: Build, tmp_path: Path) -> None:
    keep(tmp_path / "mail", "01", "First", "one")
    keep(tmp_path / "mail", "02", "重置密码", "two")
    async with from_(built, tmp_path / "mail") as browser:
        reply = await browser.get("/mail", headers={"accept-language": "zh-CN"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.text.index("重置密码") < reply.text.index("First")
    assert '<html lang="zh-CN">' in reply.text
    assert "no-store" in reply.headers["cache-control"]


async def test_a_link_can_be_followed_and_nothing_else_in_a_mail_is_html(built: Build, tmp_path: Path) -> None:
    keep(tmp_path / "mail", "01", HOSTILE, HOSTILE)
    async with from_(built, tmp_path / "mail") as browser:
        reply = await browser.get("/mail")
    assert "<script" not in reply.text
    assert '<a href="https://kith.example/reset#a&amp;b&quot;c">' in reply.text
    assert "script-src 'self'" in reply.headers["content-security-policy"]


async def test_without_any_mail_the_page_says_so(built: Build, tmp_path: Path) -> None:
    async with from_(built, tmp_path / "never") as browser:
        assert "No mail yet." in (await browser.get("/mail")).text


@pytest.mark.parametrize(
    ("address", "base_url", "headers"),
    [
        ("10.0.0.7", ORIGIN, {}),
        ("127.0.0.1", "http://rebound.example:8080", {}),  # a stranger's name that points here
        ("127.0.0.1", ORIGIN, {"x-forwarded-for": "10.0.0.7"}),
        ("127.0.0.1", ORIGIN, {"forwarded": "for=10.0.0.7"}),
    ],
)
async def test_nobody_from_elsewhere_sees_that_there_are_mails(
    built: Build, tmp_path: Path, address: str, base_url: str, headers: dict[str, str]
) -> None:
    keep(tmp_path / "mail", "01", "Secret", "secret")
    async with from_(built, tmp_path / "mail", address, base_url) as browser:
        reply = await browser.get("/mail", headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (404, "NO_SUCH_ROUTE")


async def test_with_a_mail_server_there_is_no_such_page(built: Build) -> None:
    async with from_(built, "") as browser:
        assert (await browser.get("/mail")).status_code == 404
