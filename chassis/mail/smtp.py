"""Mail by SMTP: one connection a mail, encrypted unless the operator says that the network is trusted."""

import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from chassis.errors import Unavailable
from chassis.mail.post import MailRefused
from chassis.mail.settings import SCHEMES

SECONDS = 20.0  # a try; shorter than a job's lease
FOR_GOOD = 500  # a reply from here on will be the same next time (RFC 5321, 4.2.1)


class Smtp:
    """Takes mails to the server at `url`; `ca_file` says whom to trust as that server, "" for whom the system does."""

    def __init__(self, url: str, ca_file: str = "") -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or SCHEMES[parts.scheme]
        self._scheme = parts.scheme
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password or "") if parts.username else None
        self._tls = ssl.create_default_context(cafile=ca_file or None) if parts.scheme != "smtp+plain" else None

    async def __call__(self, message: EmailMessage) -> None:
        """Raises Unavailable, also for a wrong password: that is mended by the operator. Raises MailRefused."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._scheme == "smtps",
                start_tls=self._scheme == "smtp",
                tls_context=self._tls,
                timeout=SECONDS,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError) as error:
            if _is_for_good(error):
                raise MailRefused(str(error)) from error
            raise Unavailable("the mail server does not take it now") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable("the mail server is away") from error


def _is_for_good(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(one.code >= FOR_GOOD for one in error.recipients)
    return error.code >= FOR_GOOD
