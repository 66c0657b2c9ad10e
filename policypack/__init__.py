"""multiregion-guard: judges multi-region, load-balanced deployments on Google Cloud."""

__version__ = "0.1.0"
