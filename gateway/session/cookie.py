"""Cookies of ours: what one is called, how it is set, how it is taken back."""

from dataclasses import dataclass

from starlette.requests import cookie_parser

from gateway.incoming import Incoming

DEVICE = "kith-device"


@dataclass(frozen=True)
class Cookie:
    """`__Host-` binds it to this very host over https; on loopback http browsers would refuse that name."""

    secure: bool
    called: str = "kith"

    @property
    def name(self) -> str:
        return f"__Host-{self.called}" if self.secure else self.called

    def read(self, incoming: Incoming) -> str:
        """The secret in it; "" for none."""
        if b"cookie" not in incoming.headers:
            return ""
        return cookie_parser(incoming.header(b"cookie")).get(self.name, "")

    def set(self, secret: str, seconds: int) -> str:
        return f"{self.name}={secret}; Max-Age={seconds}; {self._attributes}"

    def clear(self) -> str:
        return f"{self.name}=; Max-Age=0; {self._attributes}"

    @property
    def _attributes(self) -> str:
        return "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if self.secure else "")
