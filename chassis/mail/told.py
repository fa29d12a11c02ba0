"""The way to send mail that a process's settings say."""

from pathlib import Path

from chassis.mail.folder import Folder
from chassis.mail.post import Deliver, Post, nobody
from chassis.mail.settings import MailSettings
from chassis.mail.smtp import Smtp


def post_of(settings: MailSettings, secret: str) -> Post:
    """A server goes before a folder. Raises OSError for a CA file that cannot be read."""
    deliver: Deliver = nobody
    if settings.smtp_url:
        deliver = Smtp(settings.smtp_url, settings.smtp_ca_file)
    elif settings.mail_folder:
        deliver = Folder(Path(settings.mail_folder))
    return Post(settings.mail_from, deliver, secret)
