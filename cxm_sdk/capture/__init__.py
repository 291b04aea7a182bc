"""Getting it: the client that records events inside any Python host and delivers them."""
