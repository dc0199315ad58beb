"""Sends a recorded journal again: reads it, finds its way about the server, keeps the pace."""
