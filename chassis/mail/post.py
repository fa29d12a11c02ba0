"""A process's way to send mail: who it is from, what seals it while it waits, and who takes it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from uuid import UUID

from chassis.errors import Unavailable
from chassis.sealed.sealer import Sealer
from kith.v1.mail_pb2 import MailText

UNSAID = "Kith <no-reply@kith.localhost>"  # whom mails are from until somebody says so
# Raises Unavailable while nobody takes it, and MailRefused when nobody ever will.
Deliver = Callable[[EmailMessage], Awaitable[None]]


class MailRefused(Exception):
    """The server will not take this mail, however often it is asked."""


async def nobody(message: EmailMessage) -> None:
    """Where neither a server nor a folder is told of. Raises Unavailable."""
    raise Unavailable("nobody takes mails here: KITH_SMTP_URL is not set")


class Post:
    """One a process. `secret` seals what waits; the same in all replicas."""

    def __init__(self, sender: str, deliver: Deliver, secret: str) -> None:
        self.sender, self.deliver = address_of(sender), deliver
        self._sealer = Sealer.of("kith mail", secret)

    def seal(self, id: UUID, said: MailText) -> bytes:
        return self._sealer.seal(id.bytes, said.SerializeToString())

    def opened(self, id: UUID, sealed: bytes) -> MailText:
        """Raises InvalidTag for what another secret sealed, or for another mail."""
        return MailText.FromString(self._sealer.open(id.bytes, sealed))

    def message(self, id: UUID, address: str, said: MailText, date: datetime) -> EmailMessage:
        """The same `Message-ID` for the same `id`, by which whoever gets it twice knows it for one (RFC 5322, 3.6.4).

        Raises ValueError for an address or a subject that would begin a header of its own.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, Address(addr_spec=address), said.subject
        message["Date"], message["Message-ID"] = format_datetime(date), f"<{id}@{self.sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office reply wanted (RFC 3834)
        message.set_content(said.text)
        return message


def address_of(text: str) -> Address:
    """`Kith <no-reply@kith.example>`. Raises ValueError for what is no address."""
    name, spec = parseaddr(text)
    if not spec or "@" not in spec:
        raise ValueError("is no address such as Kith <no-reply@kith.example>")
    return Address(display_name=name, addr_spec=spec)
