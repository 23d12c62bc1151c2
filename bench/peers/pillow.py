"""Pillow's reading of folders of pictures as a peer of the benchmark: what PyTorch's and
Keras' own readers of such folders do. `python3 pillow.py cpu`.
"""
import json
import os
import sys
import time


def say(line):
    print(json.dumps(line), flush=True)


try:
    import PIL
    from PIL import Image
except ImportError as error:
    say({"error": f"{error}: apt-get install python3-pil"})
    sys.exit()


def read(folder, size):
    """All pictures in the folders of `folder`, one after another; colours where resized."""
    pixels = []
    for place in sorted(os.listdir(folder)):
        for name in sorted(os.listdir(f"{folder}/{place}")):
            with Image.open(f"{folder}/{place}/{name}") as picture:
                if size:
                    picture = picture.convert("RGB").resize(size, Image.BILINEAR)
                pixels.append(picture.tobytes())
    return b"".join(pixels)


def answer(task):
    if task["work"] not in ("read-png", "read-jpeg"):
        raise ValueError("it reads pictures only")
    start = time.process_time()
    read(task["folder"], (32, 32) if task["work"] == "read-jpeg" else None)
    return {"milliseconds": 1000 * (time.process_time() - start)}


say({"version": PIL.__version__, "adapter": None, "threads": 1})
for line in sys.stdin:
    try:
        say(answer(json.loads(line)))
    except Exception as error:
        say({"error": str(error).split("\n")[0]})
