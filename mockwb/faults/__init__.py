"""Faults on command: which requests, when, and what befalls them. Nothing here opens sockets."""
