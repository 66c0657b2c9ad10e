"""A pack whose rules import something that is not installed."""

from unittest.mock import patch

from policypack.rules import registry
from policypack.sources.crossguard import main

with patch.object(registry, "_modules", side_effect=ModuleNotFoundError("No module named 'lost'")):
    main()
