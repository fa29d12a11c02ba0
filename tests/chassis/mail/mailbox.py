"""A mail server on this machine that remembers what it was given, and answers as a test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

TAKEN = "250 taken"


@dataclass
class Mailbox:
    """`answers` are given one by one, then TAKEN; what was answered otherwise was heard all the same."""

    answers: list[str] = field(default_factory=list)
    heard: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    port: int = 0
    unknown: str = ""  # who is refused as a recipient

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if address == self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.heard.append(message)
        return self.answers.pop(0) if self.answers else TAKEN

    def let_in(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"right")


@asynccontextmanager
async def mailbox(*answers: str, tls: str = "", ca: Path | None = None) -> AsyncIterator[Mailbox]:
    """`tls` is "", "start" (STARTTLS and a login demanded) or "whole"; the CA is written to `ca`."""
    box, more, context = Mailbox([*answers]), {}, _context(ca) if ca else None
    if tls == "start":
        more = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": box.let_in}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="localhost", **more),  # type: ignore[arg-type]  # options by name
        "127.0.0.1",
        0,
        ssl=context if tls == "whole" else None,
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


def _context(ca: Path) -> ssl.SSLContext:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(ca)
    return context
