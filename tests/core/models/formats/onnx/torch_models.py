"""Exports networks from PyTorch to ONNX in the folder that is the first argument, with
what they answer: models.json, a list of {file, shape, pixels, answers}."""
import json, sys, warnings

sys.dont_write_bytecode = True
import torch
import torch.nn as nn
import torch.nn.functional as F

from mnist_example import Mnist

warnings.filterwarnings("ignore")
torch.manual_seed(1)
folder = sys.argv[1]


class Block(nn.Module):
    """Two convolutions, added to what they read."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + x)


class View(nn.Module):
    """A row made by the extents of what it is made of."""

    def forward(self, x):
        return x.view(x.size(0), -1)


class Viewed(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


NETWORKS = {
    "mnist": (Mnist(), (1, 28, 28), {}),
    "residual": (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8),
            nn.ReLU(), Block(8), Block(8), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(8, 4)),
        (3, 12, 10), {}),
    "mobile": (
        nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8),
            nn.ReLU6(), nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
            nn.BatchNorm2d(8), nn.ReLU6(), nn.Conv2d(8, 6, 1), nn.SiLU(),
            nn.AvgPool2d(3, stride=2, padding=1), nn.Flatten(), nn.Linear(54, 4)),
        (3, 12, 10), {}),
    "view": (
        Viewed(
            nn.Conv2d(1, 4, 3), nn.PReLU(), nn.MaxPool2d(2, ceil_mode=True),
            View(), nn.Linear(4 * 25, 16), nn.BatchNorm1d(16), nn.LeakyReLU(0.1),
            nn.Linear(16, 4), nn.Softmax(dim=1)),
        (1, 11, 12), {"opset_version": 9, "dynamic": True}),
    "sigmoids": (
        nn.Sequential(
            nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(6, 4), nn.Sigmoid()),
        (3, 10, 12), {}),
    "binary": (
        nn.Sequential(
            nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
            nn.Linear(6, 1), nn.Sigmoid()),
        (3, 10, 12), {}),
    "kept": (
        Viewed(
            nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3, padding=1), nn.ELU(),
            nn.BatchNorm2d(4), nn.Tanh(), nn.AvgPool2d(2), View(),
            nn.Linear(120, 4)),
        (3, 10, 12), {"opset_version": 16, "dynamic": True, "fold": False}),
}

models = []
for name, (network, shape, options) in NETWORKS.items():
    network.train()
    for _ in range(3):  # so that what normalises has seen something
        network(torch.rand(8, *shape))
    network.eval()
    dynamic = options.get("dynamic")
    more = {"training": torch.onnx.TrainingMode.EVAL}
    if "opset_version" in options:
        more["opset_version"] = options["opset_version"]
    if options.get("fold") is False:
        more["do_constant_folding"] = False
        # Layers are kept as they are, not joined with what normalises behind them.
        more["training"] = torch.onnx.TrainingMode.PRESERVE
    torch.onnx.export(
        network, torch.zeros(1, *shape), f"{folder}/{name}.onnx",
        input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "n"}, "y": {0: "n"}} if dynamic else None, **more)
    pixels = torch.rand(6, *shape)
    models.append({
        "file": f"{name}.onnx",
        "shape": [6, *shape],
        "pixels": pixels.flatten().tolist(),
        "answers": network(pixels).detach().flatten().tolist(),
    })
with open(f"{folder}/models.json", "w") as file:
    json.dump(models, file)
