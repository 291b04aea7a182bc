"""What happened: typed events, tracking plans, privacy classes and consent."""
