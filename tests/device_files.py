"""ECG files of devices, written without ecg_tf: the content of each as bytes.

Each function takes `digital`, int (lead, time), and the names of the leads.
"""

import base64
import binascii
import io
import struct
import zlib

import numpy as np

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
SCP_NUMBERS = dict(zip(LEADS, [1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8], strict=True))


def walk(leads=12, samples=5000, seed=0):
    """Return samples as a device stores them, int (lead, time): a random walk around 0."""
    steps = np.random.default_rng(seed).integers(-12, 13, (leads, samples))
    digital = np.cumsum(steps, axis=1)
    return digital - digital.mean(axis=1, keepdims=True).astype(int)


def edf(digital, leads=LEADS, rate=500, unit="uV", physical=(-8192, 8191.75), bits=16, more=()):
    """EDF, or BDF with 24 bits, by its specification: data records of 1 s.

    `more` are (label, unit, rate, samples) of other signals.
    """
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    signals = [(name, unit, rate, row) for name, row in zip(leads, digital, strict=True)]
    signals += more
    seconds = len(signals[0][3]) // rate

    def column(width, values):
        return "".join(f"{value!s:<{width}}"[:width] for value in values)

    count = len(signals)
    first = b"\xffBIOSEMI" if bits == 24 else b"0       "
    head = f"{'X X X X':<80}{'Startdate X X X X':<80}01.01.0100.00.00"
    head += column(8, [256 * (count + 1)]) + " " * 44 + column(8, [seconds, 1]) + f"{count:<4}"
    head += column(16, [name for name, *_ in signals]) + " " * 80 * count
    head += column(8, [unit for _, unit, *_ in signals])
    head += column(8, [physical[0]] * count) + column(8, [physical[1]] * count)
    head += column(8, [low] * count) + column(8, [high] * count) + " " * 80 * count
    head += column(8, [per_second for *_, per_second, _ in signals]) + " " * 32 * count
    body = b"".join(
        b"".join(
            int(value).to_bytes(bits // 8, "little", signed=True)
            for value in row[second * per_second : (second + 1) * per_second]
        )
        for second in range(seconds)
        for *_, per_second, row in signals
    )
    return first + head.encode() + body


def dicom(digital, leads=LEADS, rate=500, unit="uV", sensitivity=2.5, baseline=0, groups=()):
    """DICOM by pydicom: a rhythm, before it the multiplex groups of `groups` (digital arrays)."""
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset

    def group(samples, label):
        one = Dataset()
        one.WaveformOriginality = "ORIGINAL"
        one.NumberOfWaveformChannels, one.NumberOfWaveformSamples = samples.shape
        one.SamplingFrequency, one.MultiplexGroupLabel = rate, label
        one.ChannelDefinitionSequence = [channel(name) for name in leads]
        one.WaveformBitsAllocated, one.WaveformSampleInterpretation = 16, "SS"
        one.WaveformData = samples.T.astype("<i2").tobytes()
        return one

    def channel(name):
        one, source, units = Dataset(), Dataset(), Dataset()
        source.CodeValue, source.CodingSchemeDesignator = f"2:{SCP_NUMBERS.get(name, 99)}", "MDC"
        source.CodeMeaning = f"Lead {name}"
        units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", "unit"
        one.ChannelSourceSequence = [source]
        one.ChannelSensitivity, one.ChannelSensitivityUnitsSequence = sensitivity, [units]
        one.ChannelSensitivityCorrectionFactor, one.ChannelBaseline = 1, baseline
        one.ChannelSampleSkew, one.WaveformBitsStored = 0, 16
        return one

    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.9.1.1"  # 12-lead ECG Waveform Storage
    data.SOPInstanceUID = "1.2.3"
    if digital is not None:
        data.WaveformSequence = [*(group(one, "BEAT") for one in groups), group(digital, "RHYTHM")]
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def aecg(digital, leads=LEADS, rate=500, unit="uV", scale=2.5, origin=0, sets=()):
    """HL7 aECG; before the rhythm the sequence sets of `sets` (digital arrays)."""

    def sequence(code, value):
        return f'<component><sequence><code code="{code}"/>{value}</sequence></component>'

    def one_set(samples):
        step = f'<value><head value="2002"/><increment value="{1 / rate}" unit="s"/></value>'
        rows = [sequence("TIME_ABSOLUTE", step)]
        for name, row in zip(leads, samples, strict=True):
            digits = " ".join(map(str, row))
            value = f'<value><origin value="{origin}" unit="{unit}"/>'
            value += f'<scale value="{scale}" unit="{unit}"/><digits>{digits}</digits></value>'
            rows.append(sequence(f"MDC_ECG_LEAD_{name}", value))
        return f"<series><sequenceSet>{''.join(rows)}</sequenceSet></series>"

    series = "".join(map(one_set, [*sets, digital]))
    root = f'<AnnotatedECG xmlns="urn:hl7-org:v3">{series}</AnnotatedECG>'
    return f'<?xml version="1.0"?>\n{root}'.encode()


def muse(digital, leads=LEADS, rate=500, unit="MICROVOLTS", gain=4.88):
    """GE Muse XML: a median beat and a rhythm."""

    def waveform(kind, samples):
        rows = []
        for name, row in zip(leads, samples, strict=True):
            data = row.astype("<i2").tobytes()
            rows.append(
                f"<LeadData>\n<LeadSampleCountTotal>{len(row)}</LeadSampleCountTotal>\n"
                f"<LeadAmplitudeUnitsPerBit>{gain}</LeadAmplitudeUnitsPerBit>\n"
                f"<LeadAmplitudeUnits>{unit}</LeadAmplitudeUnits>\n<LeadID>{name}</LeadID>\n"
                f"<LeadSampleSize>2</LeadSampleSize>\n"
                f"<LeadDataCRC32>{zlib.crc32(data)}</LeadDataCRC32>\n"
                f"<WaveFormData>\n{base64.encodebytes(data).decode()}</WaveFormData>\n</LeadData>\n"
            )
        return (
            f"<Waveform>\n<WaveformType>{kind}</WaveformType>\n<SampleBase>{rate}</SampleBase>\n"
            f"<SampleExponent>0</SampleExponent>\n{''.join(rows)}</Waveform>\n"
        )

    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n'
        f"<RestingECG>\n{waveform('Median', digital[:, :600])}{waveform('Rhythm', digital)}"
        "</RestingECG>\n"
    ).encode("latin-1")


