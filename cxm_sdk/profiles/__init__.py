"""Who they are: evidence, the store it lies in, and what is read out of it: profiles, timelines, households."""
