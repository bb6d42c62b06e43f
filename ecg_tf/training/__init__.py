"""Training: the loss, the optimisers, the devices, the loop and the run folder."""
