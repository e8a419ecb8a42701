import re

import pytest
import torch
import torchvision
from safetensors.torch import save_file

from secateur.errors import ArtifactError
from secateur.models import build
from secateur.models.pretrained import load_torchvision
from secateur.records import Architecture


def network(name="resnet-imagenet", classes=1000, shape=(3, 64, 64), **arguments):
    asked = {"stem": "imagenet"} | arguments
    return build(
        Architecture(name=name, arguments=asked, input_shape=shape, classes=classes), seed=1
    )


@pytest.fixture(scope="module")
def published():
    torch.manual_seed(0)
    return torchvision.models.resnet18().state_dict()


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_all_tensors_are_the_files(published, tmp_path, suffix):
    path = tmp_path / f"weights.{suffix}"
    torch.save(published, path) if suffix == "pth" else save_file(published, path)
    ours = network()
    assert load_torchvision(ours, path) == ()
    assert all(torch.equal(value, published[name]) for name, value in ours.state_dict().items())


def test_a_head_for_other_classes_keeps_its_weights(published, tmp_path):
    torch.save(published, tmp_path / "weights.pth")
    ours = network(classes=7)
    before = ours.fc.weight.clone()
    assert load_torchvision(ours, tmp_path / "weights.pth") == ("fc.weight", "fc.bias")
    assert torch.equal(ours.fc.weight, before)
    assert torch.equal(ours.conv1.weight, published["conv1.weight"])


def test_files_without_batch_counters_are_taken(published, tmp_path):
    old = {name: value for name, value in published.items() if "num_batches" not in name}
    torch.save(old, tmp_path / "weights.pth")
    assert load_torchvision(network(), tmp_path / "weights.pth") == ()


def test_auxiliary_heads_are_left_out(tmp_path):
    twin = torchvision.models.googlenet(init_weights=False)
    torch.save(twin.state_dict(), tmp_path / "weights.pth")
    ours = network("googlenet", shape=(3, 32, 32))
    assert load_torchvision(ours, tmp_path / "weights.pth") == ()
    assert torch.equal(
        ours.inception5b.branch4[1].conv.weight, twin.inception5b.branch4[1].conv.weight
    )


def test_old_names_of_densenet_are_known(tmp_path):
    twin = torchvision.models.densenet121().state_dict()
    old = {re.sub(r"(layer\d+\.(?:norm|conv))(\d)", r"\1.\2", name): twin[name] for name in twin}
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old, tmp_path / "weights.pth")
    ours = network("densenet")
    load_torchvision(ours, tmp_path / "weights.pth")
    assert all(torch.equal(value, twin[name]) for name, value in ours.state_dict().items())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            {"stem": "small"},
            r"conv1.weight is \(64, 3, 7, 7\) in the file and \(64, 3, 3, 3\) in the network$",
        ),
        ({"shape": (1, 64, 64)}, r"conv1.weight is .* and \(64, 1, 7, 7\) in the network$"),
        ({"width": 0.5}, r"bn1.bias is \(64,\) in the file and \(32,\) .*, and \d+ more"),
        ({"depth": 34}, r"layer1.2.bn1.bias is absent in the file"),
        ({"name": "densenet"}, "bn1.bias is .* in the file and absent in the network"),
    ],
)
def test_weights_of_another_network_change_nothing(published, tmp_path, arguments, reason):
    torch.save(published, tmp_path / "weights.pth")
    ours = network(**arguments)
    before = {name: value.clone() for name, value in ours.state_dict().items()}
    with pytest.raises(ArtifactError, match=reason):
        load_torchvision(ours, tmp_path / "weights.pth")
    assert all(torch.equal(value, before[name]) for name, value in ours.state_dict().items())


class Trap:
    """What runs code where it is unpickled."""

    def __reduce__(self):
        return (print, ("sprung",))


def write_trap(path):
    torch.save({"conv1.weight": Trap()}, path)


def write_list(path):
    torch.save([torch.zeros(1)], path)


@pytest.mark.parametrize(
    ("name", "write", "reason"),
    [
        ("none.pth", lambda path: None, "no such file"),
        ("trap.pth", write_trap, "cannot be read without running code"),
        ("text.pth", lambda path: path.write_text("conv1"), "cannot be read"),
        ("empty.pth", lambda path: path.touch(), "cannot be read"),
        ("text.safetensors", lambda path: path.write_text("conv1"), "cannot be read"),
        ("list.pth", write_list, "a list; expected a state dict"),
    ],
)
def test_files_that_are_no_weights(tmp_path, capsys, name, write, reason):
    write(tmp_path / name)
    with pytest.raises(ArtifactError, match=reason) as caught:
        load_torchvision(network(), tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""
