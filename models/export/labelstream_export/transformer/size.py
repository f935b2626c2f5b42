"""The size of a model, of the 250 MB that Lambda allows a function and its layers, unzipped."""

# Lambda's quota.
ALLOWED = 262_144_000
# Function and runtime layer, rounded up.
BESIDE = {"arm64": 28_000_000, "x86_64": 50_000_000}
# Files that are not in a layer.
NOT_SHIPPED = ("README.md", "examples.json", "curves.json")


def shipped_bytes(folder):
    """Bytes of a model folder's files that go into the layer."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.name not in NOT_SHIPPED]
    return sum(file.stat().st_size for file in files)


def other_models(project, name, version):
    """Bytes of the other models of a project, without the one that is made."""
    files = ("model.json", "config.json")
    folders = {found.parent for file in files for found in (project / "models").glob(f"*/*/{file}")}
    own = project / "models" / name / version
    return sum(shipped_bytes(each) for each in folders if each != own and not each.name.startswith("."))


def size_lines(sizes, others):
    """Lines with the sizes in the layer, before and after, and whether the last one fits. `sizes`: bytes by kind."""
    *_, final = sizes.values()
    parts = ", ".join(f"{_megabytes(size)} as {kind}" for kind, size in sizes.items())
    yield f"in the layer: {parts}; the other models of models/: {_megabytes(others)}"
    for cpu, beside in BESIDE.items():
        total = final + others + beside
        whole = (
            f"{cpu}: {_megabytes(total)} with function and runtime layer, of Lambda's {_megabytes(ALLOWED)} (250 MiB)"
        )
        yield f"  {whole}: " + ("fits" if total <= ALLOWED else _advice(final + beside <= ALLOWED))


def _advice(alone):
    return "does NOT fit; " + (
        "take other models out of models/" if alone else "quantise it: --calibrate FILE, or take a smaller model"
    )


def _megabytes(size):
    return f"{size / 1e6:.1f} MB"
