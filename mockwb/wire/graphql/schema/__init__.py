"""The SDL, split by domain; `schema_files` puts the files together."""
