"""Whether a graph gives a text the same score, to the last bit, in any batch."""

# Operators whose result for a row depends on that row alone, and not on how many there are or where in memory it begins:
# arithmetic of single numbers, which is exact; copies; products of matrices of two rows and more; and what of others is
# used in nodes.py, where rows are whole cache lines. Sums, exponents and powers of few columns are not among them.
STEADY = {
    *(
        "Add",
        "Cast",
        "Concat",
        "Div",
        "Gather",
        "Greater",
        "Identity",
        "LinearClassifier",
        "Log",
        "MatMul",
        "Max",
        "Mul",
    ),
    *("Normalizer", "Pad", "ReduceSum", "Reshape", "Slice", "Sqrt", "Sub", "Where"),
}
OWN_SUMS = "Labelstream"
# Logarithms are made by the packet; those that are left at the end of a tensor are made otherwise, and are of the row of
# zeros behind the texts if it is longer than a packet.
PACKET = 64


def is_steady(model, widths):
    """For a graph of which unused nodes are gone, and the widths of the vectorizers."""
    nodes = model.graph.node
    if any(node.op_type not in STEADY for node in nodes):
        return False
    if any(node.op_type == "ReduceSum" and not node.name.startswith(OWN_SUMS) for node in nodes):
        return False
    return min(widths) >= PACKET or not any(node.op_type == "Log" for node in nodes)
