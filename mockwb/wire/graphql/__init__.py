"""The GraphQL surface of W&B: our own SDL, resolvers per domain, one engine that runs both."""
