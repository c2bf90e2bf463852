"""The gradient lab's verdict: right code is never accused, no mistake is missed, the words are what was measured."""

import dataclasses

import numpy as np
import pytest

from benchmarks.alarms import DEPTHS, WIDTHS, counted, drawn_net
from benchmarks.gradients import main
from nn_core.activations import ACTIVATIONS
from nn_core.derivatives.slopes import EPSILONS, SlopeTest
from playground.experiments.faults import FAULTS
from playground.experiments.gradient_lab import OFF, finding, problem

NONE = FAULTS["none"]
RIGHT = SlopeTest("W", EPSILONS, EPSILONS, EPSILONS**2, 1.0, 2.0, 0.0, "right")
LINEAR = dataclasses.replace(RIGHT, name="b", first_order=0 * EPSILONS, first_slope=np.nan, verdict="linear")
WRONG = dataclasses.replace(RIGHT, name="x", first_order=EPSILONS, first_slope=1.02, missing=0.5, verdict="wrong")
SMALL = dataclasses.replace(WRONG, first_slope=1.93, missing=2e-4)
UNCLEAR = dataclasses.replace(RIGHT, name="u", verdict="unclear")

# Seeds of right networks that were called wrong before kinks were looked for, all 152 of them.
ONCE_ACCUSED = {
    ("10-10", "tanh"): (169,),
    ("10-10", "relu"): (27, 28, 38, 59, 66, 75, 78, 88, 108, 113, 123, 124, 128, 139, 144, 165, 167, 192, 211, 221, 232,
                        254, 259, 269, 279, 289, 294),
    ("64-64", "relu"): (4, 12, 18, 19, 21, 22, 23, 26, 41, 44, 49, 55, 57, 58, 64, 67, 71, 76, 77, 79, 83, 84, 86, 95,
                        97, 98),
    ("9-9-9-9", "relu"): (12, 23, 33, 38, 41, 50, 58, 63, 65, 71, 73, 74, 76, 82, 83, 84, 90, 92, 94, 103, 104, 106,
                          109, 114, 120, 128, 131, 147, 149, 151, 159, 167, 168, 170, 178, 197, 198, 209, 215, 221, 228,
                          234, 238, 240, 242, 249, 263, 264, 275, 277, 281, 294, 298),
    ("10-10", "elu"): (59, 78, 88, 91, 92, 108, 113, 123, 183, 211, 228, 233, 279),
    ("10-10", "leaky_relu"): (24, 25, 27, 38, 44, 50, 59, 66, 68, 78, 87, 88, 101, 102, 108, 113, 123, 124, 129, 139,
                              165, 192, 208, 211, 218, 222, 232, 233, 246, 247, 269, 279),
}  # fmt: skip


@pytest.mark.parametrize(("net", "activation"), ONCE_ACCUSED, ids="-".join)
def test_right_networks_that_were_once_accused(net, activation):
    for seed in ONCE_ACCUSED[net, activation]:
        tests = problem(net, activation, seed).tests()
        assert [test.text for test in tests if test.verdict not in ("right", "linear")] == [], seed
        assert all(test.first_slope > 1.75 for test in tests if test.verdict == "right"), seed
        if activation != "tanh":
            assert any(test.kinks for test in tests), seed


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
@pytest.mark.parametrize("seed", [27, 108, 123])
def test_number_by_number_they_are_right_as_well(activation, seed):
    assert max(problem("10-10", activation, seed).errors().values()) < 1e-4


def test_a_mistake_that_was_once_missed():
    planted = problem("10-10", "relu", 102, "sum")
    found = finding(planted.tests(), planted.errors(), FAULTS["sum"])
    assert found.wrong == ("0.b", "all parameters")


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_false_alarm_and_no_miss_in_a_sample(activation):
    """The whole: `python -m benchmarks.gradients --alarms`."""
    for seed in (0, 1, 2, 3, 500, 501, 502):
        count, lines = counted(drawn_net(seed), activation, seed)
        assert lines == []
        assert count["false alarms"] == count["missed"] == count["unclear"] == 0
        assert count["planted"] >= 2
        assert count["changed gradients"] >= 2


def test_the_sample_holds_what_is_wanted():
    nets = [drawn_net(seed).split("-") for seed in range(200)]
    assert {len(net) for net in nets} == set(DEPTHS) == {1, 2, 3, 4}
    widths = [int(layer.removeprefix("res")) for net in nets for layer in net]
    assert (min(widths), max(widths)) == WIDTHS == (2, 64)
    assert any(layer.startswith("res") for net in nets for layer in net)


