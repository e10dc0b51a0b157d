"""Areas of a page: what a hidden piece of a line covers, as quadrilaterals.

Coordinates are points of the unrotated page unless said otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pymupdf

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]

# Of a core's height: the band that is as far from the line above as from the one below.
STRIP = (0.66, 0.84)
# Of a core's height, at both ends: letters that are kerned reach over each other.
UPRIGHT_INSET, OBLIQUE_INSET = 0.08, 0.5
# OCR's boxes end where ink is dark; smoothed edges and underlines go a little further.
PIXEL_PADDING = 0.12
LEAST_PIXEL_PADDING = 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """A quadrilateral with a direction of reading, from its lower left corner.

    origin: lower left corner as the text is read
    along:  unit vector of reading
    up:     unit vector from the line's foot to its head
    width, height: along the two
    """

    origin: Point
    along: Point
    up: Point
    width: float
    height: float

    def at(self, along: float, up: float) -> Point:
        """Return the point so far along the line and so far up from its foot."""
        return (
            self.origin[0] + along * self.along[0] + up * self.up[0],
            self.origin[1] + along * self.along[1] + up * self.up[1],
        )

    def resized(self, start: float, end: float, foot: float, head: float) -> Area:
        """Return the area between four distances from the origin."""
        return Area(self.at(start, foot), self.along, self.up, end - start, head - foot)

    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Return lower left, lower right, upper right, upper left."""
        return (
            self.origin,
            self.at(self.width, 0),
            self.at(self.width, self.height),
            self.at(0, self.height),
        )

    def box(self) -> Box:
        """Return the upright rectangle around it: x0, y0, x1, y1."""
        xs = [x for x, _ in self.corners()]
        ys = [y for _, y in self.corners()]
        return min(xs), min(ys), max(xs), max(ys)

    def is_upright(self) -> bool:
        """Say whether its sides run along the axes of the page."""
        return min(abs(self.along[0]), abs(self.along[1])) < 1e-4

    def holds(self, x: float, y: float) -> bool:
        """Say whether a point lies inside."""
        dx, dy = x - self.origin[0], y - self.origin[1]
        along = dx * self.along[0] + dy * self.along[1]
        up = dx * self.up[0] + dy * self.up[1]
        return 0 <= along <= self.width and 0 <= up <= self.height

    def moved(self, matrix: Matrix) -> Area:
        """Return it in the coordinates that a matrix without shear leads to."""
        return area_of(*(transformed(point, matrix) for point in self.corners()))


def area_of(foot_left: Point, foot_right: Point, head_right: Point, head_left: Point) -> Area:
    """Return the area with these corners; a shear is straightened."""
    width = math.dist(foot_left, foot_right)
    height = math.dist(foot_left, head_left)
    if not width or not height:
        return Area(foot_left, (1.0, 0.0), (0.0, 1.0), width, height)
    along = ((foot_right[0] - foot_left[0]) / width, (foot_right[1] - foot_left[1]) / width)
    up = (-along[1], along[0])
    rise = (head_left[0] - foot_left[0]) * up[0] + (head_left[1] - foot_left[1]) * up[1]
    if rise < 0:
        up, rise = (-up[0], -up[1]), -rise
    return Area(foot_left, along, up, width, rise)


def area_of_quad(quad: pymupdf.Quad) -> Area:
    """Return the area of a quadrilateral of MuPDF."""
    return area_of(
        (quad.ll.x, quad.ll.y),
        (quad.lr.x, quad.lr.y),
        (quad.ur.x, quad.ur.y),
        (quad.ul.x, quad.ul.y),
    )


def strip_of(core: Area) -> Area:
    """Return the part of a line's core that the boxes of no neighbouring character reach.

    MuPDF removes each character whose box an area touches, and boxes are much higher than letters;
    those of oblique letters are upright, and so wider as well.
    """
    share, most = (UPRIGHT_INSET, 0.3) if core.is_upright() else (OBLIQUE_INSET, 0.45)
    inset = min(share * core.height, most * core.width)
    foot, head = (share * core.height for share in STRIP)
    return core.resized(inset, core.width - inset, foot, head)


def padded(area: Area) -> Area:
    """Return an area with room for the smoothed edges of what it covers."""
    padding = max(PIXEL_PADDING * area.height, LEAST_PIXEL_PADDING)
    return area.resized(-padding, area.width + padding, -padding, area.height + padding)


def transformed(point: Point, matrix: Matrix) -> Point:
    """Return a point in the coordinates that a matrix leads to."""
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def combined(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that applies `first`, then `second`."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def inverted(matrix: Matrix) -> Matrix:
    """Return the matrix that undoes one. Raises ZeroDivisionError where none does."""
    a, b, c, d, e, f = matrix
    size = a * d - b * c
    return (
        d / size,
        -b / size,
        -c / size,
        a / size,
        (c * f - d * e) / size,
        (b * e - a * f) / size,
    )


def page_matrix(page: pymupdf.Page) -> Matrix:
    """Return what leads from the file's coordinates of a page to MuPDF's, rotation left out."""
    box, matrix = pymupdf.mupdf.FzRect(), pymupdf.mupdf.FzMatrix()
    rotation = page.rotation
    page.set_rotation(0)
    pymupdf.mupdf.pdf_page_transform(_pdf_page(page), box, matrix)
    page.set_rotation(rotation)
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _pdf_page(page: pymupdf.Page) -> pymupdf.mupdf.PdfPage:
    return pymupdf.mupdf.pdf_page_from_fz_page(page.this)
