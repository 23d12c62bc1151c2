# PyTorch as a peer of the benchmark: python3 pytorch.py cpu|cuda THREADS
import ctypes
import itertools
import json
import math
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


def compact_layers(layers):
    """Kind of each layer that computes, and its stride or size."""
    for layer in layers:
        kind = layer["kind"]
        if kind == "conv2d":
            yield kind, layer.get("stride", 1)
        elif kind == "maxPool2d":
            yield kind, layer["size"]
        elif kind == "dense":
            yield kind, None


def compact_shapes(task):
    """Of each weight, as PyTorch has it: kernels [f, c, k, k], biases [f]."""
    shapes, (side, _, channels) = [], task["spec"]["input"]
    for layer in task["spec"]["layers"]:
        if layer["kind"] == "conv2d":
            size, filters = layer["size"], layer["filters"]
            shapes += [(filters, channels, size, size), (filters,)]
            side = (side - size) // layer.get("stride", 1) + 1
            channels = filters
        elif layer["kind"] == "maxPool2d":
            side //= layer["size"]
        elif layer["kind"] == "dense":
            shapes += [(layer["units"], channels * side * side),
                       (layer["units"],)]
            channels, side = layer["units"], 1
    return shapes


class Quantise(torch.autograd.Function):
    """s * clip(floor(w / s + 1/2)) by a learnt step s of each tensor, straight through."""

    @staticmethod
    def forward(ctx, w, octaves, owner, lowest, highest, slope, pull):
        whole = torch.floor(octaves)
        power = torch.exp2(whole)
        steps = power * (1 + torch.round((octaves - whole) * 16) / 16)
        s = steps[owner]
        ratio = w / s
        inside = (ratio >= lowest) & (ratio <= highest)
        level = torch.clamp(torch.floor(ratio + .5), lowest, highest)
        held = level * s
        ctx.save_for_backward(w, held, level, ratio, inside, owner,
                              power * slope)
        ctx.pull = pull
        return held, s

    @staticmethod
    def backward(ctx, dheld, ds):
        w, held, level, ratio, inside, owner, rises = ctx.saved_tensors
        dw = torch.where(inside, dheld + ctx.pull * (w - held), 0.)
        rise = torch.where(inside, level - ratio, level)
        summed = torch.zeros_like(rises).index_add_(
            0, owner, dheld * rise + ds)
        return dw, summed * rises, None, None, None, None, None


def compact_model(task, channels_last, traced, threads):
    """A step of a compact model's training, by one of the ways that PyTorch has."""
    torch.manual_seed(1)
    torch.set_num_threads(threads)
    batch, configuration = task["batch"], task["configuration"]
    shapes = compact_shapes(task)
    sizes = [math.prod(shape) for shape in shapes]
    # One row of all weights: a call of Adam and of the quantiser for all of them.
    row = torch.cat([
        torch.randn(size) * (2 / max(1, math.prod(shape[1:]))) ** .5
        for size, shape in zip(sizes, shapes)]).requires_grad_()
    quantised = task["phase"] == "quantised"
    learnt = [row]
    if quantised:
        bits = torch.tensor([
            configuration["bits"]["kernel" if len(shape) > 1 else "bias"]
            for shape in shapes])
        owner = torch.repeat_interleave(
            torch.arange(len(shapes)), torch.tensor(sizes))
        highest = torch.exp2(bits - 1.) - 1
        slope = 1 / torch.sqrt(torch.tensor(sizes) * highest)
        lowest, highest = -highest[owner] - 1, highest[owner]
        octaves = torch.full((len(shapes),), -3.).requires_grad_()
        learnt.append(octaves)
    optimiser = torch.optim.Adam(learnt, lr=1e-3, betas=(.9, .99),
                                 foreach=True)
    memory = torch.channels_last if channels_last else torch.contiguous_format
    x = torch.rand(batch, 1, 28, 28).contiguous(memory_format=memory)
    y = torch.randint(0, 10, (batch,))
    wanted = 8 * F.one_hot(y, 10).float()
    layers = list(compact_layers(task["spec"]["layers"]))

    def feed(x, *weights):
        weights = iter(weights)
        for kind, number in layers:
            if kind == "conv2d":
                x = F.relu(F.conv2d(x, next(weights), next(weights),
                                    stride=number))
            elif kind == "maxPool2d":
                x = F.max_pool2d(x, number)
            else:
                x = F.linear(x.flatten(1), next(weights), next(weights))
        return x

    def split(flat):
        return [part.view(shape).contiguous(memory_format=memory)
                if len(shape) == 4 else part.view(shape)
                for part, shape in zip(flat.split(sizes), shapes)]

    if traced:
        feed = torch.jit.trace(feed, (x, *split(row.detach())),
                               check_trace=False)
    loss = configuration["loss"]
    temperature, alpha = loss["temperature"], loss["alpha"]
    soft = F.softmax(wanted / temperature, 1)
    average, steps = row.detach().clone(), 0

    def work():
        nonlocal steps
        torch.set_num_threads(threads)
        optimiser.zero_grad(set_to_none=True)
        flat, rate = row, 0
        if quantised:
            flat, s = Quantise.apply(row, octaves, owner, lowest, highest,
                                     slope, configuration["damping"] / 2)
            rate = configuration["ratePenalty"] * torch.log2(
                1 + row.abs() / s).mean()
        z = feed(x, *split(flat))
        divergence = F.kl_div(F.log_softmax(z / temperature, 1), soft,
                              reduction="batchmean")
        value = (1 - alpha) * F.cross_entropy(z, y) \
            + alpha * temperature ** 2 * divergence + rate
        value.backward()
        optimiser.step()
        steps += 1
        if not quantised and steps % 5 == 0:
            average.lerp_(row.detach(), .01)
        return value
    return work


# Steps a run, as ours has: one readback a run.
COMPACT_STEPS = 20
# Of each way, three times, to find the quickest.
TRIED_STEPS = 4


def compact_step(task):
    """The quickest of PyTorch's ways, found by trying each of them."""
    def run(work, count):
        def steps():
            for _ in range(count):
                value = work()
            value.item()
        return timed(steps)() / count
    ways = [compact_model(task, *way) for way in itertools.product(
        (False, True), (False, True), sorted({1, THREADS}))]
    # Tracing is done after some steps; then in turn, so that all meet the same.
    rounds = [[run(work, TRIED_STEPS) for work in ways] for _ in range(3)]
    times = [min(each) for each in zip(*rounds[1:])]
    best = ways[times.index(min(times))]
    return lambda: run(best, COMPACT_STEPS)


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
    if work == "compact-step":
        return compact_step(task)
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
