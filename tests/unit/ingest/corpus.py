"""Bad and odd files, each with what must come of it: these rows exactly, or refused at this line with this reason."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass

from tests.unit.ingest.reading import Row

ABC = ("a", "b", "c")


@dataclass(frozen=True, kw_only=True)
class Loads:
    """A file that is loaded exactly: each row begins with its line."""

    name: str
    data: bytes
    rows: tuple[Row, ...]
    names: tuple[str, ...] = ABC
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refuses:
    """A file that is refused: the line, the field, and words of the reason."""

    name: str
    data: bytes
    line: int | None
    reason: str
    field: str | None = None


def _zip(name: str = "[Content_Types].xml") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, "x")
    return made.getvalue()


_ONE = ((2, "1", "2", "3"),)
_TWO = ((2, "1", "2", "3"), (3, "4", "5", "6"))
_HEAD = "a,b,c\n"
_NAMES = "name,b\nJosé,Žižka\nZoë,Æ\n"
_NAMED = ((2, "José", "Žižka"), (3, "Zoë", "Æ"))
_EN = "name,b\nJosé,x\n"

LOADS: tuple[Loads, ...] = (
    Loads(name="plain", data=b"a,b,c\n1,2,3\n4,5,6\n", rows=_TWO),
    Loads(name="no line end at the end", data=b"a,b,c\n1,2,3\n4,5,6", rows=_TWO),
    Loads(name="Windows line ends", data=b"a,b,c\r\n1,2,3\r\n4,5,6\r\n", rows=_TWO),
    Loads(name="bare CR line ends", data=b"a,b,c\r1,2,3\r4,5,6\r", rows=_TWO, notes=("line ends of CR alone",)),
    Loads(name="bare CR, open end", data=b"a,b,c\r1,2,3\r4,5,6", rows=_TWO, notes=("line ends of CR alone",)),
    Loads(
        name="mixed line ends",
        data=b"a,b,c\n1,2,3\r\n4,5,6\r7,8,9\n",
        rows=(*_TWO, (4, "7", "8", "9")),
        notes=("mixed line ends",),
    ),
    Loads(
        name="CR CR LF",
        data=b"a,b,c\r\r\n1,2,3\r\r\n",
        rows=((3, "1", "2", "3"),),
        notes=("blank line skipped, first on line 2 (2 times)", "mixed line ends"),
    ),
    Loads(name="UTF-8", data=_NAMES.encode(), names=("name", "b"), rows=_NAMED),
    Loads(
        name="UTF-8 with a mark",
        data=_NAMES.encode("utf-8-sig"),
        names=("name", "b"),
        rows=_NAMED,
        notes=("begins with a byte order mark",),
    ),
    Loads(
        name="UTF-16 little with a mark",
        data=b"\xff\xfe" + _NAMES.encode("utf-16-le"),
        names=("name", "b"),
        rows=_NAMED,
        notes=("read as UTF-16-LE",),
    ),
    Loads(
        name="UTF-16 big with a mark",
        data=b"\xfe\xff" + _NAMES.encode("utf-16-be"),
        names=("name", "b"),
        rows=_NAMED,
        notes=("read as UTF-16-BE",),
    ),
    Loads(
        name="UTF-16 little without a mark",
        data=_EN.encode("utf-16-le"),
        names=("name", "b"),
        rows=((2, "José", "x"),),
        notes=("read as UTF-16-LE, without a byte order mark",),
    ),
    Loads(
        name="UTF-16 big without a mark",
        data=_EN.encode("utf-16-be"),
        names=("name", "b"),
        rows=((2, "José", "x"),),
        notes=("read as UTF-16-BE, without a byte order mark",),
    ),
    Loads(
        name="Windows-1252",
        data="name,b\nJosé,€ “x”\n".encode("cp1252"),
        names=("name", "b"),
        rows=((2, "José", "€ “x”"),),
        notes=("not UTF-8: read as Windows-1252",),
    ),
    Loads(name="tabs", data=b"a\tb\tc\n1\t2,2\t3\n", rows=((2, "1", "2,2", "3"),)),
    Loads(name="semicolons", data=b"a;b;c\n1;2,5;3\n", rows=((2, "1", "2,5", "3"),)),
    Loads(name="pipes", data=b"a|b|c\n1|2|3\n", rows=_ONE),
    Loads(
        name="sep= line",
        data=b"sep=;\na;b;c\n1;2;3\n",
        rows=((3, "1", "2", "3"),),
        notes=("first line says sep=, first on line 1",),
    ),
    Loads(
        name="a comma inside a semicolon header",
        data=b"name, first;b\nx;y\n",
        names=("name, first", "b"),
        rows=((2, "x", "y"),),
    ),
    Loads(name="one column", data=b"email\nx\ny\n", names=("email",), rows=((2, "x"), (3, "y"))),
    Loads(
        name="one column with blank lines and an empty value",
        data=b'email\nx\n\n""\ny\n',
        names=("email",),
        rows=((2, "x"), (5, "y")),
        notes=("blank line skipped, first on line 3", "row without any value skipped, first on line 4"),
    ),
    Loads(
        name="blank lines above and between",
        data=b"\n \na,b,c\n\n1,2,3\n  \n4,5,6\n\n",
        rows=((5, "1", "2", "3"), (7, "4", "5", "6")),
        notes=(
            "blank line skipped, first on line 1 (2 times)",
            "blank line skipped, first on line 4 (3 times)",
        ),
    ),
    Loads(
        name="rows of commas below the last",
        data=b"a,b,c\n1,2,3\n,,\n,,\n",
        rows=_ONE,
        notes=("row without any value skipped, first on line 3 (2 times)",),
    ),
    Loads(
        name="names without a name at the end",
        data=b"a,b,c,,\n1,2,3,,\n4,5,6,,\n",
        rows=_TWO,
        notes=(
            "columns without a name at the end of the header, first on line 1 (2 times)",
            "empty fields after the last column, first on line 2 (2 times)",
        ),
    ),
    Loads(
        name="empty fields after the last column",
        data=b"a,b,c\n1,2,3\n4,5,6,,,\n",
        rows=_TWO,
        notes=("empty fields after the last column, first on line 3",),
    ),
    Loads(name="empty last field", data=b"a,b,c\n1,2,\n,,3\n", rows=((2, "1", "2", None), (3, None, None, "3"))),
    Loads(name="quoted everywhere", data=b'"a","b","c"\r\n"1","2","3"\r\n', rows=_ONE),
    Loads(name="quoted empty", data=b'a,b,c\n"",2,""\n', rows=((2, None, "2", None),)),
    Loads(name="quotes inside quotes", data=b'a,b,c\n"1""","""2","3""3"\n', rows=((2, '1"', '"2', '3"3'),)),
    Loads(name="only a quote", data=b'a,b,c\n"""",",",x\n', rows=((2, '"', ",", "x"),)),
    Loads(
        name="line ends inside quotes",
        data=b'a,b,c\n1,"x\ny\n",3\n4,"\r\n",6\n7,"\r",9\n1,2,3\n',
        rows=((2, "1", "x\ny\n", "3"), (5, "4", "\r\n", "6"), (7, "7", "\r", "9"), (9, "1", "2", "3")),
    ),
    Loads(
        name="line ends inside quotes with CRLF",
        data=b'a,b,c\r\n1,"x\ny",3\r\n4,"\r\n",6\r\n',
        rows=((2, "1", "x\ny", "3"), (4, "4", "\r\n", "6")),
    ),
    Loads(name="a header of two lines", data=b'"a\nz",b\n1,2\n', names=("a\nz", "b"), rows=((3, "1", "2"),)),
    Loads(
        name="words that mean null elsewhere",
        data=b"a,b,c\nNA,None,null\nNaN,N/A,-\n",
        rows=((2, "NA", "None", "null"), (3, "NaN", "N/A", "-")),
    ),
    Loads(name="formulas stay text", data=b"a,b,c\n=1+1,@SUM(A1),-2\n", rows=((2, "=1+1", "@SUM(A1)", "-2"),)),
    Loads(name="numbers stay text", data=b"a,b,c\n007,1e5,1.10\n", rows=((2, "007", "1e5", "1.10"),)),
    Loads(name="dates stay text", data=b"a,b,c\n2025-08-01,1/2/25,true\n", rows=((2, "2025-08-01", "1/2/25", "true"),)),
    Loads(name="blanks stay", data=b"a,b,c\n 1 ,\t,3 \n", rows=((2, " 1 ", "\t", "3 "),)),
    Loads(name="a comment sign is text", data=b"a,b,c\n#1,2,3\n", rows=((2, "#1", "2", "3"),)),
    Loads(
        name="a mark inside the rows is text", data="a,b,c\n\ufeff1,2,3\n".encode(), rows=((2, "\ufeff1", "2", "3"),)
    ),
    Loads(
        name="other line signs are text",
        data="a,b,c\n1\u2028x,2\x85,3\n".encode(),
        rows=((2, "1\u2028x", "2\x85", "3"),),
    ),
    Loads(
        name="control characters",
        data=b"a,b,c\n1,\x0b2,3\x07\n",
        rows=((2, "1", "\x0b2", "3\x07"),),
        notes=("control characters, kept as text, first on line 2 (2 times)",),
    ),
    Loads(
        name="letters lost before",
        data="a,b,c\n1,Jos\ufffd,3\n".encode(),
        rows=((2, "1", "Jos\ufffd", "3"),),
        notes=("letters that were lost before the export, first on line 2",),
    ),
    Loads(
        name="the end mark of DOS",
        data=b"a,b,c\n1,2,3\n\x1a",
        rows=_ONE,
        notes=("the end mark of DOS after the last row",),
    ),
    Loads(name="header only", data=b"a,b,c\n", rows=(), notes=("no rows under the header",)),
    Loads(
        name="blanks around names",
        data=b" a ,b, c\n1,2,3\n",
        rows=_ONE,
        notes=("blanks around column names, first on line 1",),
    ),
    Loads(name="a year among the names", data=b"school,2024,c\n1,2,3\n", names=("school", "2024", "c"), rows=_ONE),
    Loads(name="emoji and other planes", data="a,b,c\n🎒,𝒳,e\u0301\n".encode(), rows=((2, "🎒", "𝒳", "e\u0301"),)),
    Loads(
        name="JSON list",
        data=b'[{"a":"1","b":2},{"a":null,"c":true}]',
        rows=((1, "1", "2", None), (2, None, None, "true")),
    ),
    Loads(name="JSON lines", data=b'{"a":"1"}\n{"a":"2"}\n', names=("a",), rows=((1, "1"), (2, "2"))),
    Loads(
        name="one JSON object",
        data=b' {"a":{"x":1,"y":{"z":-0.10}},"b":[]} ',
        names=("a.x", "a.y.z"),
        rows=((1, "1", "-0.10"),),
    ),
    Loads(
        name="Graph envelope",
        data=b'{"@odata.context":"x","value":[{"id":"1"},{"id":"2"}],"@odata.nextLink":"y"}',
        names=("id",),
        rows=((1, "1"), (2, "2")),
    ),
    Loads(
        name="JSON with a mark",
        data=b'\xef\xbb\xbf[{"a":"\xc3\xa9"}]',
        names=("a",),
        rows=((1, "é"),),
        notes=("begins with a byte order mark",),
    ),
    Loads(
        name="JSON in UTF-16",
        data=b"\xff\xfe" + '[{"a":"é"}]'.encode("utf-16-le"),
        names=("a",),
        rows=((1, "é"),),
        notes=("read as UTF-16-LE",),
    ),
    Loads(
        name="numbers exactly",
        data=b'[{"a":123456789012345678901234567890,"b":1.10,"c":1e400}]',
        rows=((1, "123456789012345678901234567890", "1.10", "1e400"),),
    ),
    Loads(
        name="lists in JSON",
        data=b'[{"a":["x",1,false],"b":[{"k":"u"},{"k":"v"}]}]',
        names=("a", "b.0.k", "b.1.k"),
        rows=((1, "x 1 false", "u", "v"),),
    ),
    Loads(name="escapes in JSON", data=b'[{"a":"\\ud83c\\udf92 \\"q\\" \\n"}]', names=("a",), rows=((1, '🎒 "q" \n'),)),
    Loads(name="an empty JSON list", data=b"[]", names=(), rows=(), notes=("no rows in the file: the list is empty",)),
    Loads(
        name="an empty page", data=b'{"value":[]}', names=(), rows=(), notes=("no rows in the file: the list is empty",)
    ),
)

