"""Whether a certificate of what was erased is ours, and says what it said."""

from chassis.audit.seal import is_sealed


def certificate_bytes(document: str) -> bytes:
    """What the seal is over: nothing else that the same key signs begins so."""
    return b"kith privacy certificate\n" + document.encode()


def is_genuine(document: str, seal: str, public_key: str) -> bool:
    return is_sealed(public_key, seal, certificate_bytes(document))
