"""Labels beside marked points: where there is room, and never on a curve or on one another."""

import pytest

from hearsay_analysis.labels import HEIGHT, OFFSETS, FreePlaces


def test_the_first_place_is_to_the_right_below_a_rising_curve():
    places = FreePlaces(3, 2)
    places.add_curve([0, 3], [0, 2])
    assert places.take(1.5, 1.0, 0.5) == OFFSETS[0]


def test_a_label_stays_within_the_axes():
    offset = FreePlaces(3, 2).take(2.9, 1.0, 0.5)
    assert offset[0] < 0 < offset[1]


def test_a_curve_is_avoided_between_its_corners_too():
    places = FreePlaces(3, 2)
    places.add_curve([1.3, 1.3], [0, 2])  # a jump: two corners, far from the label
    offset = places.take(1.0, 1.0, 0.5)
    assert offset[0] < 0


def test_two_labels_of_one_point_do_not_overlap():
    places = FreePlaces(3, 2)
    first, second = places.take(1.0, 1.0, 0.5), places.take(1.0, 1.0, 0.5)
    assert first != second
    (left, right, bottom, top), other = places.boxes
    assert right <= other[0] or left >= other[1] or top <= other[2] or bottom >= other[3]
    assert top - bottom == pytest.approx(HEIGHT)


def test_without_room_there_is_no_place():
    places = FreePlaces(3, 2)
    for x in range(30):
        places.add_curve([x / 10, x / 10], [0, 2])
    assert places.take(1.5, 1.0, 0.5) is None
