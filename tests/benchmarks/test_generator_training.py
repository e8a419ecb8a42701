from benchmarks.sections.generator_training import lines

HARDWARE = {
    "processor": "a processor", "cores": 2, "load_before": 0.1, "torch": "2", "ray": "2",
    "torch-pruning": "1", "python": "3.11", "date": "today", "command": "python",
}  # fmt: skip


def result(seed, distance):
    return {
        "recipe": {"seed": seed, "seconds": 75.0},
        "rounds": [{"step": 100}, {"step": 2100, "seconds": 75.04}],
        "test": {"judge": "classifier-64/1f", "distance": distance, "coverage": 0.5,
                 "collapsed": False},
        "real": 0.21,
        "hardware": HARDWARE,
    }  # fmt: skip


def test_the_section_has_the_median_and_a_row_a_seed():
    text = "\n".join(lines({f"mnist-{seed}": result(seed, seed + 2.0) for seed in range(3)}))
    assert "3 seeds, median distance 3.00" in text
    assert "| 1 | 2,100 | 75.0 | 3.00 | 0.50 | no |" in text
    assert "real training images have 0.21" in text