REFUSES: tuple[Refuses, ...] = (
    Refuses(name="empty", data=b"", line=None, reason="is empty"),
    Refuses(name="cut off inside its header", data=b"a,b,c", line=1, reason="ends within its header", field="c"),
    Refuses(
        name="cut off inside its header, after sep=", data=b"sep=;\r\na;b", line=2, reason="ends within", field="b"
    ),
    Refuses(name="only blank lines", data=b"\n \n\r\n", line=1, reason="has no header"),
    Refuses(name="only a mark", data=b"\xef\xbb\xbf", line=1, reason="has no header"),
    Refuses(
        name="a short row",
        data=b"a,b,c\n1,2,3\n4,5\n",
        line=3,
        reason="the row has 2 fields where the header has 3",
        field="c",
    ),
    Refuses(
        name="a short last row, open end",
        data=b"a,b,c\n1,2,3\n4",
        line=3,
        reason="the row has 1 field where",
        field="b",
    ),
    Refuses(name="a long row", data=b"a,b,c\n1,2,3,4\n", line=2, reason="the row has 4 fields where the header has 3"),
    Refuses(name="a value under a column without a name", data=b"a,b,c,\n1,2,3,\n1,2,3,4\n", line=3, reason="4 fields"),
    Refuses(name="one long row and one short, same sum", data=b"a,b,c\n1,2,3,4\n5,6\n", line=2, reason="4 fields"),
    Refuses(name="an unclosed quote", data=b'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n', line=3, reason="never closed", field="b"),
    Refuses(name="cut off inside a quoted field", data=b'a,b,c\n1,2,"3', line=2, reason="never closed", field="c"),
    Refuses(
        name="text after the closing quote",
        data=b'a,b,c\n"1"x,2,3\n',
        line=2,
        reason="text after the closing quote",
        field="a",
    ),
    Refuses(name="a blank after the closing quote", data=b'a,b,c\n1,"2" ,3\n', line=2, reason="text after", field="b"),
    Refuses(
        name="a quote inside a plain field",
        data=b'a,b,c\n1,2,3\n4,5" disk,6\n',
        line=3,
        reason="a quote inside a field",
        field="b",
    ),
    Refuses(
        name="a blank before the opening quote",
        data=b'a,b,c\n1, "2",3\n',
        line=2,
        reason="a quote inside a field",
        field="b",
    ),
    Refuses(
        name="a stray quote far above", data=b'a,b,c\n1,"2,3\n4,"5",6\n', line=3, reason="opens on line 2", field="b"
    ),
    Refuses(name="an unclosed quote in the header", data=b'a,"b,c\n1,2,3\n', line=1, reason="never closed"),
    Refuses(name="a NUL", data=b"a,b,c\n1,2,3\n4,\0,6\n", line=3, reason="NUL"),
    Refuses(name="a NUL in the header", data=b"a,\0,c\n1,2,3\n", line=1, reason="NUL"),
    Refuses(name="a name twice", data=b"a,b,A \n1,2,3\n", line=1, reason="two columns have this name", field="A"),
    Refuses(name="no name in the middle", data=b"a,,c\n1,2,3\n", line=1, reason="column 2 has no name"),
    Refuses(name="only commas", data=b",,\n1,2,3\n", line=1, reason="the header has no name"),
    Refuses(name="a reserved name", data=b"a,_line\n1,2\n", line=1, reason="reserved", field="_line"),
    Refuses(name="no header but values", data=b"1001,2025-08-01,4\n1002,2025-08-01,5\n", line=1, reason="holds values"),
    Refuses(name="no header but addresses", data=b"ann,a@x.org\nben,b@x.org\n", line=1, reason="holds values"),
    Refuses(name="two delimiters alike", data=b"a,b|c\n1,2|3\n", line=1, reason="cannot tell what parts the columns"),
    Refuses(
        name="UTF-8 with a broken letter", data="a,b,c\n1,é,3\n".encode() + b"4,\xe9,6\n", line=3, reason="not UTF-8"
    ),
    Refuses(name="no encoding at all", data=b"a,b,c\n1,\x81,3\n", line=2, reason="not UTF-8"),
    Refuses(name="marked UTF-8 that is not", data=b"\xef\xbb\xbfa,b,c\n1,\xe9,3\n", line=2, reason="not UTF-8"),
    Refuses(name="a letter cut off at the end", data="a,b,c\n1,é,3\n4,5,é".encode()[:-1], line=3, reason="not UTF-8"),
    Refuses(name="UTF-32", data="a,b\n".encode("utf-32"), line=1, reason="UTF-32"),
    Refuses(
        name="half a letter in UTF-16",
        data=b"\xff\xfea\0,\0b\0\n\0" + b"x\0,\0\x00\xd8\n\0",
        line=2,
        reason="a broken letter",
    ),
    Refuses(name="an Excel workbook", data=_zip(), line=None, reason="zip"),
    Refuses(
        name="an old Excel workbook",
        data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        line=None,
        reason="old Excel",
    ),
    Refuses(name="a sign-in page", data=b"\n<!DOCTYPE html><html><title>Sign in</title>", line=None, reason="web page"),
    Refuses(name="a PDF", data=b"%PDF-1.7\n1,2\n", line=None, reason="a PDF"),
    Refuses(name="gzip", data=gzip.compress(b"a,b\n1,2\n", mtime=0), line=None, reason="gzip"),
    Refuses(name="a picture", data=b"\x89PNG\r\n\x1a\n" + bytes(range(256)), line=None, reason="a PNG picture"),
    Refuses(
        name="a field over the limit",
        data=b"a,b,c\n1,2,3\n4," + b"x" * (1 << 20) + b"x,6\n",
        line=3,
        reason="a field of more than",
        field="b",
    ),
    Refuses(
        name="too many columns",
        data=",".join(f"c{n}" for n in range(5000)).encode() + b"\n",
        line=1,
        reason="5,000 columns",
    ),
    Refuses(name="an endless header", data=b"a," * 200_000, line=1, reason="no end of the header"),
    Refuses(name="JSON cut off", data=b'[{"a":1},\n{"a":', line=2, reason="is no JSON"),
    Refuses(name="JSON list never closed", data=b'[{"a":1}', line=1, reason="is missing"),
    Refuses(name="a comma too many", data=b'[{"a":1},]', line=1, reason="is no JSON"),
    Refuses(name="a name twice in JSON", data=b'[{"a":1},\n{"a":1,"a":2}]', line=2, reason="stands twice"),
    Refuses(name="a name twice at the top", data=b'{"a":1,\n"a":2}', line=2, reason="stands twice"),
    Refuses(name="NaN", data=b'[{"a":NaN}]', line=1, reason="NaN is no JSON value"),
    Refuses(name="a list of numbers", data=b"[1,2]", line=1, reason="entry 1 of the list is no object"),
    Refuses(name="text after the JSON", data=b'[{"a":1}] x', line=1, reason="more text after the end"),
    Refuses(name="comments in JSON", data=b'[{"a":1} // x\n]', line=1, reason="is missing"),
    Refuses(
        name="deep JSON", data=b'[{"a":' + b'{"b":' * 60 + b"1" + b"}" * 60 + b"}]", line=None, reason="nested too deep"
    ),
    Refuses(
        name="very deep JSON",
        data=b"[" + b'{"b":' * 200_000 + b"1" + b"}" * 200_000 + b"]",
        line=1,
        reason="nested deeper",
    ),
    Refuses(name="half a letter in JSON", data=b'[{"a":"\\ud800"}]', line=1, reason="half a letter"),
    Refuses(name="a NUL in JSON", data=b'[{"a":"x\\u0000"}]', line=None, reason="a NUL"),
    Refuses(name="two values for one field", data=b'[{"a":{"b":1},"a.b":2}]', line=None, reason="two values"),
    Refuses(name="JSON that is not UTF-8", data=b'[{"a":"\xc3\xa9"},\n{"a":"\xe9"}]', line=2, reason="not UTF-8"),
)
