"""Onlookers: they see one record per finished request and never change an answer."""
