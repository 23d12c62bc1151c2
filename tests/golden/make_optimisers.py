"""Makes optimisers.json: ten steps of PyTorch's optimisers, in float64, on f(w) = Σ aᵢ·(wᵢ − cᵢ)².

PyTorch's Adadelta, Adam and SGD follow the same formulas as ours (its SGD with
dampening 0 and no Nesterov).

Run: /usr/bin/python3 tests/golden/make_optimisers.py (Debian's python3-torch)
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
START = [1.0, -2.0, 0.5, 3.0]
SCALE = [1.0, 0.5, 4.0, 0.25]
CENTRE = [0.0, 1.0, -1.0, 2.0]
STEPS = 10

OPTIMISERS = [
    ({"kind": "adadelta"}, 1.0, lambda w: torch.optim.Adadelta(w, lr=1.0, rho=0.95, eps=1e-7)),
    (
        {"kind": "adadelta", "rho": 0.9, "epsilon": 1e-6},
        0.5,
        lambda w: torch.optim.Adadelta(w, lr=0.5, rho=0.9, eps=1e-6),
    ),
    ({"kind": "adam"}, 0.05, lambda w: torch.optim.Adam(w, lr=0.05, betas=(0.9, 0.999), eps=1e-8)),
    (
        {"kind": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4},
        0.1,
        lambda w: torch.optim.Adam(w, lr=0.1, betas=(0.8, 0.95), eps=1e-4),
    ),
    ({"kind": "sgd"}, 0.02, lambda w: torch.optim.SGD(w, lr=0.02, momentum=0.9)),
    ({"kind": "sgd", "momentum": 0}, 0.05, lambda w: torch.optim.SGD(w, lr=0.05)),
]


def case(spec, rate, make):
    weights = torch.tensor(START, requires_grad=True)
    optimiser = make([weights])
    path = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = (torch.tensor(SCALE) * (weights - torch.tensor(CENTRE)) ** 2).sum()
        loss.backward()
        optimiser.step()
        path.append(weights.detach().tolist())
    return {"optimiser": spec, "learningRate": rate, "weights": path}


golden = {
    "made_by": f"torch {torch.__version__}, make_optimisers.py",
    "start": START,
    "scale": SCALE,
    "centre": CENTRE,
    "cases": [case(*each) for each in OPTIMISERS],
}
path = pathlib.Path(__file__).with_name("optimisers.json")
path.write_text(json.dumps(golden, indent=2) + "\n")
