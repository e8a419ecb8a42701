import torch
from torch import nn

from secateur.compression.rebuild import detached, duplicate, rebuild
from secateur.compression.unstructured import sparse


class Odd(nn.Module):
    """Holds what a naive copy gets wrong."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.again = self.first
        self.listed = [self.first]
        self.call = self.double
        self.register_buffer("steps", torch.tensor(3))
        self.options = {"scale": 2.0, "layers": (self.first,)}

    def double(self, x):
        return 2 * self.first(x) + self.steps

    def forward(self, x):
        return self.call(self.listed[0](x))


def test_every_reference_leads_into_the_copy():
    network = Odd()
    copy = rebuild(network, lambda _module, _name, tensor: tensor.clone())
    assert copy.first is copy.again is copy.listed[0] is copy.options["layers"][0]
    assert copy.first is not network.first
    assert copy.call.__self__ is copy
    x = torch.randn(3, 4)
    before = network(x)
    nn.init.zeros_(copy.first.weight)
    assert torch.equal(network(x), before)
    assert not torch.equal(copy(x), before)


def test_modes_hooks_and_gradients():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout())
    network[1].eval()
    network.requires_grad_(False)
    calls = []
    network[0].register_forward_hook(lambda *_: calls.append(1))
    copy = detached(network)
    assert [module.training for module in copy.modules()] == [True, True, False, True]
    assert all(parameter.requires_grad for parameter in copy.parameters())
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert copy[0].weight.data_ptr() == network[0].weight.data_ptr()
    copy(torch.ones(3, 2))
    assert calls == [1]


def test_replacements_are_asked_once_a_tensor_by_name():
    asked = []

    def replace(module, name, tensor):
        asked.append((module, name))
        return tensor

    rebuild(Odd(), replace)
    assert asked == [("", "steps"), ("first", "weight"), ("first", "bias")]


def test_a_duplicate_has_data_of_its_own_and_keeps_what_is_frozen_or_masked():
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    network[0].requires_grad_(False)
    with sparse(network, 3):
        copy = duplicate(network)
        assert [p.requires_grad for p in copy.parameters()] == [False, False, True, True]
        x = torch.ones(1, 2)
        assert torch.equal(copy(x), network(x))
        with torch.no_grad():
            for parameter in copy.parameters():
                parameter.fill_(1.0)
        copy(x)
        # The masks hold in the copy: of its six weights three are still 0.
        assert sum(int((layer.weight == 0).sum()) for layer in copy) == 3
        assert not torch.equal(copy(x), network(x))
