"""ECGs from files: WFDB, CSV and MATLAB records of any sampling rate and length."""
