"""What befalls the server while the workloads run, by the clock."""
