"""The numbers of leads that SCP-ECG, ISO/IEEE 11073 (MDC) and DICOM have in common."""

from ecg_tf.leads import LEADS

_LIMB = {"I": 1, "II": 2, "III": 61, "AVR": 62, "AVL": 63, "AVF": 64}
SCP_LEADS = {number: lead for lead, number in _LIMB.items()} | {
    3 + k: lead for k, lead in enumerate(LEADS[6:])
}
