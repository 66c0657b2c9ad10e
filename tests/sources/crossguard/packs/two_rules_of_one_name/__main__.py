"""A pack in which two rules claim one name."""

from unittest.mock import patch

from policypack.rules import registry
from policypack.sources.crossguard import main
from tests.sources.crossguard.sample_rules import RULES

with patch.object(registry, "_rules_of", side_effect=lambda module: iter(RULES)):
    main()
