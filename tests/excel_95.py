"""Streams of Excel 95 (BIFF5), record by record: texts in GBK, formulas with or without their results."""

import struct


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def excel_95(*texts, codepage=None, formulas=()):
    """A sheet 表 of Excel 95 with texts in its first column, in GBK, and (row, flags, result) of formulas in the second."""
    cells = b"".join(
        record(0x0204, struct.pack("<HHHH", row, 0, 15, len(text.encode("gbk"))) + text.encode("gbk"))
        for row, text in enumerate(texts)
    )
    cells += b"".join(
        record(0x0006, struct.pack("<HHHdHIH", row, 1, 15, result, flags, 0, 3) + b"\x1e\x01\x00")
        for row, flags, result in formulas
    )
    begin, end = struct.pack("<HHHH", 0x0500, 0x0005, 0, 0), record(0x000A)
    head = record(0x0809, begin) + (b"" if codepage is None else record(0x0042, struct.pack("<H", codepage)))
    styles = record(0x0031, struct.pack("<HHHHHBBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0, 1) + b"A") * 5
    styles += record(0x00E0, struct.pack("<HHHHHHHH", 0, 0, 0xFFF5, 0x20, 0, 0, 0, 0)) * 15
    styles += record(0x00E0, struct.pack("<HHHHHHHH", 0, 0, 0x0001, 0x20, 0, 0, 0, 0))
    title = "表".encode("gbk")
    place = len(head) + len(styles) + len(record(0x0085, bytes(7) + title)) + len(end)
    sheet = record(0x0085, struct.pack("<IHB", place, 0, len(title)) + title)
    return head + styles + sheet + end + record(0x0809, struct.pack("<HHHH", 0x0500, 0x0010, 0, 0)) + cells + end
