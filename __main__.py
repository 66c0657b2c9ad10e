"""What the Pulumi engine starts."""

from policypack.sources.crossguard import main

main()
