"""Normalisations from plain operations, where torch's own kernels are differentiated twice wrongly or slowly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrizations import _WeightNorm
from torch.nn.utils.weight_norm import WeightNorm
from torch.overrides import TorchFunctionMode

__all__ = ["PlainNorms", "is_normed"]


def is_normed(module: nn.Module) -> bool:
    """Tell whether a module itself normalises batches, or weights by a parametrization or, the older way, in a hook."""
    hooks = module._forward_pre_hooks.values()
    return isinstance(module, (_BatchNorm, _WeightNorm)) or any(isinstance(hook, WeightNorm) for hook in hooks)


class PlainNorms(TorchFunctionMode):
    """A context in which normalisations are computed from plain operations, with the same values but for rounding."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch._weight_norm:
            return _weight_norm(*args, **kwargs)
        if func is functional.batch_norm:
            return _batch_norm(*args, **kwargs)
        return func(*args, **kwargs)


def _weight_norm(v: Tensor, g: Tensor, dim: int = 0) -> Tensor:
    """Return g·v/‖v‖. The gradient of torch's kernel takes ‖v‖ for a constant, so its derivative is wrong, silently."""
    return v * (g / torch.norm_except_dim(v, 2, dim))


def _batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return γ·(x − μ)/√(σ² + ε) + β; with frozen μ and σ it is a line, which torch's own second derivative isn't told.

    The convolutional network of ``bench/hessian_product.py`` takes a quarter less time so.
    """
    if training or running_mean is None or running_var is None:
        return functional.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps)
    scale = (running_var + eps).rsqrt()
    scale = scale if weight is None else weight * scale
    shift = -running_mean * scale if bias is None else bias - running_mean * scale
    channels = (-1, *[1] * (x.ndim - 2))
    return x * scale.view(channels) + shift.view(channels)
