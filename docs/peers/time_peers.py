#!/usr/bin/env python3
"""Times pytorch-grad-cam and Captum on torchvision models, in forward passes of the same process.

    time_peers.py --grad-cam CHECKOUT --captum CHECKOUT [--models resnet18,…] [--batch 1,8] [--threads 1] [--slow]

CHECKOUT is the folder that holds `pytorch_grad_cam` or `captum`; a package that is installed needs none. Neither peer
takes a TorchScript file, so both explain the eager module that the file is traced from. Each model is timed in rounds:
every candidate once a round, the first one another each time; the unit is the median of the fastest plain forward (eager
without gradients, traced, frozen, frozen with channels last, optimised for inference). Weights are random: they do not
change the time. `rationale bench explain --models FOLDER` gives the same ratios for the same architectures.
Prints one JSON object a model and batch, and a Markdown table at the end.
"""

import argparse
import copy
import json
import platform
import statistics
import sys
import time

LAYERS = {
    "resnet18": lambda m: m.layer4[-1],
    "resnet50": lambda m: m.layer4[-1],
    "densenet121": lambda m: m.features,
    "mobilenet_v2": lambda m: m.features[-1],
}


def forwards(torch, model, x):
    """The plain forwards by name, each a function without arguments."""
    traced = torch.jit.trace(model, x)
    frozen = torch.jit.freeze(traced)
    last = x.contiguous(memory_format=torch.channels_last)
    model_last = copy.deepcopy(model).to(memory_format=torch.channels_last)
    frozen_last = torch.jit.freeze(torch.jit.trace(model_last, last))
    optimised = torch.jit.optimize_for_inference(torch.jit.trace(model, x))

    def of(module, images):
        def run():
            with torch.no_grad():
                module(images)

        return run

    return {
        "eager": of(model, x),
        "traced": of(traced, x),
        "frozen": of(frozen, x),
        "frozen_channels_last": of(frozen_last, last),
        "optimized_for_inference": of(optimised, x),
    }


def peers(torch, model, x, layer, n_classes):
    """Grad-CAM of the first `n_classes` classes of every image by each peer."""
    from captum.attr import LayerGradCam
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    grad_cam = GradCAM(model=model, target_layers=[layer])
    captum_cam = LayerGradCam(model, layer)

    def run_grad_cam():
        for k in range(n_classes):
            grad_cam(input_tensor=x, targets=[ClassifierOutputTarget(k)] * x.shape[0])

    def run_captum():
        for k in range(n_classes):
            captum_cam.attribute(x, target=k)

    return {f"pytorch_grad_cam_{n_classes}": run_grad_cam, f"captum_{n_classes}": run_captum}


def slow_methods(torch, model, x, layer):
    """Methods of many runs; each is timed once."""
    from captum.attr import IntegratedGradients, Occlusion
    from pytorch_grad_cam import AblationCAM, ScoreCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    targets = [ClassifierOutputTarget(0)] * x.shape[0]
    gradients, occlusion = IntegratedGradients(model), Occlusion(model)
    return {
        "pytorch_grad_cam_ablation_cam": lambda: AblationCAM(model=model, target_layers=[layer])(x, targets=targets),
        "pytorch_grad_cam_score_cam": lambda: ScoreCAM(model=model, target_layers=[layer])(x, targets=targets),
        "captum_ig_50": lambda: gradients.attribute(x, target=0, n_steps=50),
        "captum_occlusion_32_16": lambda: occlusion.attribute(
            x, target=0, sliding_window_shapes=(3, 32, 32), strides=(3, 16, 16)
        ),
    }


def interleaved(candidates, rounds):
    """Milliseconds by name; two rounds warm up, as TorchScript compiles at the second call."""
    names = list(candidates)
    times = {name: [] for name in names}
    for r in range(-2, rounds):
        for i in range(len(names)):
            name = names[(i + r + 2) % len(names)]
            start = time.perf_counter()
            candidates[name]()
            if r >= 0:
                times[name].append(1000 * (time.perf_counter() - start))
    return times


def measure(torch, name, batch, args):
    import torchvision

    torch.manual_seed(1)
    model = getattr(torchvision.models, name)(weights=None).eval()
    x = torch.randn(batch, 3, args.size, args.size)
    plain = forwards(torch, model, x)
    model = model.to(memory_format=torch.contiguous_format)
    layer = LAYERS[name](model)
    candidates = dict(plain)
    candidates.update(peers(torch, model, x, layer, 1))
    if args.classes > 1:
        candidates.update(peers(torch, model, x, layer, args.classes))
    times = interleaved(candidates, args.rounds)
    medians = {key: statistics.median(values) for key, values in times.items()}
    best = min(plain, key=lambda key: medians[key])
    if args.slow and name == "resnet18" and batch == 1:
        for key, run in slow_methods(torch, model, x, layer).items():
            start = time.perf_counter()
            run()
            medians[key] = 1000 * (time.perf_counter() - start)
    return {
        "model": name,
        "batch": batch,
        "best_forward": best,
        "best_forward_ms": round(medians[best], 1),
        "ratios": {key: round(value / medians[best], 2) for key, value in medians.items()},
    }


def table(results, classes):
    columns = ["pytorch_grad_cam_1", "captum_1"]
    if classes > 1:
        columns += [f"pytorch_grad_cam_{classes}", f"captum_{classes}"]
    lines = ["| model, batch | best forward | " + " | ".join(columns) + " |", "|---|---|" + "---|" * len(columns)]
    for one in results:
        ratios = " | ".join(f"{one['ratios'][column]:.2f}" for column in columns)
        lines.append(f"| {one['model']}, {one['batch']} | {one['best_forward']} {one['best_forward_ms']} ms | {ratios} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grad-cam", help="checkout of pytorch-grad-cam")
    parser.add_argument("--captum", help="checkout of Captum")
    parser.add_argument("--models", default=",".join(LAYERS))
    parser.add_argument("--batch", default="1,8")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--classes", type=int, default=14, help="beside one class")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--slow", action="store_true", help="also Ablation-CAM, Score-CAM, IG and occlusion on ResNet-18")
    args = parser.parse_args()
    sys.path[:0] = [folder for folder in (args.grad_cam, args.captum) if folder]
    import torch

    torch.set_num_threads(args.threads)
    print(json.dumps({"torch": torch.__version__, "python": platform.python_version(), "threads": args.threads,
                      "size": args.size, "rounds": args.rounds}))
    results = []
    for name in args.models.split(","):
        for batch in args.batch.split(","):
            results.append(measure(torch, name, int(batch), args))
            print(json.dumps(results[-1]), flush=True)
    print(table(results, args.classes))


if __name__ == "__main__":
    main()
