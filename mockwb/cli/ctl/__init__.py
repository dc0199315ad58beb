"""`mockwb ctl`: read and change a running server over its HTTP API; one file per noun."""
