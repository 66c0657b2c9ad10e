"""Jobs: work that waits in a queue of its region until a worker has time."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component
from components.encryption import Key
from components.identity import Identities
from components.service_agents import ServiceAgents

_SECONDS_A_DAY = 86_400


class RegionJobs(Component):
    """The queue of one region, and the place where jobs go that nobody could do.

    A job and its data stay in the region, also on their way: publishers use the region's endpoint of Pub/Sub.
    A job that failed `jobAttempts` times is set aside as a dead letter, for somebody to look at; an alert says
    so. Whom the settings list puts jobs in, workers take them out.

    Attributes:
        topic: Where jobs are published.
        subscription: Where workers take them from.
        dead_letters: Subscription that holds the jobs that were set aside.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        settings: Settings,
        key: Key,
        identities: Identities,
        agents: ServiceAgents,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("RegionJobs", name, needs, opts)
        self._region, self._settings, self._key = region, settings, key
        set_aside = self._topic(f"{name}-dead")
        self.dead_letters = self._subscription(f"{name}-dead", set_aside, dead_letters_to=None)
        self.topic = self._topic(name)
        self.subscription = self._subscription(name, self.topic, dead_letters_to=set_aside)
        self._let_deliver(name, set_aside, agents)
        for place, member in enumerate(settings.data.job_publishers):
            gcp.pubsub.TopicIAMMember(
                f"{name}-publisher-{place}",
                topic=self.topic.name,
                role="roles/pubsub.publisher",
                member=member,
                opts=self.child(),
            )
        gcp.pubsub.SubscriptionIAMMember(
            f"{name}-worker",
            subscription=self.subscription.name,
            role="roles/pubsub.subscriber",
            member=identities.worker.member,
            opts=self.child(),
        )
        self.register_outputs({})

    def _topic(self, name: str) -> gcp.pubsub.Topic:
        return gcp.pubsub.Topic(
            name,
            kms_key_name=self._key.id,
            message_retention_duration=self._retention,
            message_storage_policy={
                "allowed_persistence_regions": [self._region.name],
                "enforce_in_transit": True,
            },
            opts=self.child(self._key.grant),
        )

    def _subscription(
        self, name: str, topic: gcp.pubsub.Topic, *, dead_letters_to: gcp.pubsub.Topic | None
    ) -> gcp.pubsub.Subscription:
        data = self._settings.data
        return gcp.pubsub.Subscription(
            name,
            topic=topic.id,
            ack_deadline_seconds=data.job_timeout_seconds,
            enable_exactly_once_delivery=True,
            message_retention_duration=self._retention,
            # A queue that nobody asked for a month is still a queue.
            expiration_policy={"ttl": ""},
            retry_policy={"minimum_backoff": "10s", "maximum_backoff": "600s"},
            dead_letter_policy=(
                None
                if dead_letters_to is None
                else {"dead_letter_topic": dead_letters_to.id, "max_delivery_attempts": data.job_attempts}
            ),
            opts=self.child(),
        )

    def _let_deliver(self, name: str, set_aside: gcp.pubsub.Topic, agents: ServiceAgents) -> None:
        """Pub/Sub itself moves dead letters, and may do so: put them there, and take them off the queue."""
        agent, ready = agents.member("pubsub"), agents.ready("pubsub")
        gcp.pubsub.TopicIAMMember(
            f"{name}-dead-pubsub",
            topic=set_aside.name,
            role="roles/pubsub.publisher",
            member=agent,
            opts=self.child(*ready),
        )
        gcp.pubsub.SubscriptionIAMMember(
            f"{name}-pubsub",
            subscription=self.subscription.name,
            role="roles/pubsub.subscriber",
            member=agent,
            opts=self.child(*ready),
        )

    @property
    def _retention(self) -> str:
        return f"{self._settings.data.job_retention_days * _SECONDS_A_DAY}s"
