"""JSON log lines, one object a line, with whatever ids were bound (run, episode, request)."""

import structlog


def json_formatter() -> structlog.stdlib.ProcessorFormatter:
    """The formatter of ``STUDIO_LOG_FORMAT=json``: event, level, logger, timestamp (UTC, ISO), bound ids, exception as text."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    return structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(ensure_ascii=False)],
        foreign_pre_chain=shared,
    )
