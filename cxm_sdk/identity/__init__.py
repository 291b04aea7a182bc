"""Who it was: roles, canonical forms, blocking, comparisons, training, scoring, clustering, explanation."""
