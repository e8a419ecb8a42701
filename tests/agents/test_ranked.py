from __future__ import annotations

import numpy as np

from agents.actions import RatioActions, RelativeActions
from agents.ddpg.noise import UNIFORM_SIGMA
from agents.ddpg.planner import Outlook
from agents.embedding import LayerEmbedding
from agents.problem import PruningProblem
from agents.ranked import LEAST, RankedEpisodes, actions_for


def ranked(problem: PruningProblem, *known: tuple[int, ...]) -> RankedEpisodes:
    return RankedEpisodes(problem, RelativeActions(problem), LayerEmbedding(problem), 256, known)


def outlook(episodes: int, sigma: float) -> Outlook:
    return Outlook(
        episodes=episodes,
        sigma=sigma,
        policy=lambda states: np.full((len(states), 1), 0.5, np.float32),
        rng=np.random.default_rng(episodes),
    )


def taught(problem: PruningProblem) -> RankedEpisodes:
    """Has seen that wide first groups pay."""
    planner = ranked(problem)
    for episode in range(3 * LEAST):
        (script,) = planner.plan(outlook(episode, UNIFORM_SIGMA), 1)
        (widths,) = planner.play(script.T.astype(np.float64)).tolist()
        planner.record(script, widths[0] / 8, {"widths": tuple(widths)})
    return planner


def test_the_warm_up_begins_with_what_is_known(problem: PruningProblem) -> None:
    planner = ranked(problem, (5, 2), (4, 3))
    for episode, widths in enumerate([(5, 2), (4, 3)]):
        (script,) = planner.plan(outlook(episode, UNIFORM_SIGMA), 1)
        assert script.shape == (2, 1)
        assert script.dtype == np.float32
        assert planner.play(script.T.astype(np.float64)).tolist() == [list(widths)]


def test_the_best_that_is_new_is_played(problem: PruningProblem) -> None:
    planner = taught(problem)
    scripts = planner.plan(outlook(30, 0.4), 3)
    widths = [tuple(planner.play(script.T.astype(np.float64))[0]) for script in scripts]
    assert len(set(widths)) == 3
    seen = set(planner.get_state()["widths"])
    new = {(first, second) for first in range(2, 9) for second in range(1, 5)} - seen
    allowed = [one for one in new if problem.cost.flops(one) <= problem.budget]
    assert not seen & set(widths)
    # Of those that are left the widest first groups pay; curiosity may cost a channel.
    assert max(widths)[0] >= max(allowed)[0] - 1


def test_a_carried_over_actor_plays_before_anything_is_known(problem: PruningProblem) -> None:
    (script,) = ranked(problem).plan(outlook(0, 0.4), 1)
    np.testing.assert_allclose(script, 0.5)


def test_a_carried_over_actor_plays_as_it_would_right_after_what_is_known(
    problem: PruningProblem,
) -> None:
    planner = ranked(problem, (5, 2), (4, 3))
    scripts = [planner.plan(outlook(episode, 0.4), 1)[0] for episode in range(4)]
    played = [planner.play(script.T.astype(np.float64)).tolist() for script in scripts[:2]]
    assert played == [[[5, 2]], [[4, 3]]]
    # Greedy once, which is 0.5 everywhere; then with noise.
    np.testing.assert_allclose(scripts[2], 0.5)
    assert np.abs(scripts[3] - 0.5).min() > 1e-3


def test_a_restored_planner_plans_the_same(problem: PruningProblem) -> None:
    planner, other = taught(problem), ranked(problem)
    other.set_state(planner.get_state())
    for first, second in zip(
        planner.plan(outlook(30, 0.4), 2), other.plan(outlook(30, 0.4), 2), strict=True
    ):
        np.testing.assert_array_equal(first, second)


def test_actions_are_found_for_any_policy_within_the_target(problem: PruningProblem) -> None:
    for kind in (RatioActions, RelativeActions):
        actions = kind(problem)
        for widths in ((6, 1), (5, 2), (4, 3), (2, 4)):
            found = actions_for(actions, widths)
            again = np.zeros((1, 0), dtype=np.int64)
            for action in found:
                again = np.column_stack([again, actions.widths(again, np.array([action]))])
            assert tuple(again[0]) == widths
