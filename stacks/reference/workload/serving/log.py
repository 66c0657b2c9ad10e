"""One JSON object a line on standard output: the form that Cloud Logging takes apart by itself."""

from __future__ import annotations

import json
import logging
import sys
from typing import Final

LOG: Final = logging.getLogger("serving")

_SEVERITIES: Final = {"WARNING": "WARNING", "ERROR": "ERROR", "CRITICAL": "CRITICAL", "DEBUG": "DEBUG"}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {"severity": _SEVERITIES.get(record.levelname, "INFO"), "message": record.getMessage()}
        if record.exc_info:
            entry["message"] += "\n" + self.formatException(record.exc_info)
        trace = getattr(record, "trace", None)
        if trace:
            entry["logging.googleapis.com/trace"] = trace
        return json.dumps(entry, ensure_ascii=False)


def log_to_stdout() -> None:
    """Let everything that is logged go to standard output."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
