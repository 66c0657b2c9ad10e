"""Settings of operations: who is told of what, who may do what, and what nobody can delete by mistake."""

from __future__ import annotations

from dataclasses import dataclass

from config_reader import ConfigReader

from settings import patterns
from settings.choices import ProtectionLevel


@dataclass(frozen=True)
class Operations:
    """How the deployment is run.

    Attributes:
        alert_emails: Addresses that alerts are sent to.
        alert_channels: Notification channels that exist already, such as a pager's.
        operators: Who may log in to machines through Identity-Aware Proxy.
        slo_percent: Share of requests that must be answered without an error, over 28 days.
        latency_objective_ms: Time in which 95 % of requests should be answered.
        log_retention_days: How long the audit trail is kept.
        lock_logs: Whether that time can never be shortened, by nobody.
        audit_log_config: Whether the stack switches on data access audit logs for the whole project.
        billing_account: The account that a budget watches; None for no budget.
        monthly_budget: The budget, in the currency of the account.
        protect: Whether `pulumi destroy` refuses what cannot be made again.
        kms_protection_level: Where keys live.
        nat: Whether machines have a way to the internet at all, for the hosts below.
        egress_hosts: Host names that machines may reach on 443, through the NAT.
        backend_tls_validation: Whether the front end checks the certificates of the regions.
    """

    alert_emails: tuple[str, ...]
    alert_channels: tuple[str, ...]
    operators: tuple[str, ...]
    slo_percent: float
    latency_objective_ms: int
    log_retention_days: int
    lock_logs: bool
    audit_log_config: bool
    billing_account: str | None
    monthly_budget: int
    protect: bool
    kms_protection_level: ProtectionLevel
    nat: bool
    egress_hosts: tuple[str, ...]
    backend_tls_validation: bool

    @property
    def latency_seconds(self) -> float:
        """The time in which requests should be answered, in seconds."""
        return self.latency_objective_ms / 1000

    @classmethod
    def read(cls, reader: ConfigReader) -> Operations:
        """Reads the keys of this part."""
        return cls(
            alert_emails=reader.texts("alertEmails", patterns.EMAIL, "an e-mail address", mandatory=True),
            alert_channels=reader.texts(
                "alertChannels", patterns.CHANNEL, "a channel such as projects/PROJECT/notificationChannels/123"
            ),
            operators=reader.texts("operators", patterns.PRINCIPAL, "a principal such as group:ops@example.com"),
            slo_percent=reader.number("sloPercent", 99.9, 90.0, 99.99, "percent"),
            latency_objective_ms=reader.integer("latencyObjectiveMs", 2000, 1, 3_600_000, "milliseconds"),
            log_retention_days=reader.integer("logRetentionDays", 400, 1, 3650, "days"),
            lock_logs=reader.boolean("lockLogs", True),
            audit_log_config=reader.boolean("auditLogConfig", True),
            billing_account=reader.text("billingAccount", "", patterns.BILLING_ACCOUNT, "such as 012345-6789AB-CDEF01")
            or None,
            monthly_budget=reader.integer("monthlyBudget", 10_000, 1, 1_000_000_000, "units of the account's currency"),
            protect=reader.boolean("protect", True),
            kms_protection_level=reader.choice("kmsProtectionLevel", ProtectionLevel.SOFTWARE),
            nat=reader.boolean("nat", True),
            egress_hosts=reader.texts("egressHosts", patterns.DNS_NAME, "a host name such as downloads.example.com"),
            backend_tls_validation=reader.boolean("backendTlsValidation", False),
        )
