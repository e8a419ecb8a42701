from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secateur.errors import SpecError
from secateur.roots import Roots
from secateur.spec import AnySpec, parse

BASE: dict[str, Any] = {"name": "job", "data": {"kind": "digits"}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """``tmp/root`` with a folder of images and a file of arrays, and secrets beside it."""
    root = tmp_path / "root"
    for folder in (root / "images" / "cat", tmp_path / "outside" / "cat", tmp_path / "rooted"):
        folder.mkdir(parents=True)
        (folder / "1.png").touch()
    (root / "arrays.npz").touch()
    (tmp_path / "outside" / "secret.npz").touch()
    return root


def arrays(path: Path | str) -> AnySpec:
    return parse({"name": "job", "data": {"kind": "arrays", "path": str(path)}})


def images(path: Path | str) -> AnySpec:
    return parse({"name": "job", "data": {"kind": "image-folder", "root": str(path)}})


# Every field that names a path, as a job may give it.
FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "data.path": lambda path: {"data": {"kind": "arrays", "path": path}},
    "data.root": lambda path: {"data": {"kind": "image-folder", "root": path}},
    "search.teacher.model": lambda path: {"search": {"teacher": {"model": path}}},
    "search.networks.1.weights": lambda path: {
        "search": {"networks": [{"kind": "mlp"}, {"kind": "vgg", "weights": path}]}
    },
    "prune.agent.start_from": lambda path: {"prune": {"agent": {"start_from": path}}},
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_that_names_a_path_is_held_inside(field: str, root: Path) -> None:
    roots = Roots((root,))
    roots.check(parse(BASE | FIELDS[field](str(root / "images"))))
    outside = str(root.parent / "outside")
    with pytest.raises(SpecError, match="inside") as error:
        roots.check(parse(BASE | FIELDS[field](outside)))
    assert (error.value.field, error.value.value) == (field, outside)


def test_a_generative_job_is_held_too(root: Path) -> None:
    spec = parse({**BASE, "task": "generation", **FIELDS["data.root"](str(root.parent))})
    with pytest.raises(SpecError, match=r"data\.root"):
        Roots((root,)).check(spec)


def test_jobs_by_name_are_no_paths(root: Path) -> None:
    agent = {"prune": {"agent": {"start_from": "earlier"}}, "search": {"warm_start": "earlier"}}
    Roots(()).check(parse(BASE | agent))


@pytest.mark.parametrize("given", ["..", "../other", "~", "~root", ".hidden", "jobs/earlier"])
def test_a_job_by_name_cannot_walk_away(given: str) -> None:
    with pytest.raises(SpecError, match=r"prune\.agent\.start_from"):
        Roots(()).check(parse(BASE | FIELDS["prune.agent.start_from"](given)))


@pytest.mark.parametrize(
    "path",
    [
        "arrays.npz",  # relative to a working directory that who sends it does not know
        "~/arrays.npz",
        "{root}/../outside/secret.npz",
        "{root}/images/../../outside/secret.npz",
        "{root}/absent/../../outside/secret.npz",
        "{root}ed/1.png",  # begins as the root does
        "{root}/../rooted/1.png",
        "/",
        "/etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "{root}/a\0b",
    ],
)
def test_ways_out_are_closed(path: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with pytest.raises(SpecError, match=r"data\.path"):
        Roots((root,)).check(arrays(path.format(root=root)))


def test_what_stays_inside_may_be_written_in_any_way(root: Path) -> None:
    roots = Roots((root,))
    for path in ("arrays.npz", "images/../arrays.npz", "./arrays.npz", "absent.npz", ""):
        roots.check(arrays(f"{root}/{path}"))


def test_a_link_counts_as_what_it_leads_to(root: Path) -> None:
    outside, roots = root.parent / "outside", Roots((root,))
    (root / "file.npz").symlink_to(outside / "secret.npz")
    (root / "folder").symlink_to(outside)
    (root / "chain").symlink_to(root / "folder")
    (root / "dangling").symlink_to(outside / "absent.npz")
    for name in ("file.npz", "folder/secret.npz", "chain/secret.npz", "dangling"):
        with pytest.raises(SpecError, match="inside"):
            roots.check(arrays(root / name))
    (root / "within.npz").symlink_to(root / "arrays.npz")
    roots.check(arrays(root / "within.npz"))
    (root.parent / "way-in.npz").symlink_to(root / "arrays.npz")
    roots.check(arrays(root.parent / "way-in.npz"))


def test_a_root_may_be_a_link_itself(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    roots = Roots((root.parent / "alias",))
    roots.check(arrays(root.parent / "alias" / "arrays.npz"))
    roots.check(arrays(root / "arrays.npz"))
    with pytest.raises(SpecError):
        roots.check(arrays(root.parent / "alias" / ".." / "outside" / "secret.npz"))


def test_a_link_in_a_circle_is_left_to_its_reader(root: Path) -> None:
    (root / "circle").symlink_to(root / "circle")
    Roots((root,)).check(arrays(root / "circle"))


@pytest.mark.parametrize("target", ["outside/cat", "outside/cat/1.png", "outside/absent"])
def test_a_folder_of_images_with_a_way_out_is_refused(target: str, root: Path) -> None:
    link = root / "images" / "cat" / "link.png"
    link.symlink_to(root.parent / target)
    with pytest.raises(SpecError, match="unlike") as error:
        Roots((root,)).check(images(root / "images"))
    assert error.value.expected.endswith(f"unlike {link}")


def test_a_way_out_behind_a_way_around_is_found(root: Path) -> None:
    """images/dog leads to a folder of the root, and in that one a link leads out of it."""
    (root / "shelf").mkdir()
    (root / "images" / "dog").symlink_to(root / "shelf")
    (root / "images" / "cat" / "up").symlink_to(root / "images")  # and a circle on the way
    Roots((root,)).check(images(root / "images"))
    (root / "shelf" / "2.png").symlink_to(root.parent / "outside" / "cat" / "1.png")
    with pytest.raises(SpecError, match=r"unlike .*shelf/2\.png"):
        Roots((root,)).check(images(root / "images"))


def test_nobody_is_made_to_wait_for_a_pipe(root: Path) -> None:
    os.mkfifo(root / "images" / "cat" / "2.png")
    os.mkfifo(root / "pipe.npz")
    for spec in (images(root / "images"), arrays(root / "pipe.npz")):
        with pytest.raises(SpecError, match="files and folders"):
            Roots((root,)).check(spec)


def test_several_roots_each_let_in(root: Path) -> None:
    roots = Roots((root, root.parent / "outside"))
    roots.check(arrays(root / "arrays.npz"))
    roots.check(arrays(root.parent / "outside" / "secret.npz"))
    (root / "images" / "cat" / "2.png").symlink_to(root.parent / "outside" / "cat" / "1.png")
    roots.check(images(root / "images"))


def test_no_root_lets_no_path_in(root: Path) -> None:
    Roots(()).check(parse(BASE))
    with pytest.raises(SpecError, match="no path at all"):
        Roots(()).check(arrays(root / "arrays.npz"))


def test_the_environment_names_them() -> None:
    assert Roots.find({}) is None
    assert Roots.find({"SECATEUR_ROOTS": ""}) == Roots(())
    assert Roots.find({"SECATEUR_ROOTS": "/a:/b c:"}) == Roots((Path("/a"), Path("/b c")))
    for wrong in ("data", "~/data", "/a:b"):
        with pytest.raises(SpecError, match="SECATEUR_ROOTS"):
            Roots.find({"SECATEUR_ROOTS": wrong})
