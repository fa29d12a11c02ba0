"""Files for browsers: the docs page, the start page, and the web client where it is built.

They are read at start-up and served from memory: what is not there then is never looked for on the disk, so no path a
client sends can leave the folder.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from google.rpc.code_pb2 import Code
from starlette.requests import Request
from starlette.responses import Response

from gateway.answers import is_known
from gateway.problems import Problem

PAGES = Path(__file__).parent / "pages"
TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png",
    ".ico": "image/x-icon", ".woff2": "font/woff2", ".webp": "image/webp", ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}  # fmt: skip
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FOR_EVER = "public, max-age=31536000, immutable"  # of files whose name changes with what is in them
ASK_AGAIN = "no-cache"
INDEX = "index.html"
# Where people sign in and follow links to: one page that looks at its own address.
ACCOUNT_PAGES = ("/sign-in", "/forgot", "/reset", "/invitation", "/confirm-email", "/second-factor")


@dataclass(frozen=True)
class File:
    body: bytes
    media_type: str
    cache_control: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'

    def response(self, request: Request) -> Response:
        headers = {"etag": self.etag, "cache-control": self.cache_control, "content-security-policy": POLICY}
        if is_known(self.etag, request.headers.get("if-none-match", "")):
            return Response(b"", 304, headers)
        return Response(self.body, 200, headers, self.media_type)


class Files:
    """`client` is the built web client; without it `/` is the start page."""

    def __init__(self, client: Path) -> None:
        self._pages = {f"/docs/{file.name}": _read(file, ASK_AGAIN) for file in sorted(PAGES.iterdir())}
        self._client = {
            f"/{file.relative_to(client).as_posix()}": _read(file, _freshness(file.relative_to(client)))
            for file in sorted(client.rglob("*"))
            if file.is_file() and file.suffix in TYPES
        }

    @property
    def names(self) -> list[str]:
        """Every path that answers with a file."""
        return ["/", "/docs", *self._pages, *self._client]

    async def docs(self, request: Request) -> Response:
        return self._pages["/docs/docs.html"].response(request)

    async def account(self, request: Request) -> Response:
        return self._pages["/docs/account.html"].response(request)

    async def serve(self, request: Request) -> Response:
        """A file, or the client's one page for the paths that it routes itself. Raises Problem(NO_SUCH_ROUTE)."""
        path = request.url.path
        found = self._pages.get(path) or self._client.get(path)
        if found is None and (path == "/" or (self._client and _is_a_page(path))):
            found = self._client.get(f"/{INDEX}") or self._pages["/docs/start.html"]
        if found is None:
            raise no_such_route()
        return found.response(request)


def _is_a_page(path: str) -> bool:
    return not path.startswith("/v1") and "." not in path.rpartition("/")[2]


def _freshness(file: Path) -> str:
    return FOR_EVER if file.parts[0] == "assets" else ASK_AGAIN


def _read(file: Path, cache_control: str) -> File:
    return File(file.read_bytes(), TYPES[file.suffix], cache_control)


def no_such_route() -> Problem:
    return Problem(Code.NOT_FOUND, "NO_SUCH_ROUTE", "no such route")
