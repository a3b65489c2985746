"""QR codes as paths of an SVG, so that pages and PDFs draw them without images."""

from __future__ import annotations

from dataclasses import dataclass

_MASK = 2
"""One mask for all codes: trying all eight takes six times as long, and readers take any."""
_QUIET_ZONE = 4


@dataclass(frozen=True, kw_only=True)
class QrCode:
    """A QR code: the path of its dark modules in a square of `size`, its quiet zone included."""

    size: int
    path: str

    def build_svg(self) -> str:
        """Return the code as an SVG document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}">'
            f'<path fill="#fff" d="M0 0h{self.size}v{self.size}H0z"/><path d="{self.path}"/></svg>'
        )


def build_qr_code(text: str) -> QrCode:
    """Return the QR code of a text, with a correction of 15 percent."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET_ZONE, mask_pattern=_MASK)
    code.add_data(text)
    rows: list[list[bool]] = code.get_matrix()
    return QrCode(size=len(rows), path="".join(_draw_row(number, row) for number, row in enumerate(rows)))


def _draw_row(number: int, row: list[bool]) -> str:
    """Return the runs of dark modules of a row."""
    path, start = "", None
    for column, is_dark in enumerate([*row, False]):
        if is_dark and start is None:
            start = column
        elif not is_dark and start is not None:
            path += f"M{start} {number}h{column - start}v1H{start}z"
            start = None
    return path
