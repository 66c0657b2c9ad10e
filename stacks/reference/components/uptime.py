"""What the deployment looks like from outside: asked every minute, from several parts of the world."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.notifications import Alert, Notifications, above
from components.regional_backend import READINESS_PATH

_FROM = ["EUROPE", "ASIA_PACIFIC", "USA_OREGON", "USA_VIRGINIA"]
_CERTIFICATE_DAYS = 15


class Uptime(Component):
    """Asks for the readiness page over HTTPS, as a client would, and checks the certificate.

    With Identity-Aware Proxy on, an answer that sends one to sign in is a good one: name, certificate, front
    end and policy work, and a stranger is kept out.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        notifications: Notifications,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Uptime", name, needs, opts)
        domain = settings.entrance.domain
        accepted = ("2XX", "3XX", "4XX") if settings.entrance.uses_iap else ("2XX",)
        gcp.monitoring.UptimeCheckConfig(
            name,
            display_name=f"https://{domain}{READINESS_PATH}",
            timeout="10s",
            period="60s",
            selected_regions=_FROM,
            checker_type="STATIC_IP_CHECKERS",
            log_check_failures=True,
            monitored_resource={"type": "uptime_url", "labels": {"project_id": settings.project, "host": domain}},
            http_check={
                "path": READINESS_PATH,
                "port": 443,
                "use_ssl": True,
                "validate_ssl": True,
                "request_method": "GET",
                "accepted_response_status_codes": [{"status_class": f"STATUS_CLASS_{kind}"} for kind in accepted],
            },
            opts=self.child(),
        )
        series = f'resource.type = "uptime_url" AND resource.labels.host = "{domain}" AND metric.type = '
        alert = Alert(self, notifications)
        alert.when(
            f"{name}-down",
            f"{domain} does not answer",
            "Clients in two parts of the world or more get no answer. Look at the load balancer's log, then at the "
            "health of the regions; drain a region that is ill.",
            above(
                "Checks that fail",
                f'{series}"monitoring.googleapis.com/uptime_check/check_passed"',
                1,
                aligner="ALIGN_NEXT_OLDER",
                reducer="REDUCE_COUNT_FALSE",
                by=["resource.label.host"],
                window="1200s",
                duration="120s",
            ),
            severity="CRITICAL",
        )
        alert.when(
            f"{name}-certificate",
            f"The certificate of {domain} expires in less than {_CERTIFICATE_DAYS} days",
            "Google renews its certificates a month ahead: see that the DNS record of the authorisation is still "
            "there. Renew a certificate of your own and count certificateVersion up.",
            above(
                "Days left",
                f'{series}"monitoring.googleapis.com/uptime_check/time_until_ssl_cert_expires"',
                _CERTIFICATE_DAYS,
                aligner="ALIGN_NEXT_OLDER",
                reducer="REDUCE_MEAN",
                by=["resource.label.host"],
                window="1200s",
                duration="600s",
                comparison="COMPARISON_LT",
            ),
            severity="ERROR",
        )
        self.register_outputs({})
