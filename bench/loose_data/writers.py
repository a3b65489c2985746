"""Write planted documents in many forms: text, CSV in several encodings, Word, Excel, PDF, HTML, mail, zips in zips."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from html import escape
from pathlib import Path

import xlsxwriter

from bench.loose_data.documents import Planted, Rows

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
type Writer = Callable[[Path, Planted, random.Random], str]


def _get_lines(planted: Planted) -> list[str]:
    return planted.text.split("\n") if planted.text else ["\t".join(row) for row in planted.rows]


def _get_rows(planted: Planted) -> Rows:
    return planted.rows or [[line] for line in planted.text.split("\n")]


def _format_csv(rows: Rows, delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def write_plain(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a text, or delimited rows, in some encoding; whatever the ending of its name."""
    text = planted.text or _format_csv(planted.rows, rng.choice(",,;\t|"))
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"))
    path = path.with_suffix(rng.choice((".csv", ".txt", ".dat", "", ".log")))
    path.write_bytes(text.encode(encoding, "replace"))
    return path.name


def write_word(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a Word document whose words are cut into runs anywhere."""
    path = path.with_suffix(".docx")
    if planted.rows:
        body = "<w:tbl>" + "".join(_format_word_row(row, rng) for row in planted.rows) + "</w:tbl>"
    else:
        body = "".join(f"<w:p>{_format_runs(line, rng)}</w:p>" for line in planted.text.split("\n"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {_W}><w:body>{body}</w:body></w:document>")
    return path.name


def _format_word_row(row: list[str], rng: random.Random) -> str:
    return "<w:tr>" + "".join(f"<w:tc><w:p>{_format_runs(cell, rng)}</w:p></w:tc>" for cell in row) + "</w:tr>"


def _format_runs(text: str, rng: random.Random) -> str:
    cut = rng.randint(0, len(text))
    pieces = (text[:cut], text[cut:])
    return "".join(f'<w:r><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>' for piece in pieces if piece)


def write_workbook(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a workbook; its data may be on a hidden sheet, and bare numbers are numbers."""
    path = path.with_suffix(".xlsx")
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
        if rng.random() < 0.3:
            book.add_worksheet("Cover").write(0, 0, "Cover")
        sheet = book.add_worksheet("Data")
        if len(book.worksheets()) > 1:
            sheet.hide()
        for number, row in enumerate(_get_rows(planted)):
            for column, cell in enumerate(row):
                if cell.isdigit() and len(cell) < 15:
                    sheet.write_number(number, column, int(cell))
                else:
                    sheet.write_string(number, column, cell)
    return path.name


def write_pdf(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a PDF, line by line, each cell of a table at its place."""
    path = path.with_suffix(".pdf")
    lines = planted.rows or [[line] for line in planted.text.split("\n")]
    pages = [lines[first : first + 50] for first in range(0, len(lines), 50)]
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>")
    kids = []
    for page in pages:
        stream = "BT /F1 8 Tf\n"
        for number, row in enumerate(page):
            width = 560 / max(len(row), 1)
            for column, cell in enumerate(row):
                for offset, piece in enumerate(_wrap_line(cell) if len(row) == 1 else [cell]):
                    text = piece.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
                    stream += f"1 0 0 1 {24 + column * width:.1f} {760 - number * 14 - offset * 9} Tm ({text}) Tj\n"
        stream += "ET"
        objects.append(f"<< /Length {len(stream.encode('cp1252', 'replace'))} >>\nstream\n{stream}\nendstream")
        content = len(objects)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1200 800] /Contents {content} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    path.write_bytes(_format_pdf(objects))
    return path.name


def _wrap_line(text: str) -> list[str]:
    return [text] if len(text) < 230 else [text[:230]]


def _format_pdf(objects: list[str]) -> bytes:
    content = b"%PDF-1.4\n"
    offsets = []
    for number, text in enumerate(objects, 1):
        offsets.append(len(content))
        content += f"{number} 0 obj\n{text}\nendobj\n".encode("cp1252", "replace")
    start = len(content)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    content += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    return content + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def write_page(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a web page."""
    path = path.with_suffix(".html")
    if planted.rows:
        rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in planted.rows)
        body = f"<table>{rows}</table>"
    else:
        body = "".join(
            f"<p>{'<br>'.join(map(escape, block.split(chr(10))))}</p>" for block in planted.text.split("\n\n")
        )
    path.write_text(f"<!DOCTYPE html><html><head><title>x</title></head><body>{body}</body></html>", encoding="utf-8")
    return path.name


def write_mail(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a message; rows come as an attachment."""
    path = path.with_suffix(".eml")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "desk@fairmont.example.net", "it@fairmont.example.net", "Files"
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 -0600"
    if planted.rows:
        message.set_content("See the list.\n")
        message.add_attachment(
            _format_csv(planted.rows, ",").encode(), maintype="text", subtype="csv", filename="l.csv"
        )
    else:
        message.set_content(planted.text)
    path.write_bytes(message.as_bytes())
    return f"{path.name}!l.csv" if planted.rows else path.name


def write_zip(path: Path, planted: Planted, rng: random.Random) -> str:
    """Write a zip in a zip."""
    path = path.with_suffix(".zip")
    text = planted.text or _format_csv(planted.rows, ",")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", text)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    return f"{path.name}!inner.zip!x.csv"


WRITERS: tuple[tuple[Writer, int], ...] = (
    (write_plain, 10),
    (write_word, 4),
    (write_workbook, 4),
    (write_pdf, 3),
    (write_page, 2),
    (write_mail, 2),
    (write_zip, 2),
)
"""Writers with how often each is chosen."""
