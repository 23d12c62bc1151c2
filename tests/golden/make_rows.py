"""Makes rows.json: the loss of a row of layers on a few images, and its gradient, as PyTorch computes them, in float64.

The row has what a stage of `rowGradient` may be: zeros around images, by TensorFlow's rule, that
differ from side to side, depthwise filters, relus that leak or are cut, pools, and means of all
places.

Run: /usr/bin/python3 tests/golden/make_rows.py (Debian's python3-torch)
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)

LAYERS = "conv3x5/2:same:leaky,depth3:same:relu6,conv1x6:linear,max2,depth2:leaky0.3,mean"
ROWS, COLUMNS, CLASSES, COUNT = 13, 12, 4, 3
# As our layers have them: kernel [rows, columns, channels, filters] and bias, each in order.
SHAPES = [
    (3, 3, 1, 5), (5,),
    (3, 3, 5, 1), (5,),
    (1, 1, 5, 6), (6,),
    (2, 2, 6, 1), (6,),
    (6, CLASSES), (CLASSES,),
]  # fmt: skip

pixels = torch.randint(0, 256, (COUNT, ROWS, COLUMNS))
labels = torch.tensor([2, 0, 3])
# Rounded to float32, so that both sides compute from the same numbers; large, so that sums are cut.
weights = [(torch.randn(shape) * 2).float().double().requires_grad_() for shape in SHAPES]


def convolve(x, kernel, bias, stride=1):
    return F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, stride)


def convolve_each(x, kernel, bias):
    return F.conv2d(x, kernel.permute(2, 3, 0, 1), bias, groups=kernel.shape[2])


def feed(x):
    w = iter(weights)
    # 13 rows to 7, and 12 columns to 6: one row above and below, one column to the right.
    x = F.leaky_relu(convolve(F.pad(x, (0, 1, 1, 1)), next(w), next(w), 2), 0.125)
    cut = convolve_each(F.pad(x, (1, 1, 1, 1)), next(w), next(w))
    share = (cut > 6).double().mean()
    assert 0.1 < share < 0.5, f"too few sums are cut, or too many: {share}"
    x = convolve(F.relu6(cut), next(w), next(w))
    x = F.leaky_relu(convolve_each(F.max_pool2d(x, 2), next(w), next(w)), 0.3)
    return x.mean((2, 3)) @ next(w) + next(w)


logits = feed(pixels.double()[:, None] / 255)
loss = F.cross_entropy(logits, labels, reduction="sum")
loss.backward()
golden = {
    "made_by": f"torch {torch.__version__}, make_rows.py",
    "layers": LAYERS,
    "input": [ROWS, COLUMNS, 1],
    "classes": CLASSES,
    "pixels": pixels.flatten().tolist(),
    "labels": labels.tolist(),
    "weights": [number for each in weights for number in each.flatten().tolist()],
    "loss": loss.item(),
    "hits": (logits.argmax(-1) == labels).sum().item(),
    "gradient": [number for each in weights for number in each.grad.flatten().tolist()],
}
path = pathlib.Path(__file__).with_name("rows.json")
path.write_text(json.dumps(golden) + "\n")
