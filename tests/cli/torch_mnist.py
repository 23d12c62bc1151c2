"""PyTorch's MNIST example, shortly trained on pictures.

torch_mnist.py FOLDER: trains the network of pytorch/examples' mnist/main.py on
FOLDER/digits/train/CLASS/*.png, exports it as FOLDER/torch.onnx, and prints what share
of FOLDER/digits/test/CLASS/*.png it reads rightly.
"""

import os
import struct
import sys
import warnings
import zlib

import torch
import torch.nn.functional as F

ONNX_TESTS = os.path.join(os.path.dirname(__file__), "../core/models/formats/onnx")
sys.dont_write_bytecode = True
sys.path.append(ONNX_TESTS)
from mnist_example import Mnist  # noqa: E402

warnings.filterwarnings("ignore")


def read_png(path):
    """Pixels of a grey PNG of 8 bits whose lines have no filter, as Retort writes it."""
    with open(path, "rb") as file:
        png = file.read()
    packed, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colours = struct.unpack(">IIBB", body[:10])
            assert (depth, colours) == (8, 0), path
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    lines = torch.frombuffer(bytearray(zlib.decompress(packed)), dtype=torch.uint8)
    lines = lines.reshape(height, 1 + width)
    assert lines[:, 0].sum() == 0, path
    return lines[:, 1:]


def read(folder):
    """Pictures [n, 1, 28, 28], normalised as the example does, and their classes."""
    images, labels = [], []
    for label in sorted(os.listdir(folder)):
        for name in sorted(os.listdir(os.path.join(folder, label))):
            pixels = read_png(os.path.join(folder, label, name))
            images.append(pixels.unsqueeze(0).float() / 255)
            labels.append(int(label))
    return (torch.stack(images) - 0.1307) / 0.3081, torch.tensor(labels)


def main(folder):
    torch.manual_seed(1)
    images, labels = read(os.path.join(folder, "digits", "train"))
    model = Mnist()
    optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0)
    for _ in range(2):
        for rows in torch.randperm(len(labels)).split(32):
            optimiser.zero_grad()
            F.nll_loss(model(images[rows]), labels[rows]).backward()
            optimiser.step()
    model.eval()
    torch.onnx.export(
        model,
        images[:1],
        os.path.join(folder, "torch.onnx"),
        dynamic_axes={"input": {0: "n"}},
        input_names=["input"],
    )
    images, labels = read(os.path.join(folder, "digits", "test"))
    with torch.no_grad():
        right = (model(images).argmax(1) == labels).sum().item()
    print(right / len(labels))


main(sys.argv[1])
