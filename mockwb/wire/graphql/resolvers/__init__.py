"""One module per domain: thin functions between the schema and the backend's nouns."""