def philips(digital, rate=500, resolution=5, encoding="utf-16"):
    """Philips XML with 12 leads compressed by XLI."""
    stored = digital.copy()
    stored[2] = digital[1] - digital[0] - digital[2]
    stored[3] = -digital[3] - np.floor_divide(digital[0] + digital[1], 2)
    stored[4] = np.floor_divide(digital[0] - digital[2], 2) - digital[4]
    stored[5] = np.floor_divide(digital[1] + digital[2], 2) - digital[5]
    data = base64.b64encode(b"".join(map(_xli, stored))).decode()
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        '<restingecgdata xmlns="http://www3.medical.philips.com"><dataacquisition>'
        "<signalcharacteristics><acquisitiontype>STD-12</acquisitiontype>"
        "</signalcharacteristics></dataacquisition><waveforms>"
        '<parsedwaveforms dataencoding="Base64" compression="XLI" numberofleads="12" '
        f'leadlabels="{" ".join(LEADS)}" durationperchannel="{digital.shape[1] * 1000 // rate}" '
        f'samplespersecond="{rate}" resolution="{resolution}" signaloffset="0" '
        f'bitspersample="16">{data}</parsedwaveforms></waveforms></restingecgdata>'
    )
    return text.encode(encoding)


def _xli(samples):
    """A lead of Philips: its differences, high bytes before low bytes, packed by LZW."""
    bends = -np.diff(samples, 2)
    numbers = np.concatenate([samples[:2], bends[1:] + 64, [64]]) & 0xFFFF
    data = bytes((numbers >> 8).tolist()) + bytes((numbers & 0xFF).tolist())
    codes, known, word = [], {bytes([byte]): byte for byte in range(256)}, b""
    for byte in data:
        longer = word + bytes([byte])
        if longer in known:
            word = longer
            continue
        codes.append(known[word])
        if len(known) < 1023:
            known[longer] = len(known)
        word = bytes([byte])
    bits = "".join(f"{code:010b}" for code in [*codes, known[word], 1023])
    bits += "0" * (-len(bits) % 8)
    packed = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return struct.pack("<ihh", len(packed), 1, bends[0]) + packed


