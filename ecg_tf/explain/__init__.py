"""Why a network answers as it does: which beats and segments of the ECG moved it."""
