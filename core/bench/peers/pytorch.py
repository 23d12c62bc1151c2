# PyTorch as a peer of the benchmark: python3 pytorch.py cpu|cuda
import json
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

DEVICE = sys.argv[1]


def trunk():
    return [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(),
            nn.MaxPool2d(2)]


def teacher():
    return nn.Sequential(*trunk(), nn.Dropout(.25), nn.Flatten(),
                         nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(.5),
                         nn.Linear(128, 10)).to(DEVICE)


def student():
    return nn.Sequential(*trunk(), nn.Flatten(), nn.Dropout(.2),
                         nn.Linear(9216, 6), nn.ReLU(),
                         nn.Linear(6, 10)).to(DEVICE)


def timed(work):
    def run():
        start = time.perf_counter()
        work()
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1e3
    return run


def matmul(size):
    a = torch.rand(size, size, device=DEVICE)
    b = torch.rand(size, size, device=DEVICE)
    return timed(lambda: a @ b)


def teacher_step(batch):
    model = teacher()
    optimiser = torch.optim.Adadelta(model.parameters(), lr=1.0)
    x = torch.rand(batch, 1, 28, 28, device=DEVICE)
    y = torch.randint(0, 10, (batch,), device=DEVICE)

    def work():
        optimiser.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimiser.step()
        loss.item()
    return timed(work)


def feed(model, batch):
    """From an array in memory to another."""
    model.eval()
    x = torch.rand(batch, 1, 28, 28)

    def work():
        with torch.no_grad():
            model(x.to(DEVICE)).cpu()
    return timed(work)


def prepare(task):
    work = task["work"]
    if work == "matmul":
        return matmul(task["size"])
    if work == "teacher-step":
        return teacher_step(task["batch"])
    if work == "feature-extraction":
        model = nn.Sequential(*trunk(), nn.Flatten()).to(DEVICE)
        return feed(model, task["batch"])
    if work == "inference":
        model = teacher() if task["model"] == "teacher" else student()
        return feed(model, task["batch"])
    raise ValueError(f"it isn't asked for {work}")


def say(line):
    print(json.dumps(line), flush=True)


if DEVICE == "cuda" and not torch.cuda.is_available():
    say({"error": "PyTorch finds no CUDA device"})
    sys.exit()
# OpenMP may start with one thread where others share the machine's cores.
torch.set_num_threads(len(os.sched_getaffinity(0))
                      if hasattr(os, "sched_getaffinity") else os.cpu_count())
say({"version": torch.__version__,
     "adapter": torch.cuda.get_device_name() if DEVICE == "cuda" else None})
prepared = {}
for line in sys.stdin:
    try:
        if line not in prepared:
            prepared[line] = prepare(json.loads(line))
        say({"milliseconds": prepared[line]()})
    except Exception as error:
        say({"error": str(error).split("\n")[0]})
