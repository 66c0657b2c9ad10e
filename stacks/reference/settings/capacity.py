"""Settings of capacity: the declared peak, and the group sizes that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from config_reader import ConfigReader

ZONES_PER_REGION = 3
_MOST_MACHINES = 1000
_MOST_IN_FLIGHT = 10_000


@dataclass(frozen=True)
class Capacity:
    """What the deployment has to carry, and with how many machines it does.

    Sizes follow from the peak unless they are set: with any one region lost, the others carry the peak at
    their full size and `warm_percent` of it at their smallest.

    Attributes:
        peak_requests_per_second: Peak of the whole deployment.
        max_rate_per_instance: Requests per second that one machine can serve.
        target_utilization_percent: Load at which the autoscaler adds machines.
        warm_percent: Share of the peak that machines already running carry when a region is lost.
        min_replicas: Fewest machines a region.
        max_replicas: Most machines a region.
        min_workers: Fewest worker machines a region.
        max_workers: Most worker machines a region.
        jobs_per_worker: Waiting jobs for each of which so many one worker machine is added.
    """

    peak_requests_per_second: int
    max_rate_per_instance: int
    target_utilization_percent: int
    warm_percent: int
    min_replicas: int
    max_replicas: int
    min_workers: int
    max_workers: int
    jobs_per_worker: int

    @property
    def target_utilization(self) -> float:
        """The load at which the autoscaler adds machines, from 0.1 to 0.9."""
        return self.target_utilization_percent / 100

    def surviving_rate(self, regions: int) -> float:
        """Requests per second that all regions but one serve at their full size and target utilisation."""
        return (regions - 1) * self.max_replicas * self.max_rate_per_instance * self.target_utilization

    def most_in_flight(self, seconds: float) -> int:
        """Requests that all machines of a region may have under way together, at their full number."""
        return self.in_flight(seconds) * self.max_replicas

    def in_flight(self, seconds: float) -> int:
        """Requests that one machine may have under way, where each should take no longer than so many seconds.

        Twice what follows from its rate: what is beyond that would only wait, and is better sent elsewhere.
        """
        return min(max(8, math.ceil(2 * self.max_rate_per_instance * seconds)), _MOST_IN_FLIGHT)

    def warm_rate(self, regions: int) -> int:
        """Requests per second that all regions but one serve at their smallest size, before they scale."""
        return (regions - 1) * self.min_replicas * self.max_rate_per_instance

    @classmethod
    def read(cls, reader: ConfigReader, regions: int) -> Capacity:
        """Reads the keys of this part; `regions` is how many regions serve."""
        peak = reader.integer("peakRequestsPerSecond", 120, 1, 10_000_000, "requests per second")
        rate = reader.integer("maxRatePerInstance", 20, 1, 100_000, "requests per second")
        target = reader.integer("targetUtilizationPercent", 60, 10, 90, "percent")
        warm = reader.integer("warmPercent", 50, 1, 100, "percent")
        survivors = max(regions - 1, 1)
        machines = f"virtual machines a region; 0 computes it from the peak, at least {ZONES_PER_REGION}"
        smallest = reader.integer("minReplicas", 0, 0, _MOST_MACHINES, machines)
        largest = reader.integer("maxReplicas", 0, 0, _MOST_MACHINES, machines)
        if not smallest:
            smallest = max(ZONES_PER_REGION, _ceiling(peak * warm, 100 * survivors * rate))
        if not largest:
            # Twice the floor at least: the room that a failover needs while its load is still being measured.
            largest = max(2 * smallest, _ceiling(peak * 100, survivors * rate * target))
        return cls(
            peak_requests_per_second=peak,
            max_rate_per_instance=rate,
            target_utilization_percent=target,
            warm_percent=warm,
            min_replicas=smallest,
            max_replicas=largest,
            min_workers=reader.integer("minWorkers", 3, ZONES_PER_REGION, _MOST_MACHINES, "machines a region"),
            max_workers=reader.integer("maxWorkers", 9, ZONES_PER_REGION, _MOST_MACHINES, "machines a region"),
            jobs_per_worker=reader.integer("jobsPerWorker", 20, 1, 100_000, "waiting jobs"),
        )


def _ceiling(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
