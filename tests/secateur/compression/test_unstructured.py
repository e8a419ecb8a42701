import pytest
import torch
from torch import nn

from secateur.compression.counter import count
from secateur.compression.unstructured import sparse, zeros_of
from secateur.errors import PolicyError


def network():
    """Weights 1, -2 and 3, -4 and biases 0.5: by magnitude 1, 2, 3, 4."""
    layers = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Flatten(), nn.Linear(2, 1))
    with torch.no_grad():
        layers[0].weight.copy_(torch.tensor([1.0, -2.0]).view(2, 1, 1, 1))
        layers[2].weight.copy_(torch.tensor([[3.0, -4.0]]))
        for layer in (layers[0], layers[2]):
            layer.bias.fill_(0.5)
    return layers


@pytest.mark.parametrize(
    ("zeros", "left"), [(0, [1, -2, 3, -4]), (1, [0, -2, 3, -4]), (3, [0, 0, 0, -4])]
)
def test_the_smallest_of_all_layers_go_and_biases_stay(zeros, left):
    model = network()
    names = set(model.state_dict())
    with sparse(model, zeros):
        pass
    assert torch.cat([model[0].weight.flatten(), model[2].weight.flatten()]).tolist() == left
    assert zeros_of(model) == zeros
    assert model[0].bias.tolist() == [0.5, 0.5]
    assert set(model.state_dict()) == names
    assert all(parameter.is_leaf for parameter in model.parameters())


def test_zeros_stay_while_the_rest_learns():
    model = network()
    with sparse(model, 2):
        optimizer = torch.optim.SGD(model.parameters(), 0.1, weight_decay=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            model(torch.ones(4, 1, 1, 1)).pow(2).sum().backward()
            optimizer.step()
    assert model[0].weight.flatten().tolist() == [0, 0]
    assert not set(model[2].weight.flatten().tolist()) & {3.0, -4.0, 0.0}


def test_zeros_save_neither_flops_nor_parameters():
    model = network()
    before = count(model, (1, 1, 1))
    with sparse(model, 3):
        pass
    assert count(model, (1, 1, 1)) == before


def test_more_zeros_than_weights_are_refused():
    with pytest.raises(PolicyError, match="5 of 4 weights; expected 0 to 4"), sparse(network(), 5):
        pass
