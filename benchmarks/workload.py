"""What the servers are asked: one synthetic stack of each size, and how much work it is for the rules."""

from __future__ import annotations

from benchmarks.servers.many_rules import many_rules
from benchmarks.synthetic import analyze_requests, stack, stack_request
from policypack.engine.deployment import laid_out
from policypack.engine.evaluator import evaluate_stack
from policypack.engine.settings import Settings
from policypack.rules.contract import Phase
from policypack.sources.crossguard.reading import PropertyReader
from policypack.sources.crossguard.requests import deployed

SIZES = (100, 1_000, 10_000)


class Workload:
    """The requests of one stack.

    Attributes:
        pairs: How many pairs of a stack rule and a subject of it there are.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.resources = stack(size)
        self.requests = analyze_requests(self.resources)
        self.whole = stack_request(self.resources)

        self.pairs = self._pairs()

    def _pairs(self) -> int:
        """Count the pairs of a stack rule and a subject of it."""
        reader = PropertyReader()
        deployment = laid_out(deployed(one, None, reader).resource for one in self.whole.resources)
        rules = [rule for rule in many_rules() if rule.phase is Phase.STACK]
        return len(evaluate_stack(deployment, rules, Settings()))
