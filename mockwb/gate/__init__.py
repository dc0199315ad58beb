"""May this request pass? Who is asking, then faults, then the limits, in that order."""
