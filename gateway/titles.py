"""What a person reads when a request is refused: the label of its reason, in both languages."""

from google.protobuf.descriptor import EnumDescriptor
from google.rpc.code_pb2 import Code

from gateway.contract import Contract, Label, label
from kith.v1 import options_pb2

ENUM = "Reason"


class Titles:
    """Read from every enum called `Reason` or `…Reason` of the contract; a reason without label has its code's.

    Two services may say the same word, each of what is its own: NOT_OPEN of a task, of an opportunity, of a case.
    """

    def __init__(self, contract: Contract) -> None:
        self.known: dict[str, Label] = {}
        self._of_domain: dict[tuple[str, str], Label] = {}
        for enum in contract.enums():
            if enum.name.endswith(ENUM):
                prefix = _shouted(enum.name) + "_"
                for value in enum.values:
                    if said := label(value.GetOptions().Extensions[options_pb2.value_label]):
                        reason = value.name.removeprefix(prefix)
                        self.known[reason] = self._of_domain[_domain(enum), reason] = said

    def of(self, reason: str, code: int, language: str, domain: str = "") -> str:
        """`domain` is whose reason it is, as in ErrorInfo: "sales.kith"."""
        known = (
            self._of_domain.get((domain, reason))
            or self.known.get(reason)
            or self.known.get(Code.Name(code) if code in Code.values() else "")
        )
        return known[language] if known else reason.replace("_", " ").capitalize()


def _domain(enum: EnumDescriptor) -> str:
    """`sales.kith` of kith.sales.v1."""
    return f"{enum.file.package.split('.')[-2]}.kith"


def _shouted(title: str) -> str:
    return "".join(f"_{c}" if c.isupper() and n else c for n, c in enumerate(title)).upper()
