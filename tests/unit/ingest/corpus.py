"""Malformed and unusual files, each with the expected result: exact rows, or a refusal with its line and reason."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass

from tests.unit.ingest.strict_reader import ReadRow

ABC = ("a", "b", "c")


@dataclass(frozen=True, kw_only=True)
class ValidFile:
    """A file that is loaded exactly: each row begins with its line."""

    name: str
    data: bytes
    rows: tuple[ReadRow, ...]
    names: tuple[str, ...] = ABC
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InvalidFile:
    """A file that is refused: the line, the field, and words of the reason."""

    name: str
    data: bytes
    line: int | None
    reason: str
    field: str | None = None


def _build_zip(name: str = "[Content_Types].xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


_SINGLE_ROW = ((2, "1", "2", "3"),)
_TWO_ROWS = ((2, "1", "2", "3"), (3, "4", "5", "6"))
_HEAD = "a,b,c\n"
_NAMES_CSV = "name,b\nJosé,Žižka\nZoë,Æ\n"
_NAME_ROWS = ((2, "José", "Žižka"), (3, "Zoë", "Æ"))
_LATIN_CSV = "name,b\nJosé,x\n"

VALID_FILES: tuple[ValidFile, ...] = (
    ValidFile(name="plain", data=b"a,b,c\n1,2,3\n4,5,6\n", rows=_TWO_ROWS),
    ValidFile(name="no line end at the end", data=b"a,b,c\n1,2,3\n4,5,6", rows=_TWO_ROWS),
    ValidFile(name="Windows line ends", data=b"a,b,c\r\n1,2,3\r\n4,5,6\r\n", rows=_TWO_ROWS),
    ValidFile(
        name="bare CR line ends", data=b"a,b,c\r1,2,3\r4,5,6\r", rows=_TWO_ROWS, notes=("line ends of CR alone",)
    ),
    ValidFile(name="bare CR, open end", data=b"a,b,c\r1,2,3\r4,5,6", rows=_TWO_ROWS, notes=("line ends of CR alone",)),
    ValidFile(
        name="mixed line ends",
        data=b"a,b,c\n1,2,3\r\n4,5,6\r7,8,9\n",
        rows=(*_TWO_ROWS, (4, "7", "8", "9")),
        notes=("mixed line ends",),
    ),
    ValidFile(
        name="CR CR LF",
        data=b"a,b,c\r\r\n1,2,3\r\r\n",
        rows=((3, "1", "2", "3"),),
        notes=("blank line skipped, first on line 2 (2 times)", "mixed line ends"),
    ),
    ValidFile(name="UTF-8", data=_NAMES_CSV.encode(), names=("name", "b"), rows=_NAME_ROWS),
    ValidFile(
        name="UTF-8 with a mark",
        data=_NAMES_CSV.encode("utf-8-sig"),
        names=("name", "b"),
        rows=_NAME_ROWS,
        notes=("begins with a byte order mark",),
    ),
    ValidFile(
        name="UTF-16 little with a mark",
        data=b"\xff\xfe" + _NAMES_CSV.encode("utf-16-le"),
        names=("name", "b"),
        rows=_NAME_ROWS,
        notes=("read as UTF-16-LE",),
    ),
    ValidFile(
        name="UTF-16 big with a mark",
        data=b"\xfe\xff" + _NAMES_CSV.encode("utf-16-be"),
        names=("name", "b"),
        rows=_NAME_ROWS,
        notes=("read as UTF-16-BE",),
    ),
    ValidFile(
        name="UTF-16 little without a mark",
        data=_LATIN_CSV.encode("utf-16-le"),
        names=("name", "b"),
        rows=((2, "José", "x"),),
        notes=("read as UTF-16-LE, without a byte order mark",),
    ),
    ValidFile(
        name="UTF-16 big without a mark",
        data=_LATIN_CSV.encode("utf-16-be"),
        names=("name", "b"),
        rows=((2, "José", "x"),),
        notes=("read as UTF-16-BE, without a byte order mark",),
    ),
    ValidFile(
        name="Windows-1252",
        data="name,b\nJosé,€ “x”\n".encode("cp1252"),
        names=("name", "b"),
        rows=((2, "José", "€ “x”"),),
        notes=("not UTF-8: read as Windows-1252",),
    ),
    ValidFile(name="tabs", data=b"a\tb\tc\n1\t2,2\t3\n", rows=((2, "1", "2,2", "3"),)),
    ValidFile(name="semicolons", data=b"a;b;c\n1;2,5;3\n", rows=((2, "1", "2,5", "3"),)),
    ValidFile(name="pipes", data=b"a|b|c\n1|2|3\n", rows=_SINGLE_ROW),
    ValidFile(
        name="sep= line",
        data=b"sep=;\na;b;c\n1;2;3\n",
        rows=((3, "1", "2", "3"),),
        notes=("first line says sep=, first on line 1",),
    ),
    ValidFile(
        name="a comma inside a semicolon header",
        data=b"name, first;b\nx;y\n",
        names=("name, first", "b"),
        rows=((2, "x", "y"),),
    ),
    ValidFile(name="one column", data=b"email\nx\ny\n", names=("email",), rows=((2, "x"), (3, "y"))),
    ValidFile(
        name="one column with blank lines and an empty value",
        data=b'email\nx\n\n""\ny\n',
        names=("email",),
        rows=((2, "x"), (5, "y")),
        notes=("blank line skipped, first on line 3", "row without any value skipped, first on line 4"),
    ),
    ValidFile(
        name="blank lines above and between",
        data=b"\n \na,b,c\n\n1,2,3\n  \n4,5,6\n\n",
        rows=((5, "1", "2", "3"), (7, "4", "5", "6")),
        notes=(
            "blank line skipped, first on line 1 (2 times)",
            "blank line skipped, first on line 4 (3 times)",
        ),
    ),
    ValidFile(
        name="rows of commas below the last",
        data=b"a,b,c\n1,2,3\n,,\n,,\n",
        rows=_SINGLE_ROW,
        notes=("row without any value skipped, first on line 3 (2 times)",),
    ),
    ValidFile(
        name="names without a name at the end",
        data=b"a,b,c,,\n1,2,3,,\n4,5,6,,\n",
        rows=_TWO_ROWS,
        notes=(
            "columns without a name at the end of the header, first on line 1 (2 times)",
            "empty fields after the last column, first on line 2 (2 times)",
        ),
    ),
    ValidFile(
        name="no name in the middle",
        data=b"a,,b,c\n1,x,2,3\n4,,5,6\n",
        rows=_TWO_ROWS,
        notes=(
            "columns without a name, first on line 1",
            "column 2 has no name, so its values are not loaded, first on line 2",
        ),
    ),
    ValidFile(
        name="empty fields after the last column",
        data=b"a,b,c\n1,2,3\n4,5,6,,,\n",
        rows=_TWO_ROWS,
        notes=("empty fields after the last column, first on line 3",),
    ),
    ValidFile(name="empty last field", data=b"a,b,c\n1,2,\n,,3\n", rows=((2, "1", "2", None), (3, None, None, "3"))),
    ValidFile(name="quoted everywhere", data=b'"a","b","c"\r\n"1","2","3"\r\n', rows=_SINGLE_ROW),
    ValidFile(name="quoted empty", data=b'a,b,c\n"",2,""\n', rows=((2, None, "2", None),)),
    ValidFile(name="quotes inside quotes", data=b'a,b,c\n"1""","""2","3""3"\n', rows=((2, '1"', '"2', '3"3'),)),
    ValidFile(name="only a quote", data=b'a,b,c\n"""",",",x\n', rows=((2, '"', ",", "x"),)),
    ValidFile(
        name="line ends inside quotes",
        data=b'a,b,c\n1,"x\ny\n",3\n4,"\r\n",6\n7,"\r",9\n1,2,3\n',
        rows=((2, "1", "x\ny\n", "3"), (5, "4", "\r\n", "6"), (7, "7", "\r", "9"), (9, "1", "2", "3")),
    ),
    ValidFile(
        name="line ends inside quotes with CRLF",
        data=b'a,b,c\r\n1,"x\ny",3\r\n4,"\r\n",6\r\n',
        rows=((2, "1", "x\ny", "3"), (4, "4", "\r\n", "6")),
    ),
    ValidFile(name="a header of two lines", data=b'"a\nz",b\n1,2\n', names=("a\nz", "b"), rows=((3, "1", "2"),)),
    ValidFile(
        name="words that mean null elsewhere",
        data=b"a,b,c\nNA,None,null\nNaN,N/A,-\n",
        rows=((2, "NA", "None", "null"), (3, "NaN", "N/A", "-")),
    ),
    ValidFile(name="formulas stay text", data=b"a,b,c\n=1+1,@SUM(A1),-2\n", rows=((2, "=1+1", "@SUM(A1)", "-2"),)),
    ValidFile(name="numbers stay text", data=b"a,b,c\n007,1e5,1.10\n", rows=((2, "007", "1e5", "1.10"),)),
    ValidFile(
        name="dates stay text", data=b"a,b,c\n2025-08-01,1/2/25,true\n", rows=((2, "2025-08-01", "1/2/25", "true"),)
    ),
    ValidFile(name="blanks stay", data=b"a,b,c\n 1 ,\t,3 \n", rows=((2, " 1 ", "\t", "3 "),)),
    ValidFile(name="a comment sign is text", data=b"a,b,c\n#1,2,3\n", rows=((2, "#1", "2", "3"),)),
    ValidFile(
        name="a mark inside the rows is text", data="a,b,c\n\ufeff1,2,3\n".encode(), rows=((2, "\ufeff1", "2", "3"),)
    ),
    ValidFile(
        name="other line signs are text",
        data="a,b,c\n1\u2028x,2\x85,3\n".encode(),
        rows=((2, "1\u2028x", "2\x85", "3"),),
    ),
    ValidFile(
        name="control characters",
        data=b"a,b,c\n1,\x0b2,3\x07\n",
        rows=((2, "1", "\x0b2", "3\x07"),),
        notes=("control characters, kept as text, first on line 2 (2 times)",),
    ),
    ValidFile(
        name="letters lost before",
        data="a,b,c\n1,Jos\ufffd,3\n".encode(),
        rows=((2, "1", "Jos\ufffd", "3"),),
        notes=("letters that were lost before the export, first on line 2",),
    ),
    ValidFile(
        name="the end mark of DOS",
        data=b"a,b,c\n1,2,3\n\x1a",
        rows=_SINGLE_ROW,
        notes=("the end mark of DOS after the last row",),
    ),
    ValidFile(name="header only", data=b"a,b,c\n", rows=(), notes=("no rows under the header",)),
    ValidFile(
        name="blanks around names",
        data=b" a ,b, c\n1,2,3\n",
        rows=_SINGLE_ROW,
        notes=("blanks around column names, first on line 1",),
    ),
    ValidFile(
        name="a year among the names", data=b"school,2024,c\n1,2,3\n", names=("school", "2024", "c"), rows=_SINGLE_ROW
    ),
    ValidFile(name="emoji and other planes", data="a,b,c\n🎒,𝒳,e\u0301\n".encode(), rows=((2, "🎒", "𝒳", "e\u0301"),)),
    ValidFile(
        name="JSON list",
        data=b'[{"a":"1","b":2},{"a":null,"c":true}]',
        rows=((1, "1", "2", None), (2, None, None, "true")),
    ),
    ValidFile(name="JSON lines", data=b'{"a":"1"}\n{"a":"2"}\n', names=("a",), rows=((1, "1"), (2, "2"))),
    ValidFile(
        name="one JSON object",
        data=b' {"a":{"x":1,"y":{"z":-0.10}},"b":[]} ',
        names=("a.x", "a.y.z"),
        rows=((1, "1", "-0.10"),),
    ),
    ValidFile(
        name="Graph envelope",
        data=b'{"@odata.context":"x","value":[{"id":"1"},{"id":"2"}],"@odata.nextLink":"y"}',
        names=("id",),
        rows=((1, "1"), (2, "2")),
    ),
    ValidFile(
        name="JSON with a mark",
        data=b'\xef\xbb\xbf[{"a":"\xc3\xa9"}]',
        names=("a",),
        rows=((1, "é"),),
        notes=("begins with a byte order mark",),
    ),
    ValidFile(
        name="JSON in UTF-16",
        data=b"\xff\xfe" + '[{"a":"é"}]'.encode("utf-16-le"),
        names=("a",),
        rows=((1, "é"),),
        notes=("read as UTF-16-LE",),
    ),
    ValidFile(
        name="numbers exactly",
        data=b'[{"a":123456789012345678901234567890,"b":1.10,"c":1e400}]',
        rows=((1, "123456789012345678901234567890", "1.10", "1e400"),),
    ),
    ValidFile(
        name="lists in JSON",
        data=b'[{"a":["x",1,false],"b":[{"k":"u"},{"k":"v"}]}]',
        names=("a", "b.0.k", "b.1.k"),
        rows=((1, "x 1 false", "u", "v"),),
    ),
    ValidFile(
        name="escapes in JSON", data=b'[{"a":"\\ud83c\\udf92 \\"q\\" \\n"}]', names=("a",), rows=((1, '🎒 "q" \n'),)
    ),
    ValidFile(
        name="an empty JSON list", data=b"[]", names=(), rows=(), notes=("no rows in the file: the list is empty",)
    ),
    ValidFile(
        name="an empty page", data=b'{"value":[]}', names=(), rows=(), notes=("no rows in the file: the list is empty",)
    ),
)

