"""Makes the folder of banking77-minilm of what ../banking77/distil.py has trained.

    python export.py [--data FOLDER] [--work FOLDER] [--out FOLDER]
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from banking77.export import export
from banking77.messages import new_parser

if __name__ == "__main__":
    export("banking77-minilm", new_parser(__doc__, "banking77-minilm").parse_args())
