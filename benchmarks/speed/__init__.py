"""Speed and memory of ecg_tf on this machine: images, networks, an epoch."""
