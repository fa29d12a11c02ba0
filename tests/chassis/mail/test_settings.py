"""What is said about mail in the environment is either right or stops the process."""

from typing import Any

import pytest
from pydantic import ValidationError

from chassis.mail.folder import Folder
from chassis.mail.post import nobody
from chassis.mail.settings import MailSettings
from chassis.mail.smtp import Smtp
from chassis.mail.told import post_of


def settings(**given: str) -> MailSettings:
    more: dict[str, Any] = given
    return MailSettings(**more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp_url": "mail.example"},
        {"smtp_url": "http://mail.example"},
        {"smtp_url": "smtp://"},
        {"smtp_url": "smtp://mail.example/path"},
        {"smtp_url": "smtp://mail.example?starttls=no"},
        {"smtp_url": "smtp+plain://user:hunter2@mail.example"},
        {"mail_from": "nobody"},
        {"mail_from": ""},
    ],
)
def test_a_wrong_setting_is_refused_and_tells_no_password(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**wrong)
    assert "hunter2" not in str(refused.value)


def test_a_server_goes_before_a_folder_and_a_folder_before_nobody() -> None:
    url = "smtps://user:password@mail.example"
    assert isinstance(post_of(settings(smtp_url=url, mail_folder="x"), "s").deliver, Smtp)
    assert isinstance(post_of(settings(mail_folder="x"), "s").deliver, Folder)
    assert post_of(settings(), "s").deliver is nobody
