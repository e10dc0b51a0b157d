"""The compact model as an ONNX graph for onnxruntime: int8 products, a 4-bit embedding.

The graph is written node by node with onnxruntime's fused operators, so what runs is what
stands here. Activations are quantised as they come (per window), weights per output channel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from inference.training.encoder import EMBEDDING, NEWLINE, Shape

Arrays = dict[str, npt.NDArray[np.float32]]

_BLOCK = 32
# Weights keep to 7 bits: processors without VNNI add two products of a byte and a signed byte
# in 16 bits, which a full-range weight overflows without a word.
_WEIGHT_LIMIT = 64
_OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]


def build_graph(weights: Arrays, shape: Shape, peaks: Arrays) -> bytes:
    """Return the serialised model.

    peaks: largest absolute value of each channel that goes into a product, by its name, as seen
           on sample texts; a product that is not named is quantised as it is
    Input input_ids, (B, T) int64; output logits, (B, T, classes) float32. There is no mask: windows
    are run at their own length, and attention without one takes two thirds of the time.
    """
    graph = _Graph(weights, shape, peaks)
    hidden = graph.embed()
    for layer in range(shape.layers):
        hidden = graph.layer(f"encoder.layer.{layer}", hidden)
    graph.classify(hidden)
    sizes: list[str | int] = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "compact",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, sizes),
            ],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*sizes, shape.classes])],
            graph.constants,
        ),
        opset_imports=_OPSETS,
        ir_version=9,
        producer_name="blackbar",
    )
    return bytes(model.SerializeToString())


class _Graph:
    """Nodes and constants of a graph being written."""

    def __init__(self, weights: Arrays, shape: Shape, peaks: Arrays) -> None:
        self.weights, self.shape, self.peaks = weights, shape, peaks
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        contrib = kind in {
            "GatherBlockQuantized",
            "DynamicQuantizeMatMul",
            "MultiHeadAttention",
            "Gelu",
        }
        domain = "com.microsoft" if contrib else ""
        self.nodes.append(
            helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output

    def embed(self) -> str:
        table = self.weights[EMBEDDING].copy()
        table[-1] = self.weights[NEWLINE]
        packed, scales = quantise_blocks(table)
        rows = self.node(
            "GatherBlockQuantized",
            [
                self.constant("words", packed),
                "input_ids",
                self.constant("words.scales", scales),
            ],
            "words.rows",
            block_size=_BLOCK,
            bits=4,
            gather_axis=0,
            quantize_axis=1,
        )
        words = self.node("Cast", [rows], "words.float", to=TensorProto.FLOAT)
        positions = self.weights["embeddings.position_embeddings.weight"].astype(np.float16)
        size = self.node("Shape", ["input_ids"], "tokens", start=1, end=2)
        zero, one = self.constant("zero", np.array([0])), self.constant("axis", np.array([0]))
        places = self.node(
            "Slice", [self.constant("positions", positions), zero, size, one], "places"
        )
        places = self.node("Cast", [places], "places.float", to=TensorProto.FLOAT)
        total = self.node("Add", [words, places], "embeddings")
        return self.node(
            "LayerNormalization",
            [total, *self._norm("embeddings.LayerNorm")],
            "hidden",
            axis=-1,
            epsilon=self.shape.layer_norm_eps,
        )

    def layer(self, name: str, hidden: str) -> str:
        attention = f"{name}.attention"
        parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        outputs = self.linear(f"{attention}.self", parts, hidden)
        mixed = self.node(
            "MultiHeadAttention",
            outputs,
            f"{attention}.mixed",
            num_heads=self.shape.heads,
        )
        (mixed,) = self.linear(f"{attention}.output.dense", [], mixed)
        hidden = self.add_norm(f"{attention}.output.LayerNorm", mixed, hidden)
        (wide,) = self.linear(f"{name}.intermediate.dense", [], hidden)
        wide = self.node("Gelu", [wide], f"{name}.gelu")
        narrow = self.row_linear(f"{name}.output.dense", wide)
        return self.add_norm(
            f"{name}.output.LayerNorm", narrow, hidden, f"{name}.output.dense.bias"
        )

    def row_linear(self, name: str, hidden: str) -> str:
        """Multiply without the bias, each token scaled to its own largest value.

        After the activation some tokens are many times larger than others; in one 8-bit range
        for all, the others would keep only a few steps.
        """
        self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        top = self.node("ReduceMax", [hidden], f"{name}.top", axes=[-1], keepdims=1)
        floor = self.constant(
            f"{name}.floor", np.array([0.2], np.float32)
        )  # GELU's least value is -0.17
        top = self.node("Max", [top, floor], f"{name}.row")
        scaled = self.node("Div", [hidden, top], f"{name}.scaled")
        product = self._product(name, self.weights[f"{name}.weight"].T, scaled, bias="")
        return self.node("Mul", [product, top], f"{name}.rescaled")

    def linear(self, name: str, parts: list[str], hidden: str) -> list[str]:
        """Multiply one input by one int8 matrix, or by several (`parts`)."""
        parts = parts or [name]
        matrices = [self.weights[f"{part}.weight"].T for part in parts]  # (in, out)
        if name in self.peaks:
            factors = _smoothing(self.peaks[name], np.concatenate(matrices, axis=1))
            matrices = [matrix * factors[:, None] for matrix in matrices]
            divisor = self.constant(f"{name}.smoothing", (1 / factors).astype(np.float32))
            hidden = self.node("Mul", [hidden, divisor], f"{name}.smoothed")
        return [
            self._product(
                part,
                matrix,
                hidden,
                self.constant(f"{part}.bias", self.weights[f"{part}.bias"]),
            )
            for part, matrix in zip(parts, matrices, strict=True)
        ]

    def _product(self, name: str, matrix: npt.NDArray[np.float32], hidden: str, bias: str) -> str:
        scales = np.maximum(np.abs(matrix).max(axis=0), 1e-8) / _WEIGHT_LIMIT
        rounded = np.clip(np.rint(matrix / scales), -_WEIGHT_LIMIT, _WEIGHT_LIMIT)
        return self.node(
            "DynamicQuantizeMatMul",
            [
                hidden,
                self.constant(f"{name}.weight", rounded.astype(np.int8)),
                self.constant(f"{name}.scales", scales.astype(np.float32)),
                "",
                bias,
            ],
            f"{name}.out",
        )

    def add_norm(self, name: str, hidden: str, skip: str, bias: str = "") -> str:
        # Not the fused SkipLayerNormalization: on a CPU it takes ten times as long as the two.
        total = self.node("Add", [hidden, skip], f"{name}.sum")
        if bias:
            total = self.node("Add", [total, bias], f"{name}.biased")
        return self.node(
            "LayerNormalization",
            [total, *self._norm(name)],
            f"{name}.out",
            epsilon=self.shape.layer_norm_eps,
        )

    def classify(self, hidden: str) -> None:
        weight = self.constant("classifier.weight", self.weights["classifier.weight"].T)
        bias = self.constant("classifier.bias", self.weights["classifier.bias"])
        product = self.node("MatMul", [hidden, weight], "classifier.product")
        self.node("Add", [product, bias], "logits")

    def _norm(self, name: str) -> list[str]:
        return [
            self.constant(f"{name}.{part}", self.weights[f"{name}.{part}"])
            for part in ("weight", "bias")
        ]


def _smoothing(
    peaks: npt.NDArray[np.float32], matrix: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return factors that move part of the inputs' spread over channels into the weights.

    A few channels are far larger than the rest and would take all the steps of an 8-bit input
    (Xiao et al., "SmoothQuant", 2023, with alpha one half).
    """
    strongest = np.maximum(np.abs(matrix).max(axis=1), 1e-5)
    factors = np.sqrt(np.maximum(peaks, 1e-5) / strongest)
    return np.asarray(factors / np.exp(np.log(factors).mean()), dtype=np.float32)


def quantise_blocks(
    table: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
    """Return a table in 4 bits, two values a byte, and a scale for each block of 32 in a row.

    The largest value of a block, with its sign, becomes -8 steps. This is the grid that the
    base encoder's published 4-bit weights lie on, so they come through unchanged.
    """
    rows, width = table.shape
    blocks = table.reshape(rows, width // _BLOCK, _BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=-1)[..., None], axis=-1)
    scales = (largest[..., 0] / -8).astype(np.float16)
    safe = np.where(scales == 0, np.float16(1), scales).astype(np.float32)
    steps = np.clip(np.rint(blocks / safe[..., None]) + 8, 0, 15).astype(np.uint8)
    steps = steps.reshape(rows, width)
    return steps[:, 0::2] | (steps[:, 1::2] << 4), scales
