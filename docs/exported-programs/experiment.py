#!/usr/bin/env python3
"""What torch.export gives that a split needs: docs/exported-programs.md is made from what this prints.

Needs PyTorch 2.6 or later and torchvision; on Debian 13
  apt-get install --no-install-recommends python3-torch python3-torchvision python3-setuptools python3-dev \
    python3-onnx python3-onnxruntime g++
Writes model.pt2, its parts for interpreter.cpp (program/) and TorchScript made from it into the folder it runs in.
"""
import os
import time
import warnings
import zipfile

import torch
import torchvision
from torch.fx.experimental.proxy_tensor import make_fx

warnings.filterwarnings("ignore")
torch.manual_seed(0)
torch.set_num_threads(1)
LAYER, CLASS = "layer3", 5


def differ(a, b):
    return "%.1e" % ((a.detach() - b.detach()).abs().max() / b.detach().abs().max()).item()


def eager(model, layer, x, class_index):
    """Activation, logits and gradient by a hook that puts a leaf in the layer's place: the reference."""
    kept = {}

    def hook(_module, _inputs, output):
        kept["leaf"] = output.detach().clone().requires_grad_(True)
        return kept["leaf"].clone()

    handle = model.get_submodule(layer).register_forward_hook(hook)
    y = model(x)
    handle.remove()
    return kept["leaf"].detach(), y, torch.autograd.grad(y[:, class_index].sum(), kept["leaf"])[0]


def cut_node(graph, layer):
    """The last node that the layer's module made, by the paths that export keeps."""
    def paths(node):
        return [v[0].replace("L['self'].", "") for v in (node.meta.get("nn_module_stack") or {}).values()]
    return [n for n in graph.nodes if layer in paths(n)][-1]


def split(gm, cut):
    """Prefix and suffix as graph modules: the suffix is what depends on the cut."""
    graph, behind = gm.graph, {cut}
    for node in graph.nodes:
        if any(i in behind for i in node.all_input_nodes):
            behind.add(node)
    behind.discard(cut)
    inputs = [n for n in graph.nodes if n.op == "placeholder"]
    outputs = next(n for n in graph.nodes if n.op == "output").args[0]
    before = [n for n in graph.nodes if n not in behind and n.op not in ("output", "placeholder")]
    sides = [n for n in before if n is not cut and n.op != "get_attr" and any(u in behind for u in n.users)]

    def build(nodes, given, results):
        new, place = torch.fx.Graph(), {}
        for node in given:
            place[node] = new.placeholder(node.name)
        for node in graph.nodes:
            if node not in place and (node in nodes or node.op == "get_attr"):
                place[node] = new.node_copy(node, lambda n: place[n])
        new.output(tuple(place[n] for n in results))
        new.eliminate_dead_code()
        return torch.fx.GraphModule(gm, new)

    return (build(set(before), inputs, [cut] + sides),
            build({n for n in behind if n.op != "output"}, [cut] + sides, list(outputs)), sides)


def tries(what, work):
    try:
        print(what + ":", work())
    except Exception as error:  # what fails is a finding too
        print(what + ": %s: %s" % (type(error).__name__, str(error).splitlines()[0][:160]))


model = torchvision.models.resnet18(weights=None).eval()
for module in model.modules():
    if isinstance(module, torch.nn.BatchNorm2d):  # norms that do something
        module.running_mean.uniform_(-0.1, 0.1)
        module.running_var.uniform_(0.5, 1.5)
x = torch.randn(2, 3, 224, 224)
A, y, g = eager(model, LAYER, x, CLASS)
cam = (g.mean((2, 3), keepdim=True) * A).sum(1)

print("== PyTorch", torch.__version__, "ResNet-18,", LAYER)
batch = {0: torch.export.Dim("batch", min=1, max=64)}
torch.export.save(torch.export.export(model, (x,), dynamic_shapes=(batch,)), "model.pt2")
print("files:", ", ".join(i.filename for i in zipfile.ZipFile("model.pt2").infolist()))
program = torch.export.load("model.pt2")
gm = program.module()
cut = cut_node(gm.graph, LAYER)
prefix, suffix, sides = split(gm, cut)
with torch.no_grad():
    activation = prefix(x)[0]
leaf = activation.detach().requires_grad_(True)
logits = suffix(leaf)[0]
gradient = torch.autograd.grad(logits[:, CLASS].sum(), leaf)[0]
print("cut behind", cut.target, "side inputs", len(sides), "| activation", differ(activation, A), "logits",
      differ(logits, y), "gradient", differ(gradient, g))

os.makedirs("program", exist_ok=True)
with zipfile.ZipFile("model.pt2") as archive:
    archive.extract("serialized_exported_program.json", "program")
torch.save({k: v.detach().clone() for k, v in program.state_dict.items()}, "program/weights.pt")
torch.save((x, A, y.detach(), g, cam), "program/reference.pt")

prefix_program = torch.export.export(prefix, (x,), dynamic_shapes=(batch,))
suffix_program = torch.export.export(suffix, (activation,), dynamic_shapes=(batch,))


def compiled(what, inputs, name):
    start = time.time()
    path = torch._inductor.aoti_compile_and_package(what, package_path=os.path.abspath(name))
    return torch._inductor.aoti_load_package(path)(*inputs), "compiled in %.0f s" % (time.time() - start)


def inductor_suffix():
    start_leaf = A.clone().requires_grad_(True)
    (result, *_), seconds = compiled(suffix_program, (start_leaf,), "suffix_inductor.pt2")
    return "%s, logits %s, grad_fn %s" % (seconds, differ(result, y), result.grad_fn)


