"""Where batches go: a Segment-compatible receiver, files, memory."""
