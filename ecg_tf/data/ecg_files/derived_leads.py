"""The limb leads that follow from leads I and II."""

import dataclasses

import numpy as np
from absl import logging

from ecg_tf.data.ecg_files.lead_names import lead_names
from ecg_tf.data.ecg_files.record import Record

# {lead: shares of I and II}, by Einthoven's and Goldberger's definitions
_SHARES = {"III": (-1, 1), "AVR": (-0.5, -0.5), "AVL": (1, -0.5), "AVF": (-0.5, 1)}


def derivable(found: list[str]) -> list[str]:
    """Return the limb leads that are missing among `found` and follow from I and II.

    Args:
        found: names of the leads of a record, those of `ecg_tf.leads.LEADS`.

    Examples:
        >>> from ecg_tf.data.ecg_files.derived_leads import derivable
        >>> derivable(["I", "II", "AVR"]), derivable(["II"])
        (['III', 'AVL', 'AVF'], [])
    """
    if found.count("I") != 1 or found.count("II") != 1:
        return []
    return [lead for lead in _SHARES if lead not in found]


def with_derived_leads(record: Record) -> Record:
    """Add the limb leads that a record lacks, computed from I and II, and log a warning.

    III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.

    Args:
        record: a `Record`. Unless it has I and II, each once, it is returned as it is.

    Examples:
        >>> import numpy as np
        >>> from ecg_tf.data.ecg_files.derived_leads import with_derived_leads
        >>> from ecg_tf.data.ecg_files.record import record_of_leads
        >>> record = record_of_leads("ecg.xml", ["I", "II"], np.array([[0.2], [0.6]]), 500)
        >>> record = with_derived_leads(record)
        >>> dict(zip(record.leads, record.ecg[0].round(3).tolist()))
        {'I': 0.2, 'II': 0.6, 'III': 0.4, 'AVR': -0.4, 'AVL': -0.1, 'AVF': 0.5}
    """
    found = lead_names(record.leads)
    derived = derivable(found)
    if not derived:
        return record
    limbs = record.ecg[:, [found.index("I"), found.index("II")]]
    signals = [*record.ecg.T, *(limbs @ np.array(_SHARES[lead]) for lead in derived)]
    logging.warning("%s: %s computed from I and II", record.name, " ".join(derived))
    return dataclasses.replace(
        record, ecg=np.stack(signals, axis=1), leads=(*record.leads, *derived)
    )
