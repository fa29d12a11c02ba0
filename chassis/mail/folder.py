"""Mail for a machine without a mail server: each a file that its person can read, and nobody else there."""

import asyncio
import os
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path


class Folder:
    """Keeps mails as `<id>.eml`; a second try of one writes over the first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, message: EmailMessage) -> None:
        await asyncio.to_thread(self._keep, message)

    def _keep(self, message: EmailMessage) -> None:
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        unfinished = self._path / f".{name}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes(policy=SMTP))
        unfinished.replace(self._path / f"{name}.eml")
