"""For users' own tests: synthetic customers with known truth."""
