"""What the trainings of networks share."""

import torch
import torch.nn.functional as F


def new_schedule(optimizer, steps, warm_up):
    """A rate that rises for a share of the steps, then falls to zero."""
    warm = warm_up * steps
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))
    )


def taught_loss(logits, soft):
    """How far logits are from what the teachers say, probabilities [texts, classes] (Hinton et al. 2015)."""
    return F.kl_div(F.log_softmax(logits, dim=1), soft, reduction="batchmean")
