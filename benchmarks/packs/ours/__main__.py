"""The pack's own server with many rules."""

from benchmarks.servers.many_rules import many_rules
from policypack.sources.crossguard import main

main(many_rules())
