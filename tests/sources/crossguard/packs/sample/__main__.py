"""A pack of the sample rules, served by this project's analyzer."""

from policypack.sources.crossguard import main
from tests.sources.crossguard.sample_rules import RULES

main(RULES)