def test_an_alarm_is_counted(monkeypatch):
    monkeypatch.setattr("playground.experiments.gradient_lab.OFF", 0.0)  # every rounding error is one now
    count, lines = counted("3", "tanh", 0)
    assert count["false alarms"] > 0
    assert lines[0].startswith("wrong: net=3&activation=tanh&seed=0&fault=none: 0.W")


def test_a_miss_is_counted(monkeypatch):
    monkeypatch.setattr(SlopeTest, "passed", True)
    count, lines = counted("3", "tanh", 0)
    assert count["missed"] == count["changed gradients"] > 0
    assert any(line.startswith("missed: net=3&activation=tanh&seed=0&fault=sum: 0.b") for line in lines)


def test_the_command(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("benchmarks.alarms.ACTIVATIONS", ["relu"])
    monkeypatch.setattr("sys.argv", ["gradients", "--alarms", "--seeds", "2", "--json", str(tmp_path / "a.json")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = capsys.readouterr()
    assert "seeds 0 to 1 of each activation" in said.out
    assert "0 false alarms, 0 missed" in said.err
    assert '"false alarms": 0' in (tmp_path / "a.json").read_text(encoding="utf-8")


# --- words ----------------------------------------------------------------------------------------------------------


def words(tests, errors=None, fault="none") -> str:
    return finding(tests, errors or {}, FAULTS[fault]).words


def test_right():
    assert finding([RIGHT], {"W": 1e-9}, NONE).kind == "right"
    told = "Every gradient stands the test: without it the error falls with slope 1.00, with it with slope 2.00."
    assert words([RIGHT]) == told
    steep = dataclasses.replace(RIGHT, zero_slope=0.97, first_slope=3.01)
    assert "with slope 0.97 to 1.00, with it with slope 2.00 to 3.01." in words([RIGHT, steep])
    assert words([RIGHT, LINEAR]).endswith("; with respect to b nothing but rounding is left of it.")
    assert words([LINEAR]).endswith("with slope 1.00, with it nothing but rounding is left.")
    nothing_moves = dataclasses.replace(LINEAR, zero_slope=np.nan)
    assert "slope –, with it nothing but rounding" in words([nothing_moves])


def test_kinks_are_named():
    crossed = dataclasses.replace(RIGHT, kinks=3, halvings=5)
    assert words([crossed, LINEAR]).endswith(
        " The first steps crossed a kink of the activation (W), so they were made up to 32 times smaller: a kink is no "
        "fault of the gradient."
    )
    on_one = dataclasses.replace(RIGHT, on_kink=True)
    assert words([on_one]).endswith(" The point lies on a kink (W), where the derivative of either side is right.")


def test_a_slope_is_told_only_where_it_was_measured():
    assert "its first-order error falls with slope 1.02 instead of 2." in words([RIGHT, WRONG])
    assert "slope" not in words([RIGHT, SMALL])
    assert "up to 0.02 % of the derivative is missing" in words([RIGHT, SMALL])
    by_number = words([RIGHT, LINEAR], {"W": 0.3})
    assert "the slopes along these directions do not show it, its numbers do" in by_number
    assert "the largest relative error of a number is 0.3" in by_number
    both = words([WRONG], {"x": 0.78}, "sum")
    assert both.endswith(f"is 0.78. The line should be `{FAULTS['sum'].right}`, and is `{FAULTS['sum'].wrong}`.")


def test_the_verdict_takes_slopes_and_numbers_together():
    assert finding([RIGHT, LINEAR, WRONG], {"W": 2 * OFF, "b": OFF / 2}, NONE).wrong == ("W", "x")
    assert finding([RIGHT], {}, FAULTS["sum"]).kind == "hidden"
    assert finding([RIGHT, UNCLEAR], {}, FAULTS["sum"]).kind == "unclear"
    assert "with respect to u: rounding hides the derivative" in words([RIGHT, UNCLEAR])


def test_a_problem_is_that_of_its_seed():
    one, again, other = problem("4-res3", "elu", 7), problem("4-res3", "elu", 7), problem("4-res3", "elu", 8)
    assert np.array_equal(one.theta, again.theta)
    assert np.array_equal(one.x, again.x)
    assert not np.array_equal(one.theta, other.theta)
    with pytest.raises(ValueError, match="needs a tanh layer"):
        problem("4-res3", "elu", 7, "derivative")
    with pytest.raises(ValueError, match="Without a hidden layer there is no layer to test alone"):
        problem("0", "tanh", 0).tests(of_layer=True)
