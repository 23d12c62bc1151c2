"""Makes losses.json: losses and their gradients as PyTorch computes them, in float64.

Run: /usr/bin/python3 tests/golden/make_losses.py (Debian's python3-torch)
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

# Rounded to float32, so that both sides compute from the same numbers.
logits = (torch.randn(4, 5) * 3).float().double()
teacher = (torch.randn(4, 5) * 4).float().double()
classes = torch.tensor([0, 2, 4, 2])
labels = F.one_hot(classes, 5).double()


def distillation(z, temperature, alpha):
    soft = F.kl_div(
        F.log_softmax(z / temperature, -1),
        F.softmax(teacher / temperature, -1),
        reduction="none",
    ).sum(-1)
    hard = F.cross_entropy(z, classes, reduction="none")
    return alpha * temperature**2 * soft + (1 - alpha) * hard


LOSSES = [
    ({"kind": "cross-entropy"}, lambda z: F.cross_entropy(z, classes, reduction="none")),
    ({"kind": "logit-mse"}, lambda z: F.mse_loss(z, teacher, reduction="none").mean(-1)),
    ({"kind": "distillation", "temperature": 4, "alpha": 0.9}, lambda z: distillation(z, 4, 0.9)),
    ({"kind": "distillation", "temperature": 1, "alpha": 0.5}, lambda z: distillation(z, 1, 0.5)),
    ({"kind": "distillation", "temperature": 20, "alpha": 1}, lambda z: distillation(z, 20, 1)),
]


def case(spec, loss):
    z = logits.clone().requires_grad_()
    values = loss(z)
    values.sum().backward()
    return {"loss": spec, "values": values.tolist(), "gradient": z.grad.tolist()}


golden = {
    "made_by": f"torch {torch.__version__}, make_losses.py",
    "logits": logits.tolist(),
    "teacherLogits": teacher.tolist(),
    "labels": labels.tolist(),
    "cases": [case(spec, loss) for spec, loss in LOSSES],
}
path = pathlib.Path(__file__).with_name("losses.json")
path.write_text(json.dumps(golden, indent=2) + "\n")
