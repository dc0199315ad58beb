"""Plays a scenario in virtual time: modelled SDKs against the server's own limits, no sockets."""
