"""A page in the browser that classifies ECGs and explains the predictions."""
