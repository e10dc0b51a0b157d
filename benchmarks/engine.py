"""Privacy Filter: transformers' stock implementation against ours, in turns, in one run.

    python benchmarks/engine.py [--checkpoint DIR] [--tokens 128 512 ...] [--rounds 3]

Each side runs in a process of its own with one thread: the stock one in float32 with the
allocator settings that suit it best, ours as the worker loads it. Times are CPU seconds of the
process, the median of all rounds with the range behind it; memory is the peak beyond what the
loaded process held, with what it kept of shorter rounds. Without --checkpoint, one of the
published size with random weights is made first (2.8 GB). With CUDA, rows for the GPU follow:
bfloat16 on both sides, seconds by the clock.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHORT = "16 short"
SHORT_LENGTHS = [12, 30, 190, 64, 8, 45, 120, 77, 33, 16, 98, 51, 140, 25, 60, 51]
SIZES = ["128", "512", SHORT, "2048", "4096", "8192", "32768", "131072"]
STOCK_ALLOCATOR = {
    "THP_MEM_ALLOC_ENABLE": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 36),
    "MALLOC_TOP_PAD_": str(1 << 30),
}


def main() -> None:
    """Run one side if told so, else both sides and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", type=Path, default=ROOT / "var/benchmarks/random")
    parser.add_argument("--tokens", nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=["stock", "ours"], help=argparse.SUPPRESS)
    parser.add_argument("--device", default="cpu", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        serve(arguments.side, arguments.checkpoint, arguments.device)
        return
    if not (arguments.checkpoint / "model.safetensors").is_file():
        make(arguments.checkpoint)
    print(f"{time.strftime('%Y-%m-%d')}, {processor()}, one thread")
    sys.path.insert(0, str(ROOT))
    compare(arguments.checkpoint, "cpu", arguments.tokens, arguments.rounds)
    seconds = [decoding() for _ in range(arguments.rounds)]
    print(f"\nDecoding 131,072 tokens, 33 classes: {min(seconds):.2f}-{max(seconds):.2f} s.")
    import torch

    if torch.cuda.is_available():
        print(f"\n{torch.cuda.get_device_name()}, bfloat16 on both sides, seconds by the clock")
        compare(arguments.checkpoint, "cuda", arguments.tokens, arguments.rounds)
    else:
        print("\nNo CUDA device here: the rows for a GPU were skipped.")


def compare(checkpoint: Path, device: str, sizes: list[str], rounds: int) -> None:
    """Print the table of one device."""
    sides = {name: Side(name, checkpoint, device) for name in ("stock", "ours")}
    floor = sides["ours"].ask("floor") if device == "cpu" else {}
    if floor:
        print(
            f"Floor: {floor['flops'] / 1e9:.0f} GFLOP/s (2,048 x 2,048 product),"
            f" {floor['bytes'] / 1e9:.1f} GB/s (sum over 1 GB), measured in this run.\n"
        )
    print("| tokens | stock s | ours s | ratio | ours tokens/s | stock GiB | ours GiB | floor |")
    print("|---|---|---|---|---|---|---|---|")
    for size in sizes:
        answers: dict[str, list[dict[str, float]]] = {"stock": [], "ours": []}
        tokens = sum(SHORT_LENGTHS) if size == SHORT else int(size)
        times = 1 if tokens > 16384 else rounds
        if not sides["stock"].can(tokens):
            sides["stock"].end()  # it keeps what it once took, and ours shall not swap
        for _ in range(times):
            for name, side in sides.items():
                if side.can(tokens):
                    answers[name].append(side.ask(size))
        print(row(size, tokens, answers, floor), flush=True)
    for side in sides.values():
        side.end()


def row(
    size: str, tokens: int, answers: dict[str, list[dict[str, float]]], floor: dict[str, float]
) -> str:
    """Return one line of the table."""
    cells = [size if size == SHORT else f"{tokens:,}"]
    middles = {}
    for name, found in answers.items():
        seconds = [answer["seconds"] for answer in found]
        if seconds:
            middles[name] = statistics.median(seconds)
            spread = f" ({min(seconds):.2f}-{max(seconds):.2f})" if len(seconds) > 1 else ""
            cells.append(f"{middles[name]:.2f}{spread}")
        else:
            cells.append("does not fit")
    cells.append(f"{middles['stock'] / middles['ours']:.2f}" if len(middles) == 2 else "-")
    cells.append(f"{tokens / middles['ours']:,.0f}")
    for found in answers.values():
        cells.append(f"{max(a['peak'] for a in found) / 2**30:.2f}" if found else "-")
    if floor:
        ours = answers["ours"][0]
        least = ours["operations"] / floor["flops"] + ours["bytes"] / floor["bytes"]
        cells.append(
            f"{ours['operations'] / 1e9:,.0f} GFLOP + {ours['bytes'] / 1e9:.2f} GB = {least:.2f} s"
        )
    else:
        cells.append("-")
    return "| " + " | ".join(cells) + " |"


class Side:
    """A process that runs one of the two implementations."""

    def __init__(self, name: str, checkpoint: Path, device: str) -> None:
        self.name = name
        environment = os.environ | (STOCK_ALLOCATOR if name == "stock" else {})
        command = [sys.executable, __file__, "--side", name, "--device", device]
        self._process = subprocess.Popen(
            [*command, "--checkpoint", str(checkpoint)],
            env=environment | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._memory = self.ask("memory")

    def can(self, tokens: int) -> bool:
        """Say whether the stock side's n x n scores (four copies, 14 heads) fit the memory."""
        if self.name == "ours":
            return True
        return self._process.poll() is None and 4 * 14 * 4 * tokens**2 < self._memory["free"]

    def ask(self, question: str) -> dict[str, float]:
        """Return the other side's answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"The {self.name} side ended while it worked on {question}.")
        answer: dict[str, float] = json.loads(line)
        return answer

    def end(self) -> None:
        """Stop the process, if it still runs."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def serve(name: str, checkpoint: Path, device: str) -> None:
    """Answer questions on standard input, one JSON object a line."""
    import torch

    torch.set_num_threads(1)
    if name == "stock":
        from transformers import AutoModelForTokenClassification

        dtype = torch.float32 if device == "cpu" else torch.bfloat16
        network = AutoModelForTokenClassification.from_pretrained(checkpoint, dtype=dtype)
        network.to(device).eval()
    else:
        from inference.engine.privacy_filter import CHUNK_TOKENS, load_network

        network = load_network(checkpoint, device, "auto" if device == "cpu" else "bfloat16")
    hits = count_experts(network)

    def run(texts: list[torch.Tensor], padded: bool = False) -> None:
        with torch.inference_mode():
            if padded:
                ids = torch.nn.utils.rnn.pad_sequence(texts, batch_first=True).to(device)
                lengths = torch.tensor([len(text) for text in texts], device=device)
                shown = torch.arange(ids.shape[1], device=device) < lengths[:, None]
                network(input_ids=ids, attention_mask=shown.long()).logits.float().cpu()
            elif name == "ours":
                from inference.engine import forward

                limits = [0]
                for text in texts:
                    limits.append(limits[-1] + len(text))
                forward.logits(network, torch.cat(texts), limits, CHUNK_TOKENS[device])
            else:
                for text in texts:
                    network(input_ids=text[None].to(device)).logits.float().cpu()

    generator = torch.Generator().manual_seed(1)
    # Enough tokens to meet every expert: weights that are mapped count as held from now on.
    run([torch.randint(0, 199_000, (512,), generator=generator)])
    held = held_bytes(device)
    for line in sys.stdin:
        question = line.strip()
        if question == "memory":
            answer: dict[str, float] = {"free": free_memory(device)}
        elif question == "floor":
            answer = measure_floor()
            held_bytes(device)  # gives back what that took
        else:
            lengths = SHORT_LENGTHS if question == SHORT else [int(question)]
            texts = [torch.randint(0, 199_000, (n,), generator=generator) for n in lengths]
            hits.clear()
            answer = measure(lambda texts=texts: run(texts), device, held)  # type: ignore[misc]
            if name == "stock" and len(texts) > 1:  # the better of its two ways
                padded = measure(lambda texts=texts: run(texts, padded=True), device, held)  # type: ignore[misc]
                answer = min(answer, padded, key=lambda found: found["seconds"])
            answer |= work(network, sum(lengths), len(hits))
        print(json.dumps(answer), flush=True)


def count_experts(network: Any) -> set[tuple[int, int]]:
    """Return a set that fills with the (layer, expert) pairs that a run uses."""
    hits: set[tuple[int, int]] = set()
    for number, layer in enumerate(network.model.layers):

        def note(_module: Any, _inputs: Any, output: Any, number: int = number) -> None:
            hits.update((number, expert) for expert in output[2].unique().tolist())

        layer.mlp.router.register_forward_hook(note)
    return hits


def work(network: Any, tokens: int, experts: int) -> dict[str, float]:
    """Return the operations of a pass and the bytes of weights that it cannot do without."""
    config = network.config
    hidden, inner = config.hidden_size, config.intermediate_size
    heads, groups, width = (
        config.num_attention_heads,
        config.num_key_value_heads,
        config.head_dim,
    )
    matrix = hidden * width * (2 * heads + 2 * groups) + hidden * config.num_local_experts
    expert = 3 * hidden * inner
    band = 4 * heads * width * min(tokens, 2 * config.sliding_window + 1)
    each = 2 * (matrix + config.num_experts_per_tok * expert) + band
    layers = config.num_hidden_layers
    return {
        "operations": float(tokens * layers * each),
        "bytes": float(2 * experts * expert + 4 * layers * matrix),
    }


def held_bytes(device: str) -> int:
    """Return what the loaded process holds, after giving back what it has freed."""
    if device == "cuda":
        import torch

        torch.cuda.empty_cache()
        return torch.cuda.memory_allocated()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    return status("VmRSS")


def measure(run: Callable[[], None], device: str, held: int) -> dict[str, float]:
    """Return CPU seconds (seconds by the clock on CUDA) and the peak of memory beyond `held`."""
    if device == "cuda":
        import torch

        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        started = time.perf_counter()
        run()
        torch.cuda.synchronize()
        seconds = time.perf_counter() - started
        return {"seconds": seconds, "peak": torch.cuda.max_memory_allocated() - held}
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    started = time.process_time()
    run()
    return {"seconds": time.process_time() - started, "peak": status("VmHWM") - held}


def status(name: str) -> int:
    """Return a figure of /proc/self/status in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(name)


def decoding() -> float:
    """Return the CPU seconds of the constrained Viterbi over 131,072 tokens."""
    import numpy as np

    from inference.engine.labels import LabelScheme
    from inference.engine.model import log_softmax
    from inference.engine.operating_points import Biases
    from inference.engine.viterbi import best_path

    scheme = LabelScheme.default()
    scores = np.random.default_rng(1).normal(size=(131_072, len(scheme.names))) * 3
    log_probs = log_softmax(scores.astype(np.float32))
    started = time.process_time()
    best_path(log_probs, scheme, Biases())
    return time.process_time() - started


def measure_floor() -> dict[str, float]:
    """Return what one core of this machine can do: operations and bytes a second."""
    import torch

    left, right = torch.randn(2048, 2048), torch.randn(2048, 2048)
    memory = torch.ones(1 << 28)
    flops, rate = 0.0, 0.0
    for _ in range(4):
        started = time.process_time()
        left @ right
        flops = max(flops, 2 * 2048**3 / (time.process_time() - started))
        started = time.process_time()
        memory.sum()
        rate = max(rate, memory.numel() * 4 / (time.process_time() - started))
    return {"flops": flops, "bytes": rate}


def free_memory(device: str) -> float:
    """Return the bytes that can be had."""
    from inference.engine.memory import available_bytes

    return float(available_bytes(device))


def processor() -> str:
    """Return the name of the processor, where the system says it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown processor"
    return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))


def make(directory: Path) -> None:
    """Write a checkpoint of the published size with random weights, sinks in float32."""
    import torch
    import transformers

    print(f"Making a random checkpoint in {directory} ...")
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    network = transformers.OpenAIPrivacyFilterForTokenClassification(
        transformers.OpenAIPrivacyFilterConfig()
    )
    torch.set_default_dtype(torch.float32)
    for layer in network.model.layers:
        layer.self_attn.sinks.data = layer.self_attn.sinks.data.float()
    network.save_pretrained(directory)


if __name__ == "__main__":
    main()
