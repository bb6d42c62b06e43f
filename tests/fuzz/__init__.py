"""Fuzz tests: each damaged input must be refused with its name, or read as if it were whole.

    python -m fuzz                          10,000 inputs of all kinds (from the folder tests/)
    python -m fuzz --cases 500 wfdb litert  500 inputs of two kinds
    python -m fuzz --replay 17 wfdb         case 17 again, with its stack trace

`damage` damages bytes, lines and JSON without knowledge of the file format. `kinds` lists the kinds
of inputs that ecg_tf reads; each has functions that write an undamaged input and read it. `case`
writes, damages, reads and judges one input. `worker` runs cases in a separate process, and `guard`
ends this process if it hangs or uses too much memory.
"""
