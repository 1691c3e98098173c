"""How results are drawn: classes hold the values they are named for, chapters every measure, colours every eye."""

import numpy as np
import pytest

from suizhou_geo.standards.symbology import FIFTHS, PALETTE, class_limits, class_of


def test_classes_of_shares_stay_within_all_and_part_zones_that_differ():
    limits = class_limits(np.array([0.83, 0.902, 0.935, 0.862]), "share")
    assert [class_of(v, limits) for v in (0.83, 0.862, 0.902, 0.935)] == [0, 1, 3, 4]
    assert 0.85 in limits  # the target parts the zone that misses it from those that meet it
    rng = np.random.default_rng(8)
    for _ in range(300):
        values = np.clip(rng.normal(rng.uniform(), rng.uniform(0, 0.4), size=rng.integers(1, 9)), 0, 1)
        limits = class_limits(values, "share")
        assert limits[0] >= 0
        assert limits[5] <= 1
        assert limits[0] <= values.min() + 1e-9
        assert limits[5] >= values.max() - 1e-9
        assert np.diff(limits).min() >= 0.025 - 1e-9
    assert class_limits(np.array([0.887]), "share") == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_every_value_lies_in_the_class_it_is_coloured_by():
    rng = np.random.default_rng(7)
    for _ in range(300):
        values = rng.normal(size=rng.integers(1, 9)) * 10.0 ** rng.integers(-3, 6) + rng.integers(-2, 3) * 100
        limits = class_limits(values, "km/km2")
        assert len(limits) == 6
        assert np.allclose(np.diff(limits), limits[1] - limits[0])
        assert limits[1] > limits[0]
        for value in values:
            k = class_of(value, limits)
            assert limits[k] - 1e-9 * abs(limits[k]) <= value <= limits[k + 1] * (1 + np.sign(limits[k + 1]) * 1e-9)
        assert len({class_of(v, limits) for v in values} | {0}) <= 5
        spread = values.max() - values.min()
        assert spread == 0 or limits[5] - limits[0] <= 4 * spread  # the classes are not far wider than the values


def test_a_share_of_exactly_a_limit_goes_to_the_upper_class():
    limits = class_limits(np.array([0.0, 1.0]), "share")
    assert [class_of(v, limits) for v in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)] == [0, 1, 2, 3, 4, 4]


# what the three kinds of colour blindness make of linear RGB (Viénot, Brettel and Mollon 1999, and the tritan plane)
SEEN = {
    "all cones": np.eye(3),
    "no red cones": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "no green cones": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    "no blue cones": [[1.01277, 0.13548, -0.14826], [-0.01243, 0.86812, 0.14431], [0.07589, 0.80500, 0.11911]],
}


@pytest.mark.parametrize("eye", SEEN)
@pytest.mark.parametrize("palette", [PALETTE, FIFTHS], ids=["PALETTE", "FIFTHS"])
def test_classes_grow_darker_step_by_step_for_every_eye(palette, eye):
    rgb = np.array([[int(c[k : k + 2], 16) / 255 for k in (1, 3, 5)] for c in palette])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.array(SEEN[eye]).T, 0, 1)
    light = seen @ [0.2126, 0.7152, 0.0722]
    lightness = np.where(light > 0.008856, 116 * np.cbrt(light) - 16, 903.3 * light)
    steps = np.diff(lightness)
    assert (np.abs(steps) > 5).all(), lightness
    assert (steps > 0).all() or (steps < 0).all()
