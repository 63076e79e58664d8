"""Log lines: as text for people, or as JSON, one object a line, with whatever ids were bound (request, run, slice, episode).

Whatever is logged, by us or by a library, passes ``redacted``: what opens doors is replaced before it is written. It is the second fence;
the first is not to log such things.
"""

import logging
import re
from typing import Any

import structlog

NAMES = "sessionid|csrftoken|csrfmiddlewaretoken|password|passwd|secret_key|api_?key|authorization|cookie"
SECRETS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<kept>://[^\s/:@\"']*:)[^\s/@\"']+(?=@)",  # passwords in addresses of services
        r"(?P<kept>/sign-in/)[\w-]{20,}",  # one-time links
        r"(?P<kept>\bads_)[\w-]{8,}",  # API tokens
        r"(?P<kept>\b(?:bearer|basic) )[\w.~+/=-]{6,}",
        rf"(?P<kept>\b(?:{NAMES})\\?[\"']?\s*[=:]\s*\\?[\"']?)(?!(?:bearer|basic) )[^\s\"'\\;,&}}]{{4,}}",
    )
)
HIDDEN = "[hidden]"


def redacted(text: str) -> str:
    """``text`` without passwords, tokens, cookies and one-time links."""
    for pattern in SECRETS:
        text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
    return text


class Careful(logging.Formatter):
    """Formats as another formatter does, then hides secrets."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self.inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return redacted(self.inner.format(record))


def text_formatter() -> logging.Formatter:
    """The formatter of ``STUDIO_LOG_FORMAT=text``."""
    return Careful(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))


def json_formatter() -> logging.Formatter:
    """The formatter of ``STUDIO_LOG_FORMAT=json``: event, level, logger, timestamp (UTC, ISO), bound ids, exception as text."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.ExtraAdder(),
        without_objects,
        # After those: Django hangs its request on a record under the name of our request's id.
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    return Careful(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(ensure_ascii=False)],
            foreign_pre_chain=shared,
        )
    )


def without_objects(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop what libraries hang on a record that is no plain value: Django adds the whole request, whose text is its address."""
    for name in [name for name, value in event.items() if not (name.startswith("_") or name == "exc_info" or _plain(value))]:
        del event[name]
    return event


def _plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
