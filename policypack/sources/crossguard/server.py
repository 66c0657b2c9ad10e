"""Starts the analyzer: quick and quiet, and with a clear word if it cannot start."""

from __future__ import annotations

import gc
import sys
import traceback
from concurrent import futures
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from policypack.rules.registry import all_rules
from policypack.sources.crossguard.analyzer import Analyzer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from policypack.rules.contract import Rule

LARGEST_REQUEST = 400 * 1024 * 1024
"""Bytes. A whole stack comes in one request; this is what Pulumi's own SDKs accept."""

WORKERS = 4
"""Requests served at a time. The engine asks about several resources at once, but rules are quick."""


def serve(rules: Sequence[Rule] | None = None, today: date | None = None) -> None:
    """Serve the engine until it ends the process. The port is the one thing printed.

    Args:
        rules: The rules to serve; all rules of the pack unless given.
        today: The day that waivers are held against; the real one (UTC) unless given.
    """
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=WORKERS),
        options=[("grpc.max_receive_message_length", LARGEST_REQUEST)],
    )
    analyzer = Analyzer(_load() if rules is None else rules, today)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    gc.freeze()  # what is here now stays, and need not be looked at again
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        server.stop(grace=None)


def _load() -> tuple[Rule, ...]:
    """Load every rule. A pack that lost a rule would pass what it should stop, so it does not start at all."""
    try:
        return all_rules()
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename}:{frame.lineno}"
        said = f"multiregion-guard cannot start: {type(error).__name__}: {error} ({where})"
        raise SystemExit(f"{said}\nThe pack is damaged, or its virtualenv is out of date: install it again.") from error
