"""Structured logging: one line per event, as JSON, without values that may be secret or personal."""

import logging
import sys

import structlog

Logger = structlog.stdlib.BoundLogger


def configure_logging(level: str) -> None:
    """Send structlog and the standard library's loggers to standard error at `level` and above."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s", force=True)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def get_logger(name: str) -> Logger:
    """A logger whose events are dotted and in the past tense where something happened."""
    logger: Logger = structlog.get_logger(source=name)
    return logger
