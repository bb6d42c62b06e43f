"""Reports of comparisons of runs."""
