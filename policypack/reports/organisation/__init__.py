"""The report of an organisation: many stacks, what was found in each, who owns it, and whether the debt shrinks."""
