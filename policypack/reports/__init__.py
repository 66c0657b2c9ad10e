"""Ways out: the report for people, the report for programs, and the pages of the rules."""
