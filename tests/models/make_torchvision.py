"""Twelve torchvision architectures with seeded random weights, traced and scripted, and what eager PyTorch says
about them: activations, logits, gradients and Grad-CAMs of example layers (research table: engine.md, section 4).

    /usr/bin/python3 tests/models/make_torchvision.py FOLDER [NAME ...]

Needs Debian's python3-torchvision. About 4 GB; nothing of it belongs into the repository. Checked by
tests/models/check_torchvision.sh; `rationale bench explain --models FOLDER` uses two of the files.
"""
import json
import pathlib
import sys
import warnings

import numpy as np
import torch
import torchvision

warnings.filterwarnings("ignore")
CLASSES = [0, 3, 13]

# name: (input shape of one image, [(layer, call), ...], layers that the traced form must refuse)
MODELS = {
    "resnet18": ([3, 128, 128], [("conv1", 0), ("relu", 0), ("maxpool", 0), ("layer1.0.conv1", 0), ("layer1", 0),
                                 ("layer2.0.downsample", 0), ("layer2", 0), ("layer3.1.bn2", 0), ("layer3", 0),
                                 ("layer4", 0), ("layer4.1.relu", 0), ("layer4.1.relu", 1), ("avgpool", 0),
                                 ("fc", 0)], []),
    "resnet50": ([3, 128, 128], [("layer1", 0), ("layer3.5.relu", 0), ("layer3", 0), ("layer4.2.conv3", 0),
                                 ("layer4.2.relu", 2), ("layer4", 0)], []),
    "densenet121": ([3, 128, 128], [("features.conv0", 0), ("features.denseblock1", 0), ("features.denseblock3", 0),
                                    ("features.denseblock4", 0), ("features.denseblock1.denselayer3", 0),
                                    ("features.denseblock4.denselayer16.conv2", 0),
                                    ("features.denseblock4.denselayer16.norm1", 0), ("features.norm5", 0),
                                    ("features", 0), ("features.transition2", 0)], []),
    "googlenet": ([3, 128, 128], [("inception3a", 0), ("inception4c", 0), ("inception5b", 0),
                                  ("inception5b.branch1", 0), ("inception4a.branch2.1.conv", 0), ("maxpool2", 0)], []),
    "mobilenet_v2": ([3, 128, 128], [("features.0", 0), ("features.7", 0), ("features.18", 0),
                                     ("features.14.conv.1", 0), ("features", 0), ("features.3.conv", 0)], []),
    "efficientnet_b0": ([3, 128, 128], [("features.3", 0), ("features.7", 0), ("features.8", 0),
                                        ("features.6.0.block.2", 0), ("features", 0)], []),
    "convnext_tiny": ([3, 128, 128], [("features.3", 0), ("features.7", 0), ("features.7.2.block.0", 0),
                                      ("features.5", 0)], []),
    "r3d_18": ([3, 8, 56, 56], [("layer2", 0), ("layer3.0.conv1", 0), ("layer4", 0), ("layer3", 0)], []),
    "vit_b_16": ([3, 224, 224], [("encoder.layers.encoder_layer_5", 0), ("encoder.layers.encoder_layer_11", 0),
                                 ("encoder.layers.encoder_layer_11.ln_1", 0), ("encoder.ln", 0)],
                 ["encoder.layers.encoder_layer_5", "encoder.layers.encoder_layer_11.ln_1"]),
    "vgg11": ([3, 96, 96], [("features.18", 0), ("features.19", 0), ("features.20", 0), ("features", 0),
                            ("features.10", 0), ("classifier.3", 0)], []),
    "vgg11_bn": ([3, 96, 96], [("features.25", 0), ("features.26", 0), ("features.27", 0), ("features.28", 0),
                               ("features", 0)], []),
    "inception_v3": ([3, 139, 139], [("Mixed_5b", 0), ("Mixed_6e", 0), ("Mixed_7c", 0), ("Mixed_7c.branch1x1", 0),
                                     ("Mixed_6a", 0)], []),
}


def build(name):
    torch.manual_seed(sum(name.encode()))
    extra = {"init_weights": False, "aux_logits": False} if name in ("googlenet", "inception_v3") else {}
    maker = torchvision.models.video.r3d_18 if name == "r3d_18" else getattr(torchvision.models, name)
    model = maker(weights=None, **extra)
    # Running statistics that fit, so that values neither vanish nor explode in depth.
    shape = [8] + MODELS[name][0]
    if any(isinstance(m, torch.nn.modules.batchnorm._BatchNorm) for m in model.modules()):
        for m in model.modules():
            if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
                m.momentum = 1.0
        with torch.no_grad():
            model.train()(torch.randn(shape))
    model.eval()
    for p in model.parameters():
        p.requires_grad_(False)
    return model


def eager(model, x, layer, call):
    """Activation, logits, gradients and Grad-CAMs with the layer's output replaced by a clone of a leaf."""
    count, leaf = [0], [None]

    def hook(_module, _inputs, output):
        index, count[0] = count[0], count[0] + 1
        if index != call:
            return None
        leaf[0] = output.detach().clone().requires_grad_(True)
        return leaf[0].clone()

    handle = dict(model.named_modules())[layer].register_forward_hook(hook)
    y = model(x)
    handle.remove()
    gradients = [torch.autograd.grad(y[:, c].sum(), leaf[0], retain_graph=True)[0] for c in CLASSES]
    return leaf[0].detach(), y.detach(), gradients


def grad_cam(a, g):
    """[N,K,*S] (tokens [N,T,C] have no map here)."""
    return (g.flatten(2).mean(2)[(...,) + (None,) * (a.dim() - 2)] * a).sum(1)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for name in sys.argv[2:] or MODELS:
        shape, layers, refused = MODELS[name]
        model = build(name)
        torch.manual_seed(7)
        x = torch.randn([2] + shape)
        torch.jit.trace(model, x[:1], check_trace=False).save(str(folder / f"{name}.traced.pt"))
        torch.jit.script(model).save(str(folder / f"{name}.scripted.pt"))
        np.save(folder / f"{name}.input.npy", x.numpy())
        rows, arrays, offset = [], [], 0

        def put(tensor):
            nonlocal offset
            arrays.append(np.ascontiguousarray(tensor.numpy(), dtype=np.float32).ravel())
            start, offset = offset, offset + arrays[-1].size
            return start

        for layer, call in layers:
            a, y, gradients = eager(model, x, layer, call)
            rows.append({"layer": layer, "call": call, "shape": list(a.shape), "activation": put(a), "logits": put(y),
                         "n_classes": y.shape[1], "refused_traced": layer in refused,
                         "gradients": [put(g) for g in gradients],
                         "grad_cam": [put(grad_cam(a, g)) for g in gradients]
                         if a.dim() >= 4 and a[0, 0].numel() > 1 else []})
        np.save(folder / f"{name}.vectors.npy", np.concatenate(arrays))
        (folder / f"{name}.json").write_text(json.dumps({"name": name, "classes": CLASSES, "rows": rows}, indent=1))
        print(name, len(rows), "rows", offset * 4 >> 20, "MB", flush=True)


if __name__ == "__main__":
    main()
