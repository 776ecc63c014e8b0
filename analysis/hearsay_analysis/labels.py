"""Finds places for short labels beside marked points, where they cover no curve and no other label.

All lengths are inches from the lower left corner of the axes.
"""

import numpy

from . import style

POINT = 1 / 72
# From the marked point to the nearest corner of the label, best first. A rising curve is never below right of its
# points, nor above left.
OFFSETS = tuple(
    (side * x * POINT, -side * y * POINT) for x, y in ((6, 4), (9, 10), (13, 4), (18, 8)) for side in (1, -1)
)
HEIGHT = style.SMALL_POINTS * 1.2 * POINT
STEP = 0.01  # between the points of a curve that are looked at
MARGIN = 0.015


class FreePlaces:
    def __init__(self, width, height):
        self.width, self.height = width, height
        self.curves = []
        self.boxes = []

    def add_curve(self, across, up):
        """A curve as corners to be joined by straight lines."""
        across, up = numpy.asarray(across, dtype=float), numpy.asarray(up, dtype=float)
        length = numpy.concatenate([[0.0], numpy.hypot(numpy.diff(across), numpy.diff(up)).cumsum()])
        steps = numpy.linspace(0.0, length[-1], max(2, int(length[-1] / STEP) + 1))
        self.curves.append((numpy.interp(steps, length, across), numpy.interp(steps, length, up)))

    def take(self, across, up, width):
        """The offset of a label of this width from its point, or None where there is no room. Positive: its left edge
        is to the right of the point; its top is below the point if the second number is negative."""
        for offset in OFFSETS:
            box = self._box(across, up, width, offset)
            if self._is_free(box):
                self.boxes.append(box)
                return offset
        return None

    @staticmethod
    def _box(across, up, width, offset):
        left = across + offset[0] - (width if offset[0] < 0 else 0.0)
        bottom = up + offset[1] - (HEIGHT if offset[1] < 0 else 0.0)
        return left, left + width, bottom, bottom + HEIGHT

    def _is_free(self, box):
        left, right, bottom, top = box
        if left < 0 or right > self.width or bottom < 0 or top > self.height:
            return False
        for x, y in self.curves:
            inside = (x > left - MARGIN) & (x < right + MARGIN) & (y > bottom - MARGIN) & (y < top + MARGIN)
            if inside.any():
                return False
        return all(
            right <= other[0] or left >= other[1] or top <= other[2] or bottom >= other[3] for other in self.boxes
        )
