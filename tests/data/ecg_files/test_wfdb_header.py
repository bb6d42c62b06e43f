"""Headers of WFDB records, as header(5) of the WFDB manual describes them."""

import pytest

from ecg_tf.data.ecg_files.wfdb_header import parse_header
from ecg_tf.errors import RecordError

LINE = "r.dat 16 1000(0)/mV 16 0 -5 77 0 I"


def parse(record="r 1 500 5000", *signals, stem="r"):
    text = "\n".join([record, *(signals or (LINE,)), "# a comment", ""])
    return parse_header(text.encode("latin-1"), "a/r", stem)


def signal(line):
    return parse("r 1 500 5000", line).signals[0]


def refused(*arguments):
    with pytest.raises(RecordError) as error:
        parse(*arguments)
    message = str(error.value)
    assert message.startswith("a/r: ")
    return message.removeprefix("a/r: ")


# Valid headers


def test_every_field_of_a_signal_is_read():
    found = signal("x_1-b.dat 212x4:3+512 -200.5(17)/uV 12 9 -5 -77 0 Lead V1, chest")
    assert (found.file, found.format) == ("x_1-b.dat", "212")
    assert (found.per_frame, found.skew, found.offset) == (4, 3, 512)
    assert (found.gain, found.baseline, found.unit) == (-200.5, 17, "uV")
    assert (found.first, found.checksum, found.name) == (-5, -77, "LEAD V1, CHEST")


def test_missing_fields_of_a_signal_have_their_defaults():
    found = signal("r.dat 16")
    assert (found.per_frame, found.skew, found.offset) == (1, 0, 0)
    assert (found.gain, found.baseline, found.unit) == (0, 0, "mV")
    assert (found.first, found.checksum, found.name) == (0, None, "?")


def test_zero_is_the_default_of_baseline_and_first_value():
    found = signal("r.dat 8 100 12 1024")
    assert (found.baseline, found.first) == (1024, 1024)


@pytest.mark.parametrize(
    ("word", "rate"),
    [("500", 500), ("500.", 500), (".5e3", 500), ("99.997", 99.997), ("360/180(-12.5)", 360)],
)
def test_rate_is_any_positive_number(word, rate):
    assert parse(f"r 1 {word} 5000").rate == rate


@pytest.mark.parametrize(
    "rest",
    [
        "2006",
        "10:00:00 2006",
        "23:07:00 19/01/89",
        "24:00:00",
        "10:00:00 2020-02-05",
        "05-May-2020 09:49:17",
        "10:00:00 00/00/0000",
        "99:99:99 x y z",
    ],
)
def test_time_and_date_are_ignored(rest):
    assert parse(f"r 1 500 5000 {rest}").frames == 5000


@pytest.mark.parametrize("record", ["r 1 500", "r 1 500 0"])
def test_number_of_samples_may_not_be_stated(record):
    assert parse(record).frames is None


@pytest.mark.parametrize("record", ["E07835.mat", "folder/r", "a/b/r", "other", "folder/12"])
def test_record_may_be_called_anything(record):
    assert parse(f"{record} 1 500 5000", stem="12").frames == 5000


def test_signal_files_may_be_named_with_the_records_folder():
    line = LINE.replace("r.dat", "folder/r.dat")
    assert parse("folder/r 1 500 5000", line).signals[0].file == "r.dat"
    assert "'folder/r.dat'" in refused("r 1 500 5000", line)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n \t\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff", "# before\n", "\n"])
def test_line_ends_and_byte_order_marks_are_ignored(begin, end):
    text = begin + end.join(["r\t1 500\t5000 ", "  " + LINE, "#<age>: 5"])
    header = parse_header(text.encode(), "r", "r")
    assert (header.rate, header.frames, header.signals[0].name) == (500, 5000, "I")
    assert header.comments[-1] == "<age>: 5"


