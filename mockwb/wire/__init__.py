"""HTTP and GraphQL as W&B speaks them: decode, ask the gate, call the backend, answer."""
