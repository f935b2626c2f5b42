"""`labelstream-export COMMAND …`: exit status 0 where the folder was written, 1 where the exported model differs from
the original, 2 where the model cannot be exported."""

import argparse
import importlib
import signal
import sys

from labelstream_export.errors import DifferenceError, ExportError

# A command's module has SUMMARY, EXTRA, add_arguments(parser) and run(arguments), and imports what its extra installs
# only when it runs.
COMMANDS = {
    "sklearn": "labelstream_export.scikit_learn.command",
    "transformer": "labelstream_export.transformer.command",
}


def main(parameters=None):
    """Runs a command. Returns the exit status."""
    arguments = _parser().parse_args(parameters)
    # Unfinished folders are deleted on exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        arguments.run(arguments)
        return 0
    except DifferenceError as error:
        return _told(error, 1)
    except ExportError as error:
        return _told(error, 2)
    except ModuleNotFoundError as error:
        return _told(
            f"{error.name} is not installed: pip install './models/export[{arguments.extra}]' from the project's folder",
            2,
        )
    except KeyboardInterrupt:
        return 130


def _told(error, status):
    print(f"labelstream-export: {error}", file=sys.stderr)
    return status


def _parser():
    parser = argparse.ArgumentParser(
        "labelstream-export",
        description="Makes a model folder, models/NAME/VERSION, and compares its answers with the original's.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module_name in COMMANDS.items():
        module = importlib.import_module(module_name)
        command = commands.add_parser(name, help=module.SUMMARY, description=module.SUMMARY)
        module.add_arguments(command)
        command.set_defaults(run=module.run, extra=module.EXTRA)
        _add_folder_arguments(command)
    return parser


def _add_folder_arguments(command):
    """Adds the arguments of every command: NAME and options."""
    command.add_argument("name", metavar="NAME", help="of the model: letters, digits, '.', '_' and '-'")
    command.add_argument("--version", default="1", help="of the model (%(default)s)")
    command.add_argument(
        "--texts", metavar="FILE", help="samples to compare on: .txt with a text a line, .csv or .jsonl"
    )
    command.add_argument(
        "--text-column", default="text", metavar="NAME", help="of a .csv or .jsonl file (%(default)s)"
    )
    command.add_argument(
        "--project", metavar="FOLDER", help="labelstream's; else the one that this is called in"
    )
    command.add_argument("--force", action="store_true", help="replace an existing folder")
