"""How the wandb SDK behaves on the wire, in time and without sockets."""
