"""A mail is sent for what was done and for nothing else, under one name however often it is tried (ID-15, S18)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from chassis.call import Means
from chassis.calls import Calls
from chassis.clock import now
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.jobs.jobs import kind_of
from chassis.jobs.runner import Runner
from chassis.mail.folder import Folder
from chassis.mail.mail import send, send_mail
from chassis.mail.post import MailRefused, Post, nobody
from chassis.mail.smtp import Smtp
from kith.v1.mail_pb2 import MailText
from tests.chassis.events.world import TENANT, World, until_sql
from tests.chassis.jobs.stories import principals, user
from tests.chassis.jobs.test_jobs import ENDED, running
from tests.chassis.mail.mailbox import Mailbox, mailbox

SENDER, SECRET, SOMEBODY = "Kith <no-reply@kith.example>", "s" * 32, "ann@acme.example"
SAID = MailText(subject="重置密码", text="https://kith.example/reset#secret\n")
SECONDS = 60.0


def post(box: Mailbox | None = None) -> Post:
    return Post(SENDER, Smtp(f"smtp+plain://127.0.0.1:{box.port}") if box else nobody, SECRET)


def calls(world: World, post: Post) -> Calls:
    return replace(world.source, means=Means(post=post))


@asynccontextmanager
async def carrying(world: World, post: Post) -> AsyncIterator[None]:
    async with running(Runner(calls(world, post), world.source_worker, principals, [kind_of(send_mail)])):
        yield


async def test_a_mail_goes_out_for_what_was_committed_and_for_nothing_that_was_undone(world: World) -> None:
    async with mailbox() as box:
        undone = calls(world, post(box)).begin(user(TENANT))
        await undone.session.begin()
        await send(undone, "undone@acme.example", SAID)
        await undone.session.finish(commit=False)
        async with calls(world, post(box)).open(user(TENANT)) as call:
            await send(call, SOMEBODY, SAID)
        async with carrying(world, post(box)):
            await until_sql(world.source_admin, ENDED, 1, seconds=SECONDS)
    (mail,) = box.heard
    assert (mail["To"], mail["Subject"], mail["From"]) == (SOMEBODY, SAID.subject, SENDER)
    assert mail.get_content().replace("\r\n", "\n") == SAID.text
    assert mail["Auto-Submitted"] == "auto-generated"


async def test_s18_what_a_mail_says_is_sealed_as_long_as_it_waits_and_after(world: World) -> None:
    async with calls(world, post()).open(user(TENANT)) as call:
        await send(call, SOMEBODY, SAID)
    (row,) = await world.source_admin.fetch("select id, request from job")
    assert b"secret" not in row["request"]
    assert SAID.subject.encode() not in row["request"]
    with pytest.raises(InvalidTag):  # another mail's seal
        post().opened(new_id(), post().seal(row["id"], SAID))


async def test_every_try_of_one_mail_has_the_same_message_id(world: World) -> None:
    """The first was heard, and its answer was as good as lost."""
    async with mailbox("451 come again") as box:
        async with calls(world, post(box)).open(user(TENANT)) as call:
            await send(call, SOMEBODY, SAID)
        async with carrying(world, post(box)):
            await until_sql(world.source_admin, ENDED, 1, seconds=SECONDS)
    first, second = (str(mail["Message-ID"]) for mail in box.heard)
    assert first == second
    assert first.endswith("@kith.example>")


async def test_what_the_server_will_never_take_is_not_tried_again(world: World) -> None:
    async with mailbox("554 never") as box:
        async with calls(world, post(box)).open(user(TENANT)) as call:
            await send(call, SOMEBODY, SAID)
        async with carrying(world, post(box)):
            await until_sql(world.source_admin, ENDED, 1, seconds=SECONDS)
    assert len(box.heard) == 1
    assert await world.source_admin.fetchval("select attempts from job") == 1


async def test_a_mail_whose_time_is_over_is_not_sent(world: World) -> None:
    async with mailbox() as box:
        async with calls(world, post(box)).open(user(TENANT)) as call:
            await send(call, SOMEBODY, SAID, until=now() - timedelta(seconds=1))
        async with carrying(world, post(box)):
            await until_sql(world.source_admin, ENDED, 1, seconds=SECONDS)
    assert box.heard == []


async def test_an_unknown_recipient_is_refused_and_an_absent_server_is_waited_for() -> None:
    message = post().message(new_id(), SOMEBODY, SAID, now())
    async with mailbox() as box:
        box.unknown = SOMEBODY
        with pytest.raises(MailRefused):
            await Smtp(f"smtp+plain://127.0.0.1:{box.port}")(message)
    with pytest.raises(Unavailable):
        await Smtp(f"smtp+plain://127.0.0.1:{box.port}")(message)
    with pytest.raises(Unavailable):
        await nobody(message)


@pytest.mark.parametrize(("scheme", "tls"), [("smtp", "start"), ("smtps", "whole")])
async def test_it_travels_encrypted_to_a_server_that_is_known(tmp_path: Path, scheme: str, tls: str) -> None:
    message, ca = post().message(new_id(), SOMEBODY, SAID, now()), tmp_path / "ca.pem"
    login = "kith%40acme:right@" if tls == "start" else ""
    async with mailbox(tls=tls, ca=ca) as box:
        await Smtp(f"{scheme}://{login}localhost:{box.port}", str(ca))(message)
        assert len(box.heard) == 1
        with pytest.raises(Unavailable):  # nobody known vouches for this server
            await Smtp(f"{scheme}://{login}localhost:{box.port}")(message)
        if tls == "start":
            assert box.logins == [(b"kith@acme", b"right")]
            with pytest.raises(Unavailable):  # the operator mends it; the mail is not lost for it
                await Smtp(f"smtp://kith:wrong@localhost:{box.port}", str(ca))(message)
    assert len(box.heard) == 1


async def test_without_starttls_nothing_is_sent_that_was_to_be_encrypted() -> None:
    message = post().message(new_id(), SOMEBODY, SAID, now())
    async with mailbox() as box:
        with pytest.raises(Unavailable):
            await Smtp(f"smtp://localhost:{box.port}")(message)
    assert box.heard == []


async def test_without_a_server_mails_are_files_of_one_person(tmp_path: Path) -> None:
    folder, id = Folder(tmp_path / "mail"), new_id()
    for _ in range(2):  # the second try of one mail
        await folder(post().message(id, SOMEBODY, SAID, now()))
    (file,) = (tmp_path / "mail").iterdir()
    assert file.name == f"{id}.eml"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert message_from_bytes(file.read_bytes(), policy=default)["Subject"] == SAID.subject


@pytest.mark.parametrize("subject", ["a\nBcc: eve@evil.example", "a\r\n\r\nbody"])
def test_no_subject_begins_a_header_of_its_own(subject: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed"):
        post().message(new_id(), SOMEBODY, MailText(subject=subject, text="x"), now())


@pytest.mark.parametrize("address", ["ann@acme.example\nBcc: eve@evil.example", "a@b.example, c@d.example", "ann"])
def test_a_mail_is_for_one_address(address: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        post().message(new_id(), address, SAID, now())
