"""`labelstream-export transformer MODEL NAME`."""

import argparse
import os

SUMMARY = "a sequence classifier of Hugging Face's transformers, exported by Optimum, in float32 or int8"
EXTRA = "transformer"


def add_arguments(parser):
    parser.add_argument("model", metavar="MODEL", help="a hub id, or a folder that save_pretrained has written")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--calibrate",
        metavar="FILE",
        help="texts for static int8, some hundreds like those to come: a quarter of the size, twice the speed",
    )
    kinds.add_argument("--dynamic", action="store_true", help="dynamic int8: no texts needed, each text runs alone")
    kinds.add_argument("--no-quantize", action="store_true", help="float32, as without --calibrate and --dynamic")
    parser.add_argument("--max-length", type=_count, metavar="N", help="tokens of a text, special ones included")
    parser.add_argument(
        "--min-agreement",
        type=_share,
        default=0.98,
        metavar="PART",
        help="of the samples that have to keep their label in int8, from 0 to 1 (%(default)s)",
    )


def run(arguments):
    """Exports, quantises and compares. Raises ExportError; DifferenceError where labelstream's answers differ."""
    from labelstream_export.project import find_project
    from labelstream_export.texts import read_texts

    def texts(file):
        return read_texts(file, arguments.text_column) if file else []

    project = find_project(arguments.project)
    samples, calibration = texts(arguments.texts), texts(arguments.calibrate)
    _quiet()
    from labelstream_export.transformer.export import export

    for line in export(
        arguments.model,
        project,
        arguments.name,
        version=arguments.version,
        samples=samples,
        calibration=calibration,
        dynamic=arguments.dynamic,
        max_length=arguments.max_length,
        min_agreement=arguments.min_agreement,
        force=arguments.force,
    ):
        print(line, flush=True)


def _quiet():
    """Silences messages of libraries that are not for users; has to run before they are imported."""
    for name, value in {
        "ORT_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_VERBOSITY": "error",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }.items():
        os.environ.setdefault(name, value)


def _count(value):
    if value.isdecimal() and int(value) > 0:
        return int(value)
    raise argparse.ArgumentTypeError(f"{value} should be a whole number from 1 on")


def _share(value):
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if 0 <= share <= 1:
        return share
    raise argparse.ArgumentTypeError(f"{value} should be a number from 0 to 1")
