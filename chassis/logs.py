"""Logs: one line of JSON an event on standard output, with its trace, and with secrets and personal data taken out."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import structlog

from chassis.telemetry import CURRENT

REDACTED = "[redacted]"
_HIDDEN = (
    "password|passwd|secret|token|authorization|cookie|credential|api_?key|private_?key|jwt|otp|recovery_code|"
    "e?_?mail|phone|mobile|given_name|family_name|display_name|full_name|birth|address_lines?|postal|id_card|body"
)
_HIDDEN_KEY = re.compile(rf"(?:^|_)(?:{_HIDDEN})s?(?:$|_)", re.IGNORECASE)
# Names of things, not the things: counts, ids, kinds and digests of what is secret may be told.
_HARMLESS_KEY = re.compile(r"_(?:id|ids|count|kind|type|sha256|seconds|bytes|state)$", re.IGNORECASE)
_HIDDEN_TEXT = [
    (re.compile(r"\bkith_[a-z0-9]{1,32}_[A-Za-z0-9]{8,}"), REDACTED),  # API keys
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"), REDACTED),  # tokens
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {REDACTED}"),
    (
        re.compile(r"(?i)\b((?:password|passwd|secret|token|api_?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&)]+"),
        rf"\1{REDACTED}",
    ),
    (re.compile(r"(?<=://)([^/\s:@]*):[^@\s]+@"), rf"\1:{REDACTED}@"),  # addresses with a password
    (re.compile(r"(?m)^(\s*DETAIL:\s*).*$"), rf"\1{REDACTED}"),  # PostgreSQL quotes whole rows here
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), REDACTED),  # e-mail
    (re.compile(r"(?<![\w.-])(?:\+\d[\d ()-]{7,17}\d|1[3-9]\d{9})(?![\w.-])"), REDACTED),  # phones
    (re.compile(r"(?<!\w)\d{17}[\dXx](?!\w)"), REDACTED),  # identity card numbers
]
Event = MutableMapping[str, Any]


def log_json(service: str, level: str) -> None:
    """Send what anybody logs, through structlog or logging, to standard output. Call once a process.

    `extra={…}` and structlog's keywords become keys of the line. Raises ValueError for a level that does not exist.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.stdlib.ExtraAdder(),
        _Stamp(service),
        structlog.processors.format_exc_info,
    ]
    finish: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, _line]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=finish, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.getLogger("aiokafka").setLevel(logging.WARNING)  # it tells of every partition that changes hands
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def redact(logger: Any, method: str, event: Event) -> Event:
    """`event` without secrets: by the name of a key, however deep, and by what a text looks like."""
    return {key: _cleaned(key, value) for key, value in event.items()}


def clean(text: str) -> str:
    """`text` without what looks like a secret, an e-mail or a phone number."""
    for pattern, instead in _HIDDEN_TEXT:
        text = pattern.sub(instead, text)
    return text


def _cleaned(key: str, value: Any) -> Any:
    if isinstance(key, str) and _HIDDEN_KEY.search(key) and not _HARMLESS_KEY.search(key):
        return REDACTED
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {str(name): _cleaned(str(name), one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_cleaned("", one) for one in value]
    return value if isinstance(value, (int, float, bool, type(None))) else clean(str(value))


class _Stamp:
    """Which process said it, in which trace."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, logger: Any, method: str, event: Event) -> Event:
        event["service"] = self._service
        if traceparent := CURRENT.get():
            event["trace_id"] = traceparent[3:35]
        return event


def _line(logger: Any, method: str, event: Event) -> str:
    return orjson.dumps(event).decode()