def inductor_prefix():
    (result, *_), seconds = compiled(prefix_program, (x,), "prefix_inductor.pt2")
    return "%s, activation %s" % (seconds, differ(result, A))


def inductor_gradient():
    slopes = torch.zeros(2, 1000)
    slopes[:, CLASS] = 1

    def both(a, w):
        a = a.detach().requires_grad_(True)
        out = suffix(a)[0]
        return out.detach(), torch.autograd.grad((out * w).sum(), a)[0]

    joint = torch.export.export(make_fx(both)(A, slopes), (A, slopes))
    (result, slope), seconds = compiled(joint, (A, slopes), "suffix_gradient_inductor.pt2")
    return "%s, logits %s, gradient %s" % (seconds, differ(result, y), differ(slope, g))


tries("AOTInductor prefix", inductor_prefix)
tries("AOTInductor suffix, given a leaf", inductor_suffix)
tries("AOTInductor suffix with its gradient as outputs", inductor_gradient)

fixed = torch.export.export(model, (x,))


def back_to_torchscript(what, file):
    traced = torch.jit.trace(what, (x,), check_trace=False)
    traced.save(file)
    return "logits %s, one image alone %s" % (differ(traced(x), y), differ(traced(x[:1]), y[:1]))


tries("dynamic batch, unflattened and traced", lambda: back_to_torchscript(torch.export.unflatten(program), "no.pt"))
tries("fixed batch, unflattened and traced",
      lambda: back_to_torchscript(torch.export.unflatten(fixed), "unflattened.ts.pt"))


def onnx():
    import onnxruntime
    layers = (model.conv1, model.bn1, model.relu, model.maxpool, model.layer1, model.layer2, model.layer3)
    torch.onnx.export(torch.nn.Sequential(*layers).eval(), (x,), "prefix.onnx", input_names=["x"], dynamo=False)
    session = onnxruntime.InferenceSession("prefix.onnx", providers=["CPUExecutionProvider"])
    return "ONNX Runtime %s, activation %s" % (
        onnxruntime.__version__, differ(torch.from_numpy(session.run(None, {"x": x.numpy()})[0]), A))


tries("ONNX prefix", onnx)
tries("ONNX gradients", lambda: __import__("onnxruntime.training"))

print("== other models and layers: activation and gradient against eager PyTorch")


def by_interpreter(network, x1, layer):
    want, _, slope = eager(network, layer, x1, 3)
    graph_module = torch.export.export(network, (x1,)).module()
    node = cut_node(graph_module.graph, layer)

    class Run(torch.fx.Interpreter):
        def run_node(self, n):
            value = super().run_node(n)
            if n.name != node.name:
                return value
            self.leaf = value.detach().clone().requires_grad_(True)
            return self.leaf.clone()

    run = Run(graph_module)
    out = run.run(x1)
    got = torch.autograd.grad(out[:, 3].sum(), run.leaf)[0]
    return "cut behind %s, activation %s, gradient %s" % (node.target, differ(run.leaf, want), differ(got, slope))


vit = torchvision.models.vit_b_16(weights=None)
torch.nn.init.normal_(vit.heads.head.weight, std=0.02)  # torchvision begins with zeros
for name, network, layers in (
        ("resnet18", model, ["layer1.0.conv1", "layer2.0.downsample", "layer4.1.relu", "layer4"]),
        ("densenet121", torchvision.models.densenet121(weights=None),
         ["features.norm5", "features.denseblock3", "features.denseblock4.denselayer16.conv2"]),
        ("mobilenet_v2", torchvision.models.mobilenet_v2(weights=None), ["features.18", "features.14.conv.1"]),
        ("vit_b_16", vit, ["encoder.ln", "encoder.layers.encoder_layer_10", "encoder.layers.encoder_layer_5"]),
        ("r3d_18", torchvision.models.video.r3d_18(weights=None), ["layer4"])):
    x1 = torch.randn(1, 3, 8, 56, 56) if name == "r3d_18" else torch.randn(1, 3, 224, 224)
    for layer in layers:
        tries("%s %s" % (name, layer), lambda: by_interpreter(network.eval(), x1, layer))

print("== traps")


class Branch(torch.nn.Module):
    def forward(self, v):
        return v.mean((2, 3)) if v.sum() > 0 else -v.mean((2, 3))


class NoGrad(torch.nn.Module):
    def forward(self, v):
        with torch.no_grad():
            v = v * 2
        return v.mean((2, 3))


class Twice(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.mid = torch.nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, v):
        return self.mid(self.mid(v)).mean((2, 3))


def operators(network):
    return sorted({str(n.target) for n in torch.export.export(network, (x1,)).graph.nodes if n.op == "call_function"})


x1 = torch.randn(1, 3, 16, 16)
tries("run-time branch", lambda: operators(Branch()))
tries("no_grad in forward", lambda: operators(NoGrad()))
tries("a layer called twice", lambda: [list(n.meta["nn_module_stack"])[-1] for n in torch.export.export(
    Twice(), (x1,)).graph.nodes if "conv" in str(n.target)])
training = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Dropout(0.5)).train()
tries("exported in training mode", lambda: [
    (str(n.target), [a for a in n.args if isinstance(a, bool)])
    for n in torch.export.export(training, (x1,)).graph.nodes if "norm" in str(n.target) or "dropout" in str(n.target)])
