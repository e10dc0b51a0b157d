"""Commands: train the compact checkpoint, generate documents, export, calibrate."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from inference.engine.labels import LabelScheme
from inference.engine.offsets import CompactTokenizer
from inference.training.records import (
    DataError,
    Record,
    read_folder,
    sample,
    with_plain_absences,
    write_records,
)


def main() -> None:
    """Run the command that the command line names."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except DataError as exc:
        raise SystemExit(str(exc)) from exc


def _train(arguments: argparse.Namespace) -> None:
    import torch

    from inference.training.leaks import without_leaks
    from inference.training.metrics import score
    from inference.training.tokenizer import build_tokenizer
    from inference.training.trainer import Options, Run, train

    folder: Path = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    sources: dict[str, list[Record]] = {}
    for data in arguments.data:
        sources |= read_folder(data)
    dev = read_folder(arguments.dev) if arguments.dev else {}
    held_out = dict(dev)
    for folder_held_out in arguments.held_out:
        held_out |= read_folder(folder_held_out)
    sources, gone = without_leaks(sources, held_out, arguments.shared_templates)
    print(json.dumps({"dropped_as_leaks": gone}), flush=True)
    sources = {name: list(map(with_plain_absences, part)) for name, part in sources.items()}
    build_tokenizer(arguments.base, folder / "tokenizer.json")
    tokenizer = CompactTokenizer(folder / "tokenizer.json")
    options = Options(
        layers=arguments.layers,
        total_tokens=arguments.tokens,
        learning_rate=arguments.rate,
        classifier_rate=arguments.rate * 10 / 3,
        seed=arguments.seed,
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    scheme = LabelScheme.default()
    run = Run(folder, arguments.base, scheme, options, device, start=arguments.init)
    dev = sample(dev, 40)

    def evaluate(run: Run) -> dict[str, float]:
        report = score(run.average, run.shape, dev, tokenizer, run.scheme)
        return {name: round(value, 4) for name, value in report.macro().items()}

    train(run, sources, tokenizer, evaluate, evaluate_every=arguments.evaluate_every)


def _generate(arguments: argparse.Namespace) -> None:
    from inference.training.generator import generate

    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_records(arguments.out, list(generate(arguments.count, arguments.seed)))


def _export(arguments: argparse.Namespace) -> None:
    from inference.training.export import export_run

    data = read_folder(arguments.check) if arguments.check else {}
    report = export_run(
        arguments.run_folder, arguments.base, arguments.out, data, blend=arguments.blend
    )
    print(json.dumps(report, indent=2))


def _calibrate(arguments: argparse.Namespace) -> None:
    from inference.training.calibrate import calibrate

    print(json.dumps(calibrate(arguments.checkpoint, read_folder(arguments.dev)), indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m inference.training", description=__doc__)
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("train", help="fine-tune the encoder; continues a stopped run")
    command.add_argument("--data", type=Path, action="append", required=True, metavar="DIR")
    command.add_argument("--base", type=Path, required=True, metavar="DIR")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument(
        "--dev",
        type=Path,
        metavar="DIR",
        help="labelled sets for the log; training texts that leak from them are dropped",
    )
    command.add_argument(
        "--held-out",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="further sets from which nothing may leak into training",
    )
    command.add_argument(
        "--shared-templates",
        action="append",
        default=[],
        metavar="SET",
        help="dev set whose templates training may share: only equal texts are dropped",
    )
    command.add_argument(
        "--init", type=Path, metavar="RUN", help="finished run whose weights a new run begins with"
    )
    command.add_argument("--rate", type=float, default=3e-4, help="highest learning rate")
    command.add_argument("--layers", type=int, default=6)
    command.add_argument("--tokens", type=int, default=5_000_000, help="tokens to train on")
    command.add_argument("--seed", type=int, default=7)
    command.add_argument("--threads", type=int, default=0, help="0: all")
    command.add_argument("--evaluate-every", type=int, default=25, metavar="POOLS")
    command.set_defaults(run=_train)

    command = commands.add_parser("generate", help="write documents of our own as labelled data")
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.add_argument("--count", type=int, default=6000)
    command.add_argument("--seed", type=int, default=11)
    command.set_defaults(run=_generate)

    command = commands.add_parser("export", help="write a checkpoint from a run")
    command.add_argument("run_folder", type=Path, metavar="RUN")
    command.add_argument("--base", type=Path, required=True, metavar="DIR")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--check", type=Path, metavar="DIR", help="texts to compare with fp32 on")
    command.add_argument(
        "--blend", type=Path, metavar="RUN", help="earlier run to mix a quarter of into the weights"
    )
    command.set_defaults(run=_export)

    command = commands.add_parser("calibrate", help="measure the operating points on dev sets")
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    command.add_argument("--dev", type=Path, required=True, metavar="DIR")
    command.set_defaults(run=_calibrate)
    return parser


if __name__ == "__main__":
    main()
