"""`.wandb` files that runs left behind: read, and played by modelled runs. For kind `replay`."""
