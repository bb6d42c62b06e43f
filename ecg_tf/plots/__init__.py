"""ECG paper and PNG files."""
