"""What a process that sends mail is told by its environment."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from chassis.config import Settings, Variable
from chassis.mail.post import UNSAID, address_of

SCHEMES = {"smtp": 587, "smtps": 465, "smtp+plain": 25}  # and their ports


def _smtp(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in SCHEMES or not parts.hostname or parts.path.strip("/") or parts.query):
        raise ValueError("is no smtps://, smtp:// or smtp+plain://user:password@host:port")
    if parts.scheme == "smtp+plain" and parts.username:
        raise ValueError("is wrong: smtp+plain would send the password in clear")
    return url


def _sender(text: str) -> str:
    address_of(text)
    return text


class MailSettings(Settings):
    """Without a server and without a folder, mails wait."""

    smtp_url: Annotated[str, AfterValidator(_smtp), Variable("KITH_SMTP_URL", secret=True)] = Field(
        "",
        repr=False,
        description="The server that takes mails: `smtp://user:password@host:587` (STARTTLS, never without), "
        "`smtps://` (TLS from the start) or `smtp+plain://` (a relay on a network that is trusted).",
    )
    smtp_ca_file: Annotated[str, Variable("KITH_SMTP_CA_FILE")] = Field(
        "", description="Whom to trust as that server, in PEM; empty: whom the system trusts."
    )
    mail_from: Annotated[str, AfterValidator(_sender), Variable("KITH_MAIL_FROM")] = Field(
        UNSAID, description="Whom mails are from."
    )
    mail_folder: Annotated[str, Variable("KITH_MAIL_FOLDER")] = Field(
        "", description="Where mails are kept as files instead, for a machine without a mail server."
    )
