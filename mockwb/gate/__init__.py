"""May this request pass? Who is asking, and then the limits, in that order."""
