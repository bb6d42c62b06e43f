"""Damaged inputs: each is refused by name, or taken as if it were whole.

    python -m fuzz                          10,000 inputs of all kinds (from the folder tests/)
    python -m fuzz --cases 500 wfdb litert  500 inputs of two kinds
    python -m fuzz --replay wfdb 17         case 17 again, with its stack trace

`damage` damages bytes, lines and JSON and knows no format; `kinds` has what ecg_tf reads, with its
undamaged input and the function that reads it; `case` makes, reads and judges one case; `worker`
does so in a process of its own, and `guard` ends that process where it hangs or swells.
"""
