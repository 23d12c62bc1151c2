"""Writes arrays.json: small .npz files as numpy saves them.

Run with Debian's python3-numpy: python3 tests/golden/make_arrays.py
"""
import base64, io, json, os

import numpy as np

files = {}


def put(name, save=np.savez_compressed, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    files[name] = base64.b64encode(file.getvalue()).decode()


x = np.arange(4 * 2 * 3, dtype=np.uint8).reshape(4, 2, 3) * 10
y = np.array([0, 2, 1, 0])
four = dict(x_train=x, y_train=y, x_test=x[:2], y_test=y[:2])
put("bytes", **four)
put("stored", np.savez, **four)
put("shares of 1", x_train=x / 255, y_train=y.astype(np.float32), x_test=(x[:2] / 255).astype(np.float32), y_test=y[:2].astype(np.uint8))
put("half floats", x_train=x.astype(np.float16), y_train=y.reshape(4, 1).astype(np.int16), x_test=x[:2].astype(np.int64), y_test=y[:2].astype(np.uint64))
put("one column a class", train_images=x, train_labels=np.eye(3)[y], test_images=x[:2], test_labels=np.eye(3)[y[:2]])
put("one part", x=x, y=y)
put("channels first", x_train=np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5), y_train=y[:2], x_test=np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5), y_test=y[:2])
put("flat", x_train=np.arange(2 * 12, dtype=np.uint8).reshape(2, 12), y_train=y[:2], x_test=np.arange(2 * 12, dtype=np.uint8).reshape(2, 12), y_test=y[:2])
put("column by column", x=np.asfortranarray(x), y=y)
put("big-endian", x=x.astype(">u2"), y=y)
put("objects", x=np.array([None, 1], dtype=object), y=y)
put("other names", pictures=x, kinds=y)
put("fewer labels", x=x, y=y[:3])
put("negative labels", x=x, y=-y)
put("pixels over 255", x=x.astype(np.int32) * 2, y=y)

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "arrays.json"), "w") as file:
    json.dump(files, file, indent=1)
    file.write("\n")
