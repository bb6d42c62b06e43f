"""Training: settings, the loop, its callbacks, losses and optimizers."""