INVALID_FILES: tuple[InvalidFile, ...] = (
    InvalidFile(name="empty", data=b"", line=None, reason="is empty"),
    InvalidFile(name="cut off inside its header", data=b"a,b,c", line=1, reason="ends within its header", field="c"),
    InvalidFile(
        name="cut off inside its header, after sep=", data=b"sep=;\r\na;b", line=2, reason="ends within", field="b"
    ),
    InvalidFile(name="only blank lines", data=b"\n \n\r\n", line=1, reason="has no header"),
    InvalidFile(name="only a mark", data=b"\xef\xbb\xbf", line=1, reason="has no header"),
    InvalidFile(
        name="a short row",
        data=b"a,b,c\n1,2,3\n4,5\n",
        line=3,
        reason="the row has 2 fields where the header has 3",
        field="c",
    ),
    InvalidFile(
        name="a short last row, open end",
        data=b"a,b,c\n1,2,3\n4",
        line=3,
        reason="the row has 1 field where",
        field="b",
    ),
    InvalidFile(
        name="a long row", data=b"a,b,c\n1,2,3,4\n", line=2, reason="the row has 4 fields where the header has 3"
    ),
    InvalidFile(
        name="a value under a column without a name", data=b"a,b,c,\n1,2,3,\n1,2,3,4\n", line=3, reason="4 fields"
    ),
    InvalidFile(name="one long row and one short, same sum", data=b"a,b,c\n1,2,3,4\n5,6\n", line=2, reason="4 fields"),
    InvalidFile(
        name="an unclosed quote", data=b'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n', line=3, reason="never closed", field="b"
    ),
    InvalidFile(name="cut off inside a quoted field", data=b'a,b,c\n1,2,"3', line=2, reason="never closed", field="c"),
    InvalidFile(
        name="text after the closing quote",
        data=b'a,b,c\n"1"x,2,3\n',
        line=2,
        reason="text after the closing quote",
        field="a",
    ),
    InvalidFile(
        name="a blank after the closing quote", data=b'a,b,c\n1,"2" ,3\n', line=2, reason="text after", field="b"
    ),
    InvalidFile(
        name="a quote inside a plain field",
        data=b'a,b,c\n1,2,3\n4,5" disk,6\n',
        line=3,
        reason="a quote inside a field",
        field="b",
    ),
    InvalidFile(
        name="a blank before the opening quote",
        data=b'a,b,c\n1, "2",3\n',
        line=2,
        reason="a quote inside a field",
        field="b",
    ),
    InvalidFile(
        name="a stray quote far above", data=b'a,b,c\n1,"2,3\n4,"5",6\n', line=3, reason="opens on line 2", field="b"
    ),
    InvalidFile(name="an unclosed quote in the header", data=b'a,"b,c\n1,2,3\n', line=1, reason="never closed"),
    InvalidFile(name="a NUL", data=b"a,b,c\n1,2,3\n4,\0,6\n", line=3, reason="NUL"),
    InvalidFile(name="a NUL in the header", data=b"a,\0,c\n1,2,3\n", line=1, reason="NUL"),
    InvalidFile(name="a name twice", data=b"a,b,A \n1,2,3\n", line=1, reason="two columns have this name", field="A"),
    InvalidFile(name="only commas", data=b",,\n1,2,3\n", line=1, reason="the header has no name"),
    InvalidFile(name="a reserved name", data=b"a,_line\n1,2\n", line=1, reason="reserved", field="_line"),
    InvalidFile(
        name="no header but values", data=b"1001,2025-08-01,4\n1002,2025-08-01,5\n", line=1, reason="holds values"
    ),
    InvalidFile(name="no header but addresses", data=b"ann,a@x.org\nben,b@x.org\n", line=1, reason="holds values"),
    InvalidFile(
        name="two delimiters alike", data=b"a,b|c\n1,2|3\n", line=1, reason="cannot tell what parts the columns"
    ),
    InvalidFile(
        name="UTF-8 with a broken letter", data="a,b,c\n1,é,3\n".encode() + b"4,\xe9,6\n", line=3, reason="not UTF-8"
    ),
    InvalidFile(name="no encoding at all", data=b"a,b,c\n1,\x81,3\n", line=2, reason="not UTF-8"),
    InvalidFile(name="marked UTF-8 that is not", data=b"\xef\xbb\xbfa,b,c\n1,\xe9,3\n", line=2, reason="not UTF-8"),
    InvalidFile(
        name="a letter cut off at the end", data="a,b,c\n1,é,3\n4,5,é".encode()[:-1], line=3, reason="not UTF-8"
    ),
    InvalidFile(name="UTF-32", data="a,b\n".encode("utf-32"), line=1, reason="UTF-32"),
    InvalidFile(
        name="half a letter in UTF-16",
        data=b"\xff\xfea\0,\0b\0\n\0" + b"x\0,\0\x00\xd8\n\0",
        line=2,
        reason="a NUL byte",
    ),
    InvalidFile(name="an Excel workbook", data=_build_zip(), line=None, reason="zip"),
    InvalidFile(
        name="an old Excel workbook",
        data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        line=None,
        reason="old Excel",
    ),
    InvalidFile(
        name="a sign-in page", data=b"\n<!DOCTYPE html><html><title>Sign in</title>", line=None, reason="web page"
    ),
    InvalidFile(name="a PDF", data=b"%PDF-1.7\n1,2\n", line=None, reason="a PDF"),
    InvalidFile(name="gzip", data=gzip.compress(b"a,b\n1,2\n", mtime=0), line=None, reason="gzip"),
    InvalidFile(name="a picture", data=b"\x89PNG\r\n\x1a\n" + bytes(range(256)), line=None, reason="a PNG picture"),
    InvalidFile(
        name="a field over the limit",
        data=b"a,b,c\n1,2,3\n4," + b"x" * (1 << 20) + b"x,6\n",
        line=3,
        reason="a field of more than",
        field="b",
    ),
    InvalidFile(
        name="too many columns",
        data=",".join(f"c{n}" for n in range(5000)).encode() + b"\n",
        line=1,
        reason="5,000 columns",
    ),
    InvalidFile(name="an endless header", data=b"a," * 200_000, line=1, reason="no end of the header"),
    InvalidFile(name="JSON cut off", data=b'[\n{"a":', line=2, reason="is no JSON"),
    InvalidFile(name="JSON list never closed", data=b"[", line=1, reason="is no JSON"),
    InvalidFile(name="a comma too many", data=b'[,{"a":1}]', line=1, reason="is no JSON"),
    InvalidFile(name="a name twice in JSON", data=b'[\n{"a":1,"a":2}]', line=2, reason="stands twice"),
    InvalidFile(name="a name twice at the top", data=b'{"a":1,\n"a":2}', line=2, reason="stands twice"),
    InvalidFile(name="NaN", data=b'[{"a":NaN}]', line=1, reason="NaN is no JSON value"),
    InvalidFile(name="a list of numbers", data=b"[1,2]", line=1, reason="entry 1 of the list is no object"),
    InvalidFile(name="text after the JSON", data=b'[{"a":1}] x', line=1, reason="more text after the end"),
    InvalidFile(name="comments in JSON", data=b'[{"a":1} // x\n]', line=1, reason="is missing"),
    InvalidFile(
        name="deep JSON", data=b'[{"a":' + b'{"b":' * 60 + b"1" + b"}" * 60 + b"}]", line=None, reason="nested too deep"
    ),
    InvalidFile(
        name="very deep JSON",
        data=b"[" + b'{"b":' * 200_000 + b"1" + b"}" * 200_000 + b"]",
        line=1,
        reason="nested deeper",
    ),
    InvalidFile(name="half a letter in JSON", data=b'[{"a":"\\ud800"}]', line=1, reason="half a letter"),
    InvalidFile(name="a NUL in JSON", data=b'[{"a":"x\\u0000"}]', line=None, reason="a NUL"),
    InvalidFile(name="two values for one field", data=b'[{"a":{"b":1},"a.b":2}]', line=None, reason="two values"),
    InvalidFile(name="JSON that is not UTF-8", data=b'[\n{"a":"\xc3\xa9 \xe9"}]', line=2, reason="not UTF-8"),
)
