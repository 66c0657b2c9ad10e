"""Keys for everything that is stored."""
