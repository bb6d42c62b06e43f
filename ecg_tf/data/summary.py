"""The summary that a preparation prints."""

import pandas as pd

from ecg_tf.data.labels import CLASSES, NORMAL
from ecg_tf.data.partitions import PARTITIONS
from ecg_tf.data.prepared import PreparedRecords


def format_summary(prepared: PreparedRecords) -> str:
    """Format a table of the partitions and classes, and a list of the skipped records."""
    manifest = prepared.manifest
    rows, folds = manifest["rows"], manifest["folds"]
    bad = sorted(manifest["bad_records"], key=lambda entry: entry["ecg_id"])
    of_ptb_xl = "data_set" not in manifest
    table = pd.DataFrame(index=PARTITIONS)
    if any(folds.values()):
        table["folds"] = [",".join(map(str, folds[name])) for name in PARTITIONS]
    counts = {name: prepared.labels(name) for name in PARTITIONS}
    table["records"] = [len(counts[name]) for name in PARTITIONS]
    for k, label in enumerate(manifest["class_names"]):
        table[label] = [int(counts[name][:, k].sum()) for name in PARTITIONS]
    none = NORMAL if prepared.class_names == CLASSES else "none of them"
    table[none] = [int((counts[name].sum(axis=1) == 0).sum()) for name in PARTITIONS]
    if of_ptb_xl:
        table["no superclass"] = [rows["no_superclass"][name] for name in PARTITIONS]
    elif any(rows["no_superclass"].values()):
        table["no label"] = [rows["no_superclass"][name] for name in PARTITIONS]
    table["bad"] = [prepared.bad_counts[name] for name in PARTITIONS]
    lines = [
        f"{rows['database']} {'rows in the database' if of_ptb_xl else 'records'}, "
        f"{rows['fold_not_used']} in a fold not used",
        (table if of_ptb_xl else table.T).to_string(),
    ]
    if of_ptb_xl:
        lines.append("no superclass: dropped, because none of the record's SCP codes is diagnostic")
    else:
        lines += _signal_lines(prepared)
    lines += [f"{name}: empty" for name in PARTITIONS if not len(counts[name])]
    if bad:
        number = sum(prepared.bad_counts.values()) + rows.get("unreadable", 0)
        lines.append(f"bad: {number} records left out")
        if number > len(bad):
            lines[-1] += f", listed in {prepared.bad_records_file}; {len(bad)} of them:"
        lines += [f"  ecg_id {entry['ecg_id']}: {entry['error']}" for entry in bad]
    if prepared.simulated:
        lines.append("SIMULATED ECGs, not records of patients")
    return "\n".join(lines)


def _signal_lines(prepared: PreparedRecords) -> list[str]:
    """Describe the stored ECGs and the sampling rates of their files."""
    manifest = prepared.manifest
    rates = sorted(manifest["recorded_rates"].items(), key=lambda pair: float(pair[0]))
    lines = [
        f"ECGs of {prepared.samples / prepared.sampling_rate:g} s at {prepared.sampling_rate} Hz, "
        f"leads {', '.join(manifest['lead_names'])}",
        "sampling rates of the files: "
        + ", ".join(f"{rate} Hz ({number} records)" for rate, number in rates),
    ]
    if manifest["derived"]:
        lines.append(f"leads computed from I and II: {manifest['derived']} records")
    if manifest["repeated"]:
        first, second = manifest["repeated"][0]
        lines.append(
            f"WARNING: ecg_id {first} and {second} have the same ECG, in different partitions "
            f"(number of such pairs: {len(manifest['repeated'])})"
        )
    if any(manifest["rows"]["no_superclass"].values()):
        lines.append("no label: dropped, because the record has none of the classes")
    return lines
