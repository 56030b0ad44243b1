"""A module and the whole process are given back exactly as they came, whatever happens in between.

While an objective computes, dropout is off, batch statistics are frozen and only kernels run that autograd
differentiates twice. All of that is state of the user's module and of the process, so it is saved and put back, also
after an exception or Ctrl-C.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from thetastar.landscape.plain_norms import PlainNorms, is_normed

__all__ = ["judged", "random_state_kept"]


@contextmanager
def judged(*modules: object, device: torch.device) -> Iterator[None]:
    """Judge modules: no dropout, frozen batch statistics, kernels that can be differentiated twice.

    Args:
        modules: Modules to judge; anything else is left alone.
        device: Where they compute.
    """
    each = [part for module in modules if isinstance(module, nn.Module) for part in module.modules()]
    with ExitStack() as stack:
        stack.enter_context(random_state_kept())
        stack.enter_context(_modules_kept(each))
        stack.enter_context(_differentiable_twice(each, device))
        for part in each:
            # Not by eval(): some modules merge or change parameters there.
            part.__dict__["training"] = False
            if isinstance(part, (nn.Embedding, nn.EmbeddingBag)):
                # Sparse gradients have no second derivative, and max_norm writes into θ in the forward pass.
                part.__dict__.update(sparse=False, max_norm=None)
        yield


@contextmanager
def random_state_kept() -> Iterator[None]:
    """Put back the random state of Python, NumPy and torch, on every device."""
    python, of_numpy, of_torch = random.getstate(), np.random.get_state(), torch.get_rng_state()
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]  # torch says no types here
    of_cuda = torch.cuda.get_rng_state_all() if used else []
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(of_numpy)
        torch.set_rng_state(of_torch)
        for index, state in enumerate(of_cuda):
            torch.cuda.set_rng_state(state, index)


@contextmanager
def _modules_kept(modules: list[nn.Module]) -> Iterator[None]:
    """Put back every attribute, parameter and buffer; forward passes of some modules write such (weight_norm, GRU)."""
    tables = [table for module in modules for table in (module.__dict__, module._parameters, module._buffers)]
    saved: list[tuple[dict[str, Any], dict[str, Any]]] = [(table, dict(table)) for table in tables]
    try:
        yield
    finally:
        for table, before in saved:
            table.update(before)
            for name in table.keys() - before.keys():
                del table[name]


@contextmanager
def _differentiable_twice(modules: list[nn.Module], device: torch.device) -> Iterator[None]:
    """Choose kernels whose gradient has a gradient, full precision, and a recording of what is computed."""
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(mode=False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(torch.autocast(device.type, enabled=False))
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))  # the fused attention kernels have no second derivative
        stack.enter_context(_no_fast_path())
        if any(map(is_normed, modules)):
            stack.enter_context(PlainNorms())
        if any(isinstance(module, nn.RNNBase) for module in modules):  # nor have the fused recurrent ones
            stack.enter_context(_off(torch.backends.mkldnn))
            stack.enter_context(_off(torch.backends.cudnn))
        yield


@contextmanager
def _no_fast_path() -> Iterator[None]:
    """Keep transformer layers from their inference kernels, which know nothing of gradients."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@contextmanager
def _off(library: Any) -> Iterator[None]:
    """Switch a library of kernels off."""
    before = library.enabled
    library.enabled = False
    try:
        yield
    finally:
        library.enabled = before
