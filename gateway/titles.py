"""What a person reads when a request is refused: the label of its reason, in both languages."""

from google.protobuf.descriptor import EnumDescriptor
from google.rpc.code_pb2 import Code

from gateway.contract import Contract, Label, label
from gateway.problems import EVERYBODYS
from kith.v1 import options_pb2

ENUM = "Reason"


class Titles:
    """Read from every enum called `Reason` or `…Reason` of the contract; a reason without label has its code's.

    Two services may say the same word, each of what is its own: NOT_OPEN of a task, of an opportunity, of a case.
    """

    def __init__(self, contract: Contract) -> None:
        self.by_domain: dict[str, dict[str, Label]] = {}
        for enum in contract.enums():
            if enum.name.endswith(ENUM):
                prefix, said = _shouted(enum.name) + "_", self.by_domain.setdefault(_domain(enum), {})
                for value in enum.values:
                    if words := label(value.GetOptions().Extensions[options_pb2.value_label]):
                        said[value.name.removeprefix(prefix)] = words
        self._known = {reason: words for said in self.by_domain.values() for reason, words in said.items()}

    def of(self, reason: str, code: int, language: str, domain: str = "") -> str:
        """`domain` is whose reason it is, as in ErrorInfo: "sales.kith"."""
        known = (
            self.by_domain.get(domain, {}).get(reason)
            or self._known.get(reason)
            or self._known.get(Code.Name(code) if code in Code.values() else "")
        )
        return known[language] if known else reason.replace("_", " ").capitalize()


def _domain(enum: EnumDescriptor) -> str:
    """`sales.kith` of kith.sales.v1; of kith.v1, which everybody may say, EVERYBODYS."""
    owner = enum.file.package.split(".")[-2]
    return EVERYBODYS if owner == EVERYBODYS else f"{owner}.{EVERYBODYS}"


def _shouted(title: str) -> str:
    return "".join(f"_{c}" if c.isupper() and n else c for n, c in enumerate(title)).upper()
