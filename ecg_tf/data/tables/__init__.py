"""Tables of records: a file with one row per ECG, its labels and its partition."""
