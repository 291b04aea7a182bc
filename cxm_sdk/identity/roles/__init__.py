"""Which column plays which role: told from its header, checked against its values and the other sources."""
