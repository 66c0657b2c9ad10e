"""Settings of stored data and of jobs: how long things are kept."""

from __future__ import annotations

from dataclasses import dataclass

from config_reader import ConfigReader

from settings import patterns


@dataclass(frozen=True)
class Data:
    """How long data and jobs are kept.

    Attributes:
        cold_after_days: Age at which objects move to cheaper storage.
        delete_after_days: Age at which objects of the data buckets are deleted; None keeps them.
        versions_kept: Replaced versions of an object that are kept beside the live one.
        undelete_days: Days in which a deleted object can be restored.
        job_retention_days: How long a job waits for a worker.
        job_timeout_seconds: Time a worker has for a job before another one gets it.
        job_attempts: Attempts after which a job is set aside as a dead letter.
        job_publishers: Who may put jobs into the queues, with their inputs.
    """

    cold_after_days: int
    delete_after_days: int | None
    versions_kept: int
    undelete_days: int
    job_retention_days: int
    job_timeout_seconds: int
    job_attempts: int
    job_publishers: tuple[str, ...]

    @classmethod
    def read(cls, reader: ConfigReader) -> Data:
        """Reads the keys of this part."""
        return cls(
            cold_after_days=reader.integer("coldAfterDays", 30, 1, 3650, "days"),
            delete_after_days=reader.integer("deleteAfterDays", 0, 0, 36_500, "days; 0 keeps everything") or None,
            versions_kept=reader.integer("versionsKept", 5, 1, 100, "versions"),
            undelete_days=reader.integer("undeleteDays", 7, 7, 90, "days"),
            job_retention_days=reader.integer("jobRetentionDays", 7, 1, 31, "days"),
            job_timeout_seconds=reader.integer("jobTimeoutSeconds", 300, 10, 600, "seconds"),
            job_attempts=reader.integer("jobAttempts", 5, 5, 100, "attempts"),
            job_publishers=reader.texts(
                "jobPublishers",
                patterns.PRINCIPAL,
                "a principal such as serviceAccount:intake@PROJECT.iam.gserviceaccount.com",
            ),
        )
