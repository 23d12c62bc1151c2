"""Writes files as Keras saves models, for tests/core/models/formats/keras: no Keras is at hand.

The layout is that of keras/src/legacy/saving/legacy_h5_format.py and
keras/src/saving/saving_lib.py of Keras 3.12; numbers are a sine, so that the test
knows them. Run with h5py (Debian's python3-h5py) from this folder:

    /usr/bin/python3 make_keras.py
"""

import base64
import io
import json
import zipfile
import zlib

import h5py
import numpy as np


def numbers(shape, seed, lift=0.0):
    size = int(np.prod(shape))
    values = np.sin(0.7 * np.arange(size) + seed) / 2 + lift
    return values.astype("<f4").reshape(shape)


# Name, class, configuration, and weights by name with shape and lift.
LAYERS = [
    ("first", "Conv2D", {"filters": 3, "kernel_size": [3, 2], "activation": "relu"},
     [("kernel", (3, 2, 1, 3), 0), ("bias", (3,), 0)]),
    ("normal", "BatchNormalization", {"axis": -1, "epsilon": 0.001},
     [("gamma", (3,), 1), ("beta", (3,), 0), ("moving_mean", (3,), 0), ("moving_variance", (3,), 1)]),
    ("second", "Conv2D", {"filters": 4, "kernel_size": [2, 2], "use_bias": False},
     [("kernel", (2, 2, 3, 4), 0)]),
    ("rest", "Dropout", {"rate": 0.5}, []),
    ("flat", "Flatten", {}, []),
    ("one", "Dense", {"units": 5, "activation": "tanh"},
     [("kernel", (64, 5), 0), ("bias", (5,), 0)]),
    ("two", "Dense", {"units": 5, "activation": "relu"},
     [("kernel", (5, 5), 0), ("bias", (5,), 0)]),
    ("end", "Dense", {"units": 3, "activation": "softmax"},
     [("kernel", (5, 3), 0), ("bias", (3,), 0)]),
]

SEEDS = {}
for layer, _, _, weights in LAYERS:
    for weight, _, _ in weights:
        SEEDS[layer, weight] = len(SEEDS)


def values(layer, weight, shape, lift):
    return numbers(shape, SEEDS[layer, weight], lift)


def entries(names):
    """Keras 3's list of the layers called `names`; the first reads images of 7×6."""
    found = []
    for layer, kind, config, _ in LAYERS:
        if layer not in names:
            continue
        found.append({
            "module": "keras.layers",
            "class_name": kind,
            "config": {"name": layer, "trainable": True, **config},
            "registered_name": None,
        })
    return found


def topology(nested):
    head, tail = ["first", "normal", "second", "rest", "flat"], ["one", "two", "end"]
    shape = {"batch_shape": [None, 7, 6, 1]}
    first = {"module": "keras.layers", "class_name": "InputLayer",
             "config": {**shape, "dtype": "float32", "name": "input"}, "registered_name": None}
    layers = [first] + entries(head)
    if nested:
        layers.append({"module": "keras", "class_name": "Sequential", "registered_name": None,
                       "config": {"name": "inner", "trainable": True, "layers": entries(tail)}})
    else:
        layers += entries(tail)
    return {"class_name": "Sequential", "config": {"name": "sines", "trainable": True, "layers": layers}}


def write_h5(target, nested=False, options={}, texts=str, suffix=":0", libver=None, config=True, scale=1, more=0):
    with h5py.File(target, "w", libver=libver) as file:
        file.attrs["keras_version"] = texts("3.12.0")
        file.attrs["backend"] = texts("tensorflow")
        if config:
            file.attrs["model_config"] = texts(json.dumps(topology(nested)))
        for place in range(more):
            file.attrs[f"more{place}"] = place
        group = file.create_group("model_weights")
        for layer, _, _, weights in LAYERS:
            inner = nested and layer in ("one", "two", "end")
            place = group.require_group("inner" if inner else layer)
            for weight, shape, lift in weights:
                place.create_dataset(f"{layer}/{weight}{suffix}", data=scale * values(layer, weight, shape, lift), **options)


def write_keras(target, nested, root="layers"):
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        counts = {"": {}, f"sequential/{root}/": {}}
        for layer, kind, _, weights in LAYERS:
            before = f"sequential/{root}/" if nested and layer in ("one", "two", "end") else ""
            snake = {"Conv2D": "conv2d", "BatchNormalization": "batch_normalization"}.get(kind, kind.lower())
            count = counts[before].get(snake, 0)
            counts[before][snake] = count + 1
            name = snake if count == 0 else f"{snake}_{count}"
            group = file.require_group(f"{root}/{before}{name}/vars")
            for index, (weight, shape, lift) in enumerate(weights):
                group.create_dataset(str(index), data=values(layer, weight, shape, lift))
        file.create_dataset(f"{root}/dropout/seed_generator/vars/0", data=np.array([1, 2], "uint32"))
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.12.0"}))
        archive.writestr("config.json", json.dumps({"module": "keras", "registered_name": "Sequential",
                                                    "build_config": {}, **topology(nested)}))
        archive.writestr("model.weights.h5", memory.getvalue())


def made(write, **options):
    """What `write` makes, deflated, as text: most of an HDF5 file is zeros."""
    memory = io.BytesIO()
    write(memory, **options)
    return base64.b64encode(zlib.compress(memory.getvalue(), 9)).decode()


files = {
    "plain.h5": made(write_h5),
    "nested.h5": made(write_h5, nested=True, suffix=""),
    "bytes.h5": made(write_h5, texts=lambda text: text.encode()),
    "gzip.h5": made(write_h5, options={"compression": "gzip", "shuffle": True, "chunks": True}),
    "lzf.h5": made(write_h5, options={"compression": "lzf", "chunks": True}, scale=np.float32(0)),
    "latest.h5": made(write_h5, libver="latest"),
    "dense.h5": made(write_h5, libver="latest", more=10),
    "weights.h5": made(write_h5, config=False),
    "plain.keras": made(write_keras, nested=False),
    "nested.keras": made(write_keras, nested=True),
    # As TensorFlow 2.12 to 2.15 has it.
    "older.keras": made(write_keras, nested=True, root="_layer_checkpoint_dependencies"),
}
with open("keras.json", "w") as file:
    json.dump(files, file, indent=2)
    file.write("\n")
