"""Rules on what is logged and measured, and who is told."""
