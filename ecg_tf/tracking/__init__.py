"""Records of runs in MLflow or Weights & Biases."""
