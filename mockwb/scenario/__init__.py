"""Scenario files, the workloads they ask for, and the report on what came of them."""
