"""A multi-region inference platform on Google Cloud behind one address.

Reads from the inside out: what everything needs, each region whole, the global front end that ties the regions
together, and who watches over it. The two topologies differ only in how the front end reaches a region.
"""

from __future__ import annotations

from components.alerts import CapacityAlerts, JobAlerts, TrafficAlerts
from components.apis import Apis
from components.audit_log import AuditLog
from components.budget import Budget
from components.dashboard import Dashboard
from components.edge_security import EdgeSecurity
from components.firewall import Firewall
from components.frontend import Frontend
from components.global_backend import DirectBackend, PublishedBackend
from components.identity import AuditTrail, Identities, Operators
from components.models import Models
from components.network import Networks
from components.notifications import Notifications
from components.private_dns import GoogleApiNames, QueryLog, RegionNames
from components.public_dns import PublicZone
from components.region import RegionStack
from components.service_agents import ServiceAgents
from components.slo import ServiceLevel
from components.uptime import Uptime
from outputs import export_outputs
from settings import Settings

settings = Settings.load()

# What every region needs: APIs, who is who, networks and what may talk to what, names, models.
apis = Apis("apis", settings)
agents = ServiceAgents("agents", settings.project, settings.uses_vertex, needs=[apis])
identities = Identities("identities", settings, needs=[apis])
if settings.operations.operators:
    Operators("operators", settings, identities, needs=[apis])
networks = Networks("networks", with_edge=settings.uses_private_service_connect, needs=[apis])
firewall = Firewall("firewall", settings, networks, identities, needs=[apis])
google_apis = GoogleApiNames("google-apis", networks.ml, settings.machines.has_gpu, needs=[apis])
QueryLog("query-log", networks.all, needs=[apis])
zone = PublicZone("public", settings, needs=[apis])
models = Models("models", settings, identities, agents, needs=[apis])

# Each region: subnets, keys, images, data, jobs, machines, its own load balancer, and its publication.
regions = [
    # Machines start when they can reach Google's APIs and the health checks can reach them.
    RegionStack(region, settings, networks, identities, agents, models, zone, [firewall, google_apis], needs=[apis])
    for region in settings.regions
]
RegionNames("region-names", settings, networks.ml, [region.backend for region in regions], needs=[apis])

# The front end, what it lets in, and how it reaches the regions.
edge_security = EdgeSecurity("frontend", settings.entrance, needs=[apis])
published = [region.published for region in regions if region.published is not None]
global_backend = (
    PublishedBackend("regions", settings, published, edge_security, needs=[apis])
    if settings.uses_private_service_connect
    else DirectBackend("regions", settings, [region.group for region in regions], edge_security, needs=[apis])
)
frontend = Frontend("frontend", settings, global_backend.service, zone, needs=[apis])

# Who watches over it.
notifications = Notifications("oncall", settings.operations, needs=[apis])
Uptime("uptime", settings, notifications, needs=[apis])
ServiceLevel("service-level", settings, frontend, notifications, needs=[apis])
TrafficAlerts("traffic", settings, frontend, notifications, needs=[apis])
CapacityAlerts("capacity", settings, [region.group for region in regions], notifications, needs=[apis])
JobAlerts("jobs", [region.jobs for region in regions], notifications, needs=[apis])
dashboard = Dashboard("dashboard", settings, frontend, needs=[apis])
if settings.operations.billing_account is not None:
    Budget("budget", settings, settings.operations.billing_account, notifications, needs=[apis])
AuditLog("audit", settings, notifications, needs=[apis])
if settings.operations.audit_log_config:
    AuditTrail("audit-trail", settings.project, needs=[apis])

export_outputs(settings, regions, models, zone, global_backend.service, frontend, dashboard)
