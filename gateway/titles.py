"""What a person reads when a request is refused: the label of its reason, in both languages."""

from google.rpc.code_pb2 import Code

from gateway.contract import Contract, Label, label
from kith.v1 import options_pb2

ENUM = "Reason"


class Titles:
    """Read from every enum called `Reason` or `…Reason` of the contract; a reason without label has its code's."""

    def __init__(self, contract: Contract) -> None:
        self.known: dict[str, Label] = {}
        for enum in contract.enums():
            if enum.name.endswith(ENUM):
                prefix = _shouted(enum.name) + "_"
                for value in enum.values:
                    if said := label(value.GetOptions().Extensions[options_pb2.value_label]):
                        self.known[value.name.removeprefix(prefix)] = said

    def of(self, reason: str, code: int, language: str) -> str:
        known = self.known.get(reason) or self.known.get(Code.Name(code) if code in Code.values() else "")
        return known[language] if known else reason.replace("_", " ").capitalize()


def _shouted(title: str) -> str:
    return "".join(f"_{c}" if c.isupper() and n else c for n, c in enumerate(title)).upper()
