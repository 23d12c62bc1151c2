# PyTorch as a peer of the benchmark: python3 pytorch.py cpu|cuda THREADS
import ctypes
import json
import os
import re
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

DEVICE = sys.argv[1]
THREADS = int(sys.argv[2])


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


class Found(ctypes.Structure):
    """Dl_info of dladdr(3)."""
    _fields_ = [("file", ctypes.c_char_p), ("base", ctypes.c_void_p),
                ("symbol", ctypes.c_char_p), ("address", ctypes.c_void_p)]


def openblas_name(files):
    """Version, and the kind of processor that it computes for."""
    for file in files:
        try:
            library = ctypes.CDLL(file)
            config = library.openblas_get_config
            core = library.openblas_get_corename
        except (AttributeError, OSError):
            continue
        config.restype = core.restype = ctypes.c_char_p
        name, version = config().decode().split(" ")[:2]
        return f"{name} {version} ({core().decode()})"
    return "OpenBLAS"


def blas_name():
    """Whose matrix products PyTorch runs on the processor, if Linux tells."""
    try:
        with open("/proc/self/maps") as maps:
            files = sorted({line.split()[-1] for line in maps
                            if ".so" in line})
        torch_file = next(file for file in files if "libtorch_cpu" in file)
        # Looked for as the loader did: in what PyTorch itself is linked with first.
        product = ctypes.cast(ctypes.CDLL(torch_file).sgemm_, ctypes.c_void_p)
        found = Found()
        ctypes.CDLL(None).dladdr(product, ctypes.byref(found))
        file = found.file.decode()
    except (AttributeError, OSError, StopIteration):
        file = ""
    if "openblas" in file:
        return openblas_name(each for each in files if "openblas" in each)
    if os.path.realpath(file).split("/")[-2:-1] == ["blas"]:
        return "reference BLAS"
    if file == "" or "torch" in file:
        # Built in: it says itself what by.
        [built] = re.findall(r"BLAS_INFO=(\w+)",
                             torch.__config__.show())[:1] or ["unknown"]
        return built
    return os.path.basename(file)


def say(line):
    print(json.dumps(line), flush=True)


if DEVICE == "cuda" and not torch.cuda.is_available():
    say({"error": "PyTorch finds no CUDA device"})
    sys.exit()
# OpenMP may start with one thread where others share the machine's cores.
torch.set_num_threads(THREADS)
say({"version": torch.__version__,
     "adapter": torch.cuda.get_device_name() if DEVICE == "cuda" else None,
     "blas": blas_name(),
     "threads": torch.get_num_threads()})
prepared = {}
for line in sys.stdin:
    try:
        if line not in prepared:
            prepared[line] = prepare(json.loads(line))
        say({"milliseconds": prepared[line]()})
    except Exception as error:
        say({"error": str(error).split("\n")[0]})
