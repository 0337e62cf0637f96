"""Log lines are `event key=value`: readable by people, cut up by machines."""

import logging.config
from typing import Any

import structlog

SDKS = (
    "atproto_client",
    "google_auth_httplib2",
    "googleapiclient",
    "httpcore",
    "httpx",
    "imaplib",
    "mastodon",
    "oauthlib",
    "praw",
    "prawcore",
    "requests",
    "requests_oauthlib",
    "tweepy",
    "urllib3",
)
"""At a lower level these write requests with their keys, and addresses of feeds: never, at any LOG_LEVEL."""

_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(*, level: str) -> dict[str, Any]:
    """The standard library's logging through structlog's renderer: one shape for all lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.LogfmtRenderer(
                        key_order=["timestamp", "level", "event"], bool_as_flag=False
                    ),
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            **{name: {"level": "WARNING"} for name in SDKS},
            "psycopg.pool": {"level": "ERROR"},  # a line per attempt, while the error itself is logged
            "celery.app.trace": {"level": "WARNING"},  # a line per tick says nothing
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def configure(logging_settings: dict[str, Any]) -> None:
    """Set up logging once, for Django, Celery and our own lines."""
    logging.config.dictConfig(logging_settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
