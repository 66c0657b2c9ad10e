"""Ways in: the Pulumi engine, a program, a state."""
