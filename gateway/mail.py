"""GET /mail: the mails that a machine without a mail server kept as files, for whoever sits at that machine."""

import asyncio
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import escape
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.config import LOOPBACK
from gateway.files import POLICY, no_such_route
from gateway.incoming import Incoming
from gateway.language import language_of

MOST = 50  # the newest; the rest are in the folder
LINK = re.compile(r"https?://[^\s<>\"']+")
WORDS = {
    "en": ("Mail", "No mail server is set up here, so mails stay on this machine.", "No mail yet."),
    "zh": ("邮件", "此环境未配置邮件服务器，邮件保存在本机。", "暂无邮件。"),
}
LANG = {"en": "en", "zh": "zh-CN"}


class MailRooms:
    """`folder` is where identity keeps them; "" where it has a server to send them by."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None

    async def show(self, request: Request) -> Response:
        """A link in a mail is as good as a password, so the page is there for browsers of this machine alone.

        Raises Problem(NO_SUCH_ROUTE) for everybody else.
        """
        incoming: Incoming = request.scope["kith"]
        if self._folder is None or not _is_at_home(incoming):
            raise no_such_route()
        mails = await asyncio.to_thread(_newest, self._folder)
        page = _page(mails, language_of(incoming.header(b"accept-language")))
        headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
        return Response(page, 200, headers, "text/html; charset=utf-8")


def _is_at_home(incoming: Incoming) -> bool:
    """By the connection, and by the name it was reached under: a stranger's name may be made to point at us."""
    try:
        local = ip_address(incoming.address).is_loopback
    except ValueError:
        return False
    forwarded = b"x-forwarded-for" in incoming.headers or b"forwarded" in incoming.headers
    return local and not forwarded and urlsplit(f"//{incoming.header(b'host')}").hostname in LOOPBACK


def _newest(folder: Path) -> list[EmailMessage]:
    """Their names sort by when they were written."""
    files = sorted(folder.glob("*.eml"), reverse=True)[:MOST]
    read = (message_from_bytes(file.read_bytes(), policy=default) for file in files)
    return [message for message in read if isinstance(message, EmailMessage)]


def _page(mails: list[EmailMessage], language: str) -> str:
    title, says, none = WORDS[language]
    shown = "".join(map(_shown, mails)) or f"<p>{none}</p>"
    return (
        f'<!doctype html>\n<html lang="{LANG[language]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<link rel="icon" href="/docs/icon.svg">\n'
        '<link rel="stylesheet" href="/docs/account.css">\n</head>\n'
        f'<body class="mails">\n<main>\n<h1>{title}</h1>\n<p class="quiet">{says}</p>\n'
        f"{shown}\n</main>\n</body>\n</html>\n"
    )


def _shown(mail: EmailMessage) -> str:
    said = escape(str(mail.get_content()))
    linked = LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', said)
    return (
        f"<article>\n<h2>{escape(str(mail['Subject']))}</h2>\n"
        f'<p class="quiet">{escape(str(mail["To"]))} · {escape(str(mail["Date"]))}</p>\n'
        f'<p class="said">{linked}</p>\n</article>\n'
    )