# The default Huffman table of EN 1064, Annex C: {number: its code}.
HUFFMAN = {
    0: "0",
    1: "100",
    -1: "101",
    2: "1100",
    -2: "1101",
    3: "11100",
    -3: "11101",
    4: "111100",
    -4: "111101",
    5: "1111100",
    -5: "1111101",
    6: "11111100",
    -6: "11111101",
    7: "111111100",
    -7: "111111101",
    8: "1111111100",
    -8: "1111111101",
}


def scp(digital, leads=LEADS, step=2000, gain=2500, huffman=True, differences=2, beats=None):
    """SCP-ECG with sections 0, 2, 3, 4, 5 and 6.

    Args:
        digital: int (lead, time) of section 6.
        leads: names of the leads.
        step: µs a sample.
        gain: nV a step.
        huffman: False for 16-bit numbers.
        differences: order of the differences.
        beats: (reference beat (lead, time), its fiducial point, [(type, first, fiducial, last)]),
            all from 1 on; None if no beats were subtracted.
    """

    def signals(rows, bimodal):
        coded = [_scp_numbers(np.array(row), huffman, differences) for row in rows]
        sizes = [len(data) for data in coded]
        head = struct.pack("<HHBB", gain, step, differences, bimodal)
        return head + struct.pack(f"<{len(sizes)}H", *sizes) + b"".join(coded)

    sections = {1: b"\xff\0\0\0"}
    if huffman:
        sections[2] = struct.pack("<H", 19999)
    sections[3] = struct.pack("<BB", len(leads), (beats is not None) | 4 | len(leads) << 3 & 0xF8)
    for name, row in zip(leads, digital, strict=True):
        sections[3] += struct.pack("<IIB", 1, len(row), SCP_NUMBERS.get(name, 99))
    if beats:
        beat, middle, found = beats
        sections[4] = struct.pack("<HHH", beat.shape[1] * step // 1000, middle, len(found))
        sections[4] += b"".join(struct.pack("<HIII", *one) for one in found)
        sections[5] = signals(beat, 0)
    sections[6] = signals(digital, 0)
    place = 6 + 16 + 10 * (len(sections) + 1)
    pointers, body = struct.pack("<HII", 0, place - 6, 7), b""
    for number, content in sections.items():
        content += b"\0" * (len(content) % 2)
        pointers += struct.pack("<HII", number, len(content) + 16, place + len(body) + 1)
        body += _scp_section(number, content)
    return sealed_scp(_scp_section(0, pointers, b"SCPECG") + body)


def _scp_section(number, content, reserved=bytes(6)):
    section = struct.pack("<HIBB", number, len(content) + 16, 20, 20) + reserved + content
    return struct.pack("<H", binascii.crc_hqx(section, 0xFFFF)) + section


def sealed_scp(sections):
    """The whole file with its length and checksum."""
    content = struct.pack("<I", len(sections) + 6) + sections
    return struct.pack("<H", binascii.crc_hqx(content, 0xFFFF)) + content


def _scp_numbers(samples, huffman, differences):
    numbers = np.concatenate([samples[:differences], np.diff(samples, differences)])
    if not huffman:
        return numbers.astype("<i2").tobytes()
    bits = ""
    for number in numbers.tolist():
        if number in HUFFMAN:
            bits += HUFFMAN[number]
        elif -128 <= number < 128:
            bits += "1111111110" + f"{number & 0xFF:08b}"
        else:
            bits += "1111111111" + f"{number & 0xFFFF:016b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
