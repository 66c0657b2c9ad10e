"""Facts about Google Cloud, as data."""
