"""A pack of the sample rules, served on a day that never passes."""

from datetime import date

from policypack.sources.crossguard import main
from tests.sources.crossguard.sample_rules import RULES

main(RULES, date(2026, 11, 24))