def test_text_in_latin_1_and_utf_8_is_read():
    for encoding in "latin-1", "utf-8":
        text = "r 1 500 5000\nr.dat 16 1/\u00b5V 16 0 0 0 0 \u00c4 1\n# M\u00fcller\n"
        header = parse_header(text.encode(encoding), "r", "r")
        assert (header.signals[0].unit, header.signals[0].name) == ("\u00b5V", "\u00c4 1")
        assert header.comments == ("M\u00fcller",)


# Invalid headers


@pytest.mark.parametrize(
    "word",
    ["NaN", "?", "+500", "-500", "Hz500", "(500)", "/500", "0", "1e999", "5_0", "500/", "inf"],
)
def test_invalid_sampling_rate_is_refused(word):
    assert refused(f"r 1 {word} 5000") == (
        f"line 1 of its header: sampling rate '{word}', expected Hz, such as 500"
    )


@pytest.mark.parametrize("word", ["-1", "1e3", "x", "5000.0", "10:00:00"])
def test_invalid_number_of_samples_is_refused(word):
    assert f"number of samples '{word}'" in refused(f"r 1 500 {word}")


@pytest.mark.parametrize("count", ["0", "2", "-1", "1.0", "x", "01"])
def test_another_number_of_signals_is_refused(count):
    assert refused(f"r {count} 500 5000").endswith("and describes 1 signals")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("r.dat", "signal 'r.dat', expected at least a signal file and its format"),
        ("r.dat x", "format 'x'"),
        ("r.dat 16x0", "format '16x0', expected at least one sample a frame"),
        ("r.dat 16:-5", "format '16:-5'"),
        ("r.dat 16 (0)/mV", "gain '(0)/mV'"),
        ("r.dat 16 nan/mV", "gain 'nan/mV'"),
        ("r.dat 16 1e999/mV", "gain '1e999/mV'"),
        ("r.dat 16 1000(0/mV", "gain '1000(0/mV'"),
        ("r.dat 16 1000(0)/", "gain '1000(0)/'"),
        ("r.dat 16 1000(4294967296)/mV", "baseline '4294967296'"),
        ("r.dat 16 1000/mV I", "resolution 'I', expected a whole number"),
        ("r.dat 16 1000/mV 16 0.5", "zero '0.5'"),
        ("r.dat 16 1000/mV 16 0 x", "initial value 'x'"),
        ("r.dat 16 1000/mV 16 0 0 1.5", "checksum '1.5'"),
        ("r.dat 16 1000/mV 16 0 0 65536", "checksum '65536', expected 16 bits"),
        ("r.dat 16 1000/mV 16 0 0 0 II", "block size 'II'"),
        ("../r.dat 16 1000/mV", "signal file '../r.dat', expected a file beside the header"),
    ],
)
def test_line_that_cannot_be_parsed_is_named(line, words):
    assert refused("r 1 500 5000", line).startswith(f"line 2 of its header: {words}")


def test_message_quotes_no_more_than_twenty_characters():
    word = "".join(chr(ord("a") + k) for k in range(26))
    for message in (
        refused(f"r 1 {word} 5000"),
        refused("r 1 500 5000", f"r.dat 16 {word}"),
        refused(word, word),
        refused(word),
    ):
        assert word[:10] in message
        assert word[:21] not in message


@pytest.mark.parametrize("text", ["\0", "\x1b[2J", "\x0c", "\u202e"])
def test_control_characters_are_refused(text):
    with pytest.raises(RecordError, match="line 2 of its header is no text"):
        parse_header(f"r 1 500 5000\n{LINE}{text}I\n".encode(), "r", "r")


def test_very_long_line_is_refused():
    assert "1001 characters" in refused("r 1 500 5000", LINE + "I" * (1001 - len(LINE)))


def test_several_segments_are_refused():
    message = refused("r/2 1 500 5000", "r_1 2500", "r_2 2500")
    assert message == "a record of several segments, expected a single one"
