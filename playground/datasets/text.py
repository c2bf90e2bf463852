"""Bytes to text: which encoding a file that somebody brings is written in.

A mark at its beginning says so, or it is UTF-8; else it is Windows-1252, which is what the web means by latin-1 and
what spreadsheets in western Europe write: quotation marks and the euro sign stand where latin-1 has control characters.
"""

import re

from playground.datasets.base import MAX_BYTES, MAX_ROWS, DataError, size_text

CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")  # characters that no text holds
UNDEFINED = re.compile("[\x80-\x9f]")  # what Windows-1252 leaves undefined stays a control character
WINDOWS = {
    number: bytes([number]).decode("cp1252") for number in range(0x80, 0xA0) if number not in b"\x81\x8d\x8f\x90\x9d"
}
NOT_TEXT = "This is not a text file; save the table as CSV (comma separated values) and upload that."
OTHER_ENCODING = "The file is neither UTF-8 nor Windows-1252; save it as CSV UTF-8 and upload that."


def decode(raw: bytes | str) -> str:
    """The text of a file, with newlines as line ends. Raises DataError where it is too large or no text.

    UTF-8 or UTF-16 where a mark says so, else UTF-8, else Windows-1252 (https://encoding.spec.whatwg.org/#names).
    """
    if len(raw) > MAX_BYTES:
        raise DataError(
            f"The table is too large: {size_text(len(raw))}; the most is {size_text(MAX_BYTES)} and {MAX_ROWS:,} rows."
        )
    text = raw if isinstance(raw, str) else _text(raw)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if CONTROL.search(text):
        raise DataError(NOT_TEXT)
    return text


def _text(raw: bytes) -> str:
    if raw.startswith(b"PK\x03\x04"):
        raise DataError("This looks like an Excel workbook or a zip file; save the table as CSV and upload that.")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode("utf-16")
        except UnicodeDecodeError as error:
            raise DataError(NOT_TEXT) from error
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1").translate(WINDOWS)
    if not CONTROL.search(text) and UNDEFINED.search(text):
        raise DataError(OTHER_ENCODING)
    return text
