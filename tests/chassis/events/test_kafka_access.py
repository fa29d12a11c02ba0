"""A broker that wants TLS, a certificate and a password gets them, and nobody comes in without."""

import dataclasses
import subprocess
from collections.abc import Iterator

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from chassis.events.bus import BusAway, Message
from chassis.events.kafka import KafkaBus
from chassis.events.kafka_access import KafkaAccess
from chassis.events.topics import Plan, Topic, Topics
from cli.brokers import Brokers, available, free_ports, java

USER, PASSWORD, TOPIC = "kith", "a-long-password", "secured"


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaAccess]:
    if not available():
        pytest.skip("a broker needs a JDK and Maven")
    folder = tmp_path_factory.mktemp("secured")
    ours, theirs = trustme.CA(), folder / "broker.pem"
    ours.cert_pem.write_to_path(folder / "ca.pem")
    theirs.write_bytes(_for_java(ours.issue_cert("127.0.0.1")))
    ours.issue_cert("kith").private_key_and_cert_chain_pem.write_to_path(folder / "kith.pem")
    *ports, secure = free_ports(3)
    cluster = Brokers.of(folder, 1, ports)
    (broker,) = cluster.members
    name = "listener.name.secure"
    broker.settings |= {
        "listeners": f"{broker.settings['listeners']},SECURE://127.0.0.1:{secure}",
        "advertised.listeners": f"{broker.settings['advertised.listeners']},SECURE://127.0.0.1:{secure}",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
        f"{name}.ssl.keystore.type": "PEM",
        f"{name}.ssl.keystore.location": str(theirs),
        f"{name}.ssl.truststore.type": "PEM",
        f"{name}.ssl.truststore.location": str(folder / "ca.pem"),
        f"{name}.ssl.client.auth": "required",
        f"{name}.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        f"{name}.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    }
    try:
        cluster.start()
        _add_user(cluster)
        pem = str(folder / "kith.pem")
        yield KafkaAccess(f"127.0.0.1:{secure}", True, str(folder / "ca.pem"), pem, "", USER, PASSWORD)
    finally:
        cluster.stop()


def _for_java(made: trustme.LeafCert) -> bytes:
    """Its key in PKCS #8, the only form that Java reads."""
    key = load_pem_private_key(made.private_key_pem.bytes(), password=None)
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pkcs8 + b"".join(each.bytes() for each in made.cert_chain_pems)


def _add_user(cluster: Brokers) -> None:
    command = ["--bootstrap-server", cluster.servers, "--alter", "--entity-type", "users", "--entity-name", USER]
    added = ["--add-config", f"SCRAM-SHA-512=[iterations=4096,password={PASSWORD}]"]
    subprocess.run(java("kafka.admin.ConfigCommand", *command, *added), check=True, capture_output=True, timeout=60)


async def test_whoever_shows_all_of_it_writes_and_reads(access: KafkaAccess) -> None:
    async with Topics(access) as topics:
        await topics.apply(Plan([Topic(TOPIC)]), [Topic(TOPIC)], 1)
    bus = KafkaBus(access)
    try:
        assert await bus.publish([Message(TOPIC, "key", {}, b"said in confidence")]) == [None]
        assert [record.message.value for record in await bus.read([TOPIC])] == [b"said in confidence"]
    finally:
        await bus.close()


@pytest.mark.parametrize(
    "wrong",
    [{"password": "guessed"}, {"user": "nobody"}, {"cert_file": ""}, {"ca_file": ""}, {"tls": False}, {"user": ""}],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_whoever_lacks_one_of_them_hears_that_the_bus_is_away(
    access: KafkaAccess, wrong: dict[str, object]
) -> None:
    bus = KafkaBus(dataclasses.replace(access, **wrong))  # type: ignore[arg-type]  # each its own type
    try:
        with pytest.raises(BusAway):
            await bus.publish([Message(TOPIC, "key", {}, b"pushed in")])
    finally:
        await bus.close()


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(KafkaAccess("127.0.0.1:9092", user="kith", password="secret"))
