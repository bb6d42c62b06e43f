"""SNOMED CT codes of the PhysioNet/CinC Challenges 2020 and 2021, and what they mean here.

`snomed_ct.csv` has a row for each of the challenge's 133 codes. Its column `superclass` follows
PTB-XL, whose statements are grouped into superclasses: a code has the superclass of the statement
that means the same. `doubtful` marks the rows where this is not certain: see docs/data.md.

References:
    M. Reyna et al., "Will Two Do? Varying Dimensions in Electrocardiography: the
    PhysioNet/Computing in Cardiology Challenge 2021", Computing in Cardiology 48 (2021),
    doi:10.23919/CinC53138.2021.9662687.
"""

import csv
import dataclasses
import functools
from importlib import resources


@dataclasses.dataclass(frozen=True)
class Code:
    """A SNOMED CT code.

    Attributes:
        code: the code, as text.
        abbreviation: the challenge's abbreviation, such as "LBBB".
        diagnosis: what it means.
        scored: True if the challenge scores it.
        scored_as: the code that the challenge scores it as, itself or another; None if it is not
            scored.
        superclass: MI, STTC, CD, HYP or NORM; None for others, such as rhythms.
        doubtful: True if the superclass is not certain.
    """

    code: str
    abbreviation: str
    diagnosis: str
    scored: bool
    scored_as: str | None
    superclass: str | None
    doubtful: bool


@functools.cache
def codes() -> dict[str, Code]:
    """Return {code: `Code`} of all codes, the scored ones first.

    Examples:
        >>> from ecg_tf.data.challenge.snomed_ct import codes
        >>> left = codes()["733534002"]
        >>> left.diagnosis, left.superclass
        ('complete left bundle branch block', 'CD')
        >>> codes()[left.scored_as].abbreviation
        'LBBB'
    """
    text = resources.files("ecg_tf.data.challenge").joinpath("snomed_ct.csv").read_text("utf-8")
    return {
        row["code"]: Code(
            code=row["code"],
            abbreviation=row["abbreviation"],
            diagnosis=row["diagnosis"],
            scored=row["scored"] == "1",
            scored_as=(row["scored_as"] or row["code"]) if row["scored"] == "1" else None,
            superclass=row["superclass"] or None,
            doubtful=row["doubtful"] == "1",
        )
        for row in csv.DictReader(text.splitlines())
    }


def scored_names() -> dict[str, str]:
    """Return {code: name} of the classes that the challenge scores, without equivalent codes.

    Examples:
        >>> from ecg_tf.data.challenge.snomed_ct import scored_names
        >>> len(scored_names()), scored_names()["164909002"]
        (26, 'LBBB')
    """
    return {
        code.code: code.abbreviation for code in codes().values() if code.scored_as == code.code
    }
