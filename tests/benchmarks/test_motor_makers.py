"""Makers of synthetic motor signals."""

import numpy as np
import pytest

from benchmarks.studies.motor_makers import (
    JITTER,
    MAKERS,
    Network,
    by_networks,
    class_noise,
    jitter,
)
from benchmarks.studies.motors import verdict
from secateur.data.images import Images
from secateur.data.motors import STATES

FAMILIES = {"vae": {"encoder_width": 2}, "dcgan": {"critic_width": 2}, "diffusion": {}}


@pytest.fixture
def real() -> Images:
    """Ten signals of each state around 40, 90, 140 and 190, a level up or down at random."""
    generator = np.random.default_rng(0)
    states = np.arange(40) % len(STATES)
    away = generator.choice([-1, 1], (40, 2, 1, 64))
    return Images((40 + 50 * states[:, None, None, None] + away).astype(np.uint8), states)


def test_jitter_has_its_deviation_around_real_signals(real: Images) -> None:
    made = jitter(real, 50, seed=0)
    assert np.bincount(made.labels).tolist() == [50] * 4
    away = made.pixels - 40.0 - 50 * made.labels[:, None, None, None]
    # That of the real signals, 1, and of rounding, 1/12, besides; 25,600 values: 1 % off at most.
    assert away.std() == pytest.approx(np.sqrt(JITTER**2 + 1 + 1 / 12), rel=0.02)


def test_class_noise_has_mean_and_covariance_of_its_state(real: Images) -> None:
    made = class_noise(real, 2000, seed=0)
    for state in range(4):
        shown, drawn = (
            part.pixels[part.labels == state].reshape(-1, 128).astype(float)
            for part in (real, made)
        )
        # Deviations of about 1 and 2,000 draws: means are known to 0.02, within 5 of these,
        # covariances to about as much.
        assert np.abs(drawn.mean(axis=0) - shown.mean(axis=0)).max() < 0.12
        wanted = np.cov(shown.T) + np.eye(128) / 12  # rounding
        assert np.abs(np.cov(drawn.T) - wanted).max() < 0.2


@pytest.mark.parametrize("family", FAMILIES)
def test_networks_make_signals_of_every_state(family: str, real: Images) -> None:
    network = Network(family, {"width": 2} | FAMILIES[family], {"steps": 2, "batch_size": 8})
    made, again = (by_networks(network, real, 3, seed=0) for _ in range(2))
    assert made.shape == real.shape
    assert made.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert np.array_equal(made.pixels, again.pixels)


def test_a_vae_makes_signals_of_their_state(real: Images) -> None:
    recipe = {"steps": 100, "batch_size": 40, "learning_rate": 5e-3, "kl_weight": 0.02}
    network = Network("vae", {"latent": 2, "width": 4, "encoder_width": 4}, recipe)
    made = by_networks(network, real, 20, seed=0, noisy=True)
    means = [made.pixels[made.labels == state].mean() for state in range(4)]
    assert means == pytest.approx([40, 90, 140, 190], abs=15)
    # Not the means alone: real signals differ by a level from them, and so do these.
    assert made.pixels[made.labels == 0].std(axis=0).min() > 0.5


def test_the_verdict_names_what_is_beaten_and_says_so_where_nothing_is() -> None:
    rows = {name: {"joined": 0.5} for name in MAKERS} | {"real signals": {"joined": 0.9}}
    assert "beat neither baseline" in verdict(rows)
    assert "Not enough" in verdict({"jitter": {"joined": 0.9}})
    rows |= {"VAE": {"joined": 0.505}}
    assert "beat neither baseline" in verdict(rows)  # half a point is chance
    rows |= {"jitter": {"joined": 0.8}, "GAN": {"joined": 0.7}}
    assert "*GAN* helps most: 70.0% with its signals" in verdict(rows)
    assert verdict(rows).endswith("beat class noise, and do not beat jitter.**")
    rows |= {"diffusion": {"joined": 0.85}}
    assert verdict(rows).endswith("signals of a network beat jitter and class noise.**")
