"""The surrogate against made-up effects, of which everything is known."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from simulation.errors import InputError
from simulation.surrogate.features import FEATURES
from simulation.surrogate.gate import explained, first_failed, judge, middle_error
from simulation.surrogate.predictor import FORMAT, load_surrogate
from simulation.surrogate.training import JUDGED, train
from tests.surrogate.made_up import PERIODS, made_up


@cache
def trained(**how):
    pairs = made_up(**how)
    return pairs, *train(pairs, PERIODS, {"pairs": len(pairs.policy)})


def lines(**how) -> dict[str, float]:
    pairs, _, held = trained(**how)
    return {line.what: line for line in judge(pairs, held)}


def test_effects_that_follow_the_doses_pass():
    judged = lines(noise=0.01, sets=0.05, path=0.1)
    assert first_failed(list(judged.values())) is None, judged


def test_effects_of_chance_alone_do_not_pass():
    judged = lines(noise=3.0)
    failed = first_failed(list(judged.values()))
    assert failed is not None
    assert "R2" in failed.what


@pytest.mark.parametrize("fat", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_nine_of_ten_held_out_pairs_lie_in_their_range(fat):
    judged = lines(noise=0.1, fat=fat)
    covered = [line for what, line in judged.items() if "Coverage" in what]
    assert len(covered) == 12
    assert all(line.passed for line in covered), covered


def test_the_slope_by_path_is_seen():
    pairs, surrogate, held = trained(noise=0.1)
    assert surrogate.kernel.path > 0.0
    strong = int(np.argmin(held.seen[:, 0]))
    ends, _ = surrogate.ranges(pairs.features[strong])
    # more people on the way make these effects stronger
    low, _, high = ends[1:, 1, 0]
    assert high < low < 0.0


def test_the_range_of_worlds_leaves_chance_out():
    pairs, noisy, held = trained(noise=0.1)
    row = int(np.argmin(held.seen[:, 0]))
    column = held.column("uk_total", "run")
    place = JUDGED.index("uk_total")
    with_chance = held.high[row, place] - held.low[row, place]
    of_worlds = np.ptp(noisy.ranges(pairs.features[row])[0][0, :, column])
    assert of_worlds < with_chance
    assert noisy.spread.chance[column] > 0.5


def test_no_policy_has_no_effect_and_no_range():
    _, surrogate, _ = trained(noise=0.1)
    ends, _ = surrogate.ranges(np.zeros((len(PERIODS), FEATURES)))
    np.testing.assert_allclose(ends, 0.0, atol=1e-12)


def test_arrivals_by_boat_are_those_in_the_uk_times_the_share_by_boat():
    _, surrogate, held = trained(noise=0.1)
    for period in PERIODS:
        total, share, boats = (
            held.column(name, period) for name in ("uk_total", "boat_share", "channel_arrivals")
        )
        weights = surrogate.weights
        np.testing.assert_allclose(weights[:, boats], weights[:, total] + weights[:, share])


def test_a_year_does_not_hang_on_doses_after_it():
    pairs, surrogate, _ = trained(noise=0.1)
    doses = np.array(pairs.features[5])
    before = surrogate.ranges(doses)[0]
    doses[3] += 1.0
    after = surrogate.ranges(doses)[0]
    first = [n for n, (_, period) in enumerate(surrogate.targets) if period in ("2026", "2027")]
    np.testing.assert_allclose(before[..., first], after[..., first])
    assert not np.allclose(before, after)


def test_r2_takes_off_what_chance_adds():
    draws = np.random.default_rng(1)
    truth = draws.standard_normal(20_000)
    seen = truth + 0.5 * draws.standard_normal(truth.shape)
    chance = np.full(truth.shape, 0.25)
    assert explained(seen, truth, chance) == pytest.approx(1.0, abs=0.03)
    assert explained(seen, np.zeros_like(truth), chance) == pytest.approx(0.0, abs=0.03)
    assert explained(seen, 0.5 * truth, chance) == pytest.approx(0.75, abs=0.03)


def test_the_error_of_a_middle_leaves_out_what_worlds_differ_in():
    draws = np.random.default_rng(1)
    middle = np.full(20_000, -0.5)
    seen = middle + 0.1 * draws.standard_normal(middle.shape)
    apart = np.full(middle.shape, 0.01)
    assert middle_error(seen, middle, apart) < 0.15
    # 15% of 0.5 is 0.075, and the typical one of normal errors 0.67 standard deviations
    assert middle_error(seen, middle, 0.0 * apart) == pytest.approx(0.67 * 0.1 / 0.075, rel=0.05)


def test_too_few_policies_are_refused():
    with pytest.raises(InputError, match="too few policies"):
        train(made_up(8), PERIODS, {})


# -- its file --------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "emulator.npz"
    path.write_bytes(trained(noise=0.1)[1].as_bytes())
    return path


def test_a_file_gives_the_same_effects(file):
    pairs, surrogate, _ = trained(noise=0.1)
    again = load_surrogate(file)
    assert dict(again.about) == dict(surrogate.about)
    for one, other in zip(
        surrogate.ranges(pairs.features[3]), again.ranges(pairs.features[3]), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-3)


def change(path, name, value):
    with np.load(path) as content:
        arrays = dict(content)
    arrays[name] = value(arrays[name])
    np.savez_compressed(path, **arrays)


def with_key(key, value):
    def changed(about):
        return np.array(json.dumps(json.loads(str(about)) | {key: value}))

    return changed


SPOILT = {
    "truncated": (lambda file: file.write_bytes(file.read_bytes()[:-2000]), "damaged"),
    "no archive": (lambda file: file.write_text("weights"), "damaged"),
    "empty": (lambda file: file.write_bytes(b""), "damaged"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), "cannot be read"),
    "missing": (lambda file: file.unlink(), "cannot be read"),
    "another version": (
        lambda file: change(file, "about", with_key("format", FORMAT + 1)),
        "version",
    ),
    "changed": (lambda file: change(file, "weights", lambda weights: 2.0 * weights), "changed"),
    "another gate": (lambda file: change(file, "about", with_key("gate", [])), "changed"),
    "no card": (lambda file: change(file, "about", lambda _: np.array("[]")), "damaged"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_file_that_cannot_be_used_is_one_line(file, how):
    spoil, words = SPOILT[how]
    spoil(file)
    with pytest.raises(InputError, match=words) as refused:
        load_surrogate(file)
    assert "crossings emulator build" in str(refused.value)
