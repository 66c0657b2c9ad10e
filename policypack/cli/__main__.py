"""Starts the command line as `python -m policypack.cli`."""

import sys

from policypack.cli import main

if __name__ == "__main__":
    sys.exit(main())
