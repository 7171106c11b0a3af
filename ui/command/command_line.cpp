#include "ui/command/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "data/base/interrupt.h"
#include "data/base/version.h"

namespace rationale::ui {
namespace {

void add_target_options(CLI::App& command, TargetOptions& target) {
  command.add_option("--layer", target.layer,
                     "layer name as `rationale layers` lists it; NAME@activation: what the activation function "
                     "made of it; @37: a value of `layers --values`; @input: the input itself");
  command.add_option("--call", target.call, "which call of a layer that is called several times");
  command.add_option("--class", target.classes, "classes, by name or index, comma separated")
      ->delimiter(',');
  command
      .add_option("--kind", target.kind, "logit|neg_logit|sigmoid|softmax|logit_diff:OTHER")
      ->capture_default_str();
  command.add_option("--output", target.output, "tuple index or dictionary key of the output");
  command.add_option("--reshape", target.reshape, "tokens:PREFIX:ROWSxCOLS, for transformer layers (default: the card's)");
}

void declare_image(CLI::App& app, CommandLine& line) {
  ImageOptions& o = line.image;
  CLI::App* c = add_command(app, "image", "show what a DICOM or PNG file holds, as numbers and facts",
                            "image chest.dcm --window=minmax --png chest.png --json", line.common);
  c->add_option("file", o.file, "DICOM or PNG file")->required();
  c->add_option("--window", o.window,
                "file:K | lut:K | minmax | CENTRE,WIDTH[,LINEAR|LINEAR_EXACT|SIGMOID] (default: the "
                "file's first window, else its first VOI LUT, else minmax)");
  c->add_option("--frame", o.frame, "frame of a multi-frame file, from 1")->capture_default_str();
  c->add_option("--colour", o.colour, "a colour picture: refuse | grey (its luma, ITU-R BT.601)")
      ->capture_default_str()
      ->check(CLI::IsMember({"refuse", "grey"}));
  c->add_option("--png", o.png, "write the displayed 8-bit picture");
  c->add_option("--npy", o.npy, "write the modality values, float32");
}

void declare_series(CLI::App& app, CommandLine& line) {
  SeriesOptions& o = line.series;
  CLI::App* c = add_command(app, "series", "put the slices of a volume in order, and find what is wrong with them",
                            "series scans/patient7 --npy volume.npy", line.common);
  c->add_option("place", o.place, "folder of a DICOM series, multi-frame DICOM file, or .npy [D,H,W]")->required();
  c->add_option("--series", o.series, "Series Instance UID, where the folder holds several");
  c->add_option("--spacing-mm", o.spacing_mm, "of an array: DEPTHxROWSxCOLUMNS");
  c->add_option("--npy", o.npy, "write the modality values [D,H,W], float32");
}

void declare_samples(CLI::App& app, CommandLine& line) {
  SamplesOptions& o = line.samples;
  CLI::App* c = add_command(app, "samples",
                            "make chest phantoms with known findings: DICOM, masks and cases.csv",
                            "samples --seed 7 --count 24 --out phantoms", line.common);
  c->add_option("--seed", line.common.seed, "seed of all random numbers")->capture_default_str();
  c->add_option("--count", o.count, "number of images")->capture_default_str()->check(
      CLI::Range(1, 1000000));
  c->add_option("--out", o.out, "folder")->required();
  c->add_option("--set", o.set,
                "which labels: test (independent findings), concept (correlated, to teach concepts), "
                "train-honest|-shoulder|-portable|-rule (what the sample models learned from), "
                "aligned-shoulder|-portable (test, that confounder exactly where consolidation is), "
                "reversed-shoulder|-portable (exactly where it is not); ct (chest volumes with or without a nodule)")
      ->capture_default_str()
      ->check(CLI::IsMember({"test", "concept", "train-honest", "train-shoulder", "train-portable",
                             "train-rule", "aligned-shoulder", "reversed-shoulder",
                             "aligned-portable", "reversed-portable", "ct"}));
  c->add_option("--present", o.present,
                "findings that every image gets, comma separated; all else of an image stays as it is")
      ->delimiter(',');
  c->add_option("--absent", o.absent, "findings that no image gets")->delimiter(',');
  c->add_option("--format", o.format, "dicom, or npy: the network's input and labels as arrays")
      ->capture_default_str()
      ->check(CLI::IsMember({"dicom", "npy"}));
}

void declare_doctor(CLI::App& app, CommandLine& line) {
  DoctorOptions& o = line.doctor;
  CLI::App* c = add_command(app, "doctor", "say what a model file is, and what it may do",
                            "doctor model.toml --tensor x.npy --expect logits.npy", line.common);
  add_compute_options(*c, line.common);
  c->add_option("model", o.model, "TorchScript file or model.toml card")->required();
  c->add_option("--tensor", o.tensor, "input of your own, .npy [N,C,(D,)H,W], already pre-processed");
  c->add_option("--expect", o.expect, "your own logits for it: .npy or .csv");
}

void declare_layers(CLI::App& app, CommandLine& line) {
  LayersOptions& o = line.layers;
  CLI::App* c = add_command(app, "layers", "list the layers that can be explained",
                            "layers model.ts.pt --shape 1,3,224,224", line.common);
  add_compute_options(*c, line.common);
  c->add_option("model", o.model, "TorchScript file or model.toml card")->required();
  c->add_option("--shape", o.shape, "input shape N,C,(D,)H,W; a card knows it");
  c->add_option("--output", o.output, "tuple index or dictionary key; none: any of the outputs");
  c->add_flag("--values", o.values, "list the values that the graph computes, as @0, @1, …");
}

void declare_activations(CLI::App& app, CommandLine& line) {
  ActivationsOptions& o = line.activations;
  CLI::App* c = add_command(
      app, "activations", "write what a layer returned, and the gradient of a class there",
      "activations m.pt --tensor x.npy --layer layer4 --npy A.npy --gradient g.npy --class 3",
      line.common);
  add_compute_options(*c, line.common);
  c->add_option("model", o.model, "TorchScript file or model.toml card")->required();
  c->add_option("--tensor", o.tensor, "input .npy [N,C,(D,)H,W]")->required();
  add_target_options(*c, o.target);
  c->add_option("--npy", o.npy, "activation [N,C,…] as the layer returned it");
  c->add_option("--gradient", o.gradient, "d target / d activation");
  c->add_option("--logits", o.logits, "the model's output [N,K]");
}

void declare_heatmap(CLI::App& app, CommandLine& line) {
  HeatmapOptions& o = line.heatmap;
  CLI::App* c = add_command(
      app, "heatmap", "compute raw, signed maps of a tensor: float32, native resolution",
      "heatmap m.pt --tensor x.npy --layer layer4 --class 0,3 --method grad_cam --npy maps.npy",
      line.common);
  add_compute_options(*c, line.common);
  c->add_option("model", o.model, "TorchScript file or model.toml card");
  c->add_option("--tensor", o.tensor,
                "input .npy [N,C,(D,)H,W]; with a card also a film, the folder of a series, or a volume");
  add_target_options(*c, o.target);
  c->add_option("--method", o.method,
                "grad_cam, hires_cam, layer_cam, score_cam, ablation_cam, layer_ig, ig_gauss_legendre, "
                "occlusion_grid, … (docs/engine.md lists all; default: the card's, else grad_cam where pooling and one "
                "linear layer follow, and hires_cam elsewhere)");
  c->add_option("--steps", o.numbers.steps,
                "integrated gradients: nodes, or auto: 50, doubled up to 400 while the gap is above 5 %")
      ->capture_default_str();
  c->add_option("--window", o.numbers.window, "occlusion: places a side; 0 = the larger of 8 and a 7th of the side")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  c->add_option("--stride", o.numbers.stride, "occlusion; 0 = half the window")
      ->capture_default_str()
      ->check(CLI::Range(0, 100000));
  c->add_option("--samples", o.numbers.samples, "smooth_grad (50) and rise (2000): how many; 0 = so many")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  c->add_option("--channel-group", o.numbers.channel_group, "ablation: channels that are removed together")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000000));
  c->add_option("--npy", o.npy, "raw map [N,*S], [N,K,*S] for K classes");
  c->add_option("--display", o.display,
                "named display steps, in order: relu, scale:V (fixed, in units of the map), max (each map to its own "
                "maximum), up");
  c->add_flag("--check-occlusion", o.check_occlusion,
              "cover windows of the picture, and say how far the map agrees with what the target loses");
  c->add_option("--jobs", o.jobs, "JSON Lines: many of these in one process, one result line each");
}

void declare_faithfulness(CLI::App& app, CommandLine& line) {
  FaithfulnessOptions& o = line.faithfulness;
  CLI::App* c = add_command(
      app, "faithfulness", "measure maps: deletion and insertion, localisation, sensitivity, sanity checks",
      "faithfulness --maps m.npy --model m.pt --tensor x.npy --class 0 --boxes boxes.csv", line.common);
  add_compute_options(*c, line.common);
  c->add_option("--maps", o.maps,
                "maps .npy [N,*S], or [N,K,*S] for K classes; native or of the input's size; without it --method is computed");
  c->add_option("--model", o.model, "TorchScript file or model.toml card")->required();
  c->add_option("--tensor", o.tensor, "input .npy [N,C,(D,)H,W]")->required();
  add_target_options(*c, o.target);
  c->add_option("--masks", o.masks, "where the finding is: .npy [N,*input] or [N,K,*input], not 0 = inside");
  c->add_option("--boxes", o.boxes, "CSV: sample,x,y,w,h[,label] or sample,r0,c0,r1,c1; pixels of the input");
  c->add_option("--method", o.method,
                "that made the maps: needed by --perturbations, --randomised, --cascade; without --maps one or several, "
                "comma separated, each at every --layer (comma separated too)");
  c->add_flag("--baselines", o.baselines, "measure the image's centre, edges and random cells beside the maps");
  c->add_option("--patients", o.patients, "CSV sample,patient: intervals count patients (default: each image its own)");
  c->add_option("--samples", o.numbers.samples, "smooth_grad (50) and rise (2000): how many; 0 = so many")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  c->add_option("--perturbations", o.perturbations, "noise .npy [M,C,(D,)H,W] for the max-sensitivity");
  c->add_option("--randomised", o.randomised, "models with randomised weights, comma separated")->delimiter(',');
  c->add_flag("--cascade", o.cascade, "randomise the model's own weights, from the output back (sanity gate)");
  c->add_option("--score", o.score,
                "what deletion lowers (default: --kind if that is neg_logit, logit_diff or a probability, else the "
                "card's activation, else softmax, for one output sigmoid)")
      ->check(CLI::IsMember({"softmax", "sigmoid", "logit"}));
  c->add_option("--steps", o.steps, "of deletion and insertion")->capture_default_str()->check(CLI::Range(1, 4096));
  c->add_option("--blur", o.blur, "sigma of the blurred base, pixels")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 1000.0));
}

void add_survey_options(CLI::App& command, SurveyOptions& o) {
  command.add_option("--layer", o.layers, "layers, deepest first, comma separated (default: the card's)")->delimiter(',');
  command.add_option("--method", o.methods, "methods of any kind, comma separated (default: the CAMs)")->delimiter(',');
  command.add_option("--reshape", o.reshape, "tokens:PREFIX:ROWSxCOLS, for transformer layers (default: the card's)");
  command.add_option("--samples", o.samples, "smooth_grad (50) and rise (2000): how many; 0 = so many")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000000));
  command.add_option("--where", o.where, "only cases that meet COLUMN=VALUE or COLUMN>=NUMBER, comma separated");
  command.add_option("--gate-films", o.gate_films, "films of the sanity gate; it needs 20")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  command.add_option("--deletion-films", o.deletion_films, "films of deletion and insertion")
      ->capture_default_str()
      ->check(CLI::Range(0, 10000));
  command.add_option("--steps", o.steps, "of deletion and insertion")->capture_default_str()->check(CLI::Range(1, 1024));
}

void declare_card(CLI::App& app, CommandLine& line) {
  SurveyOptions& o = line.survey;
  CLI::App* c = add_command(app, "card", "the page on a model: how far its heatmaps can be trusted, with pictures",
                            "card model.toml --cases cases.csv --out card.html", line.common);
  add_compute_options(*c, line.common);
  c->add_option("model", o.models, "model.toml card")->required()->expected(1);
  c->add_option("--cases", o.cases, "cases.csv: case,file[,patient,…]")->required()->expected(1);
  c->add_option("--out", o.out, "the page, HTML")->required();
  c->add_option("--boxes", o.boxes,
                "who marked what: case,label,x,y,w,h[,annotator], pixels of the film (default: boxes.csv beside the cases)");
  c->add_option("--masks", o.masks, "folder of CASE_CLASS.png, not 0 = finding (default: masks/ beside the cases)");
  add_survey_options(*c, o);
}

void declare_validate(CLI::App& app, CommandLine& line) {
  SurveyOptions& o = line.survey;
  CLI::App* validate = app.add_subcommand("validate", "make the validation reports of docs/validation");
  validate->require_subcommand(1);
  CLI::App* c = add_command(*validate, "explanation",
                            "tables of localisation, faithfulness and sanity by method and layer, as Markdown",
                            "validate explanation --model model.toml --cases cases.csv --out explanation.md", line.common);
  add_compute_options(*c, line.common);
  c->add_option("--model", o.models, "model.toml card; several, each with its --cases")->required();
  c->add_option("--cases", o.cases, "cases.csv, with boxes.csv or masks/ beside it; one a model")->required();
  c->add_option("--out", o.out, "the report, Markdown")->required();
  add_survey_options(*c, o);
}

void add_precision_option(CLI::App& command, std::string& precision) {
  command.add_option("--precision", precision,
                     "of the network up to the layer; less than float32 pays on a GPU, and its deviation is recorded")
      ->capture_default_str()
      ->check(CLI::IsMember({"float32", "bfloat16", "float16"}));
}

void add_picture_options(CLI::App& command, PictureOptions& o) {
  command.add_option("--pictures", o.which, "overlays as PNG: top (highest class), all, or a class name");
  command.add_flag("--contours", o.contours, "draw contour lines instead of a filled overlay");
  command.add_option("--scale", o.scale,
                     "where the colours of pictures end: fixed (the card's `scales`, else one for all cases of a class in "
                     "this store), a NUMBER for all classes, the FOLDER of an earlier run (its scales), or image (each "
                     "picture its own; cannot be compared)")
      ->capture_default_str();
}

void declare_explain(CLI::App& app, CommandLine& line) {
  ExplainOptions& o = line.explain;
  CLI::App* c = add_command(
      app, "explain", "explain every case: maps of all classes, concept contributions, pictures",
      "explain --model model.toml --cases cases.csv --out explanations --pictures top", line.common);
  add_compute_options(*c, line.common);
  c->add_option("--model", o.model, "model.toml card");
  c->add_option("--cases", o.cases, "cases.csv: case,file,…; of volumes the file is a series' folder");
  c->add_option("--out", o.out, "folder of explanations.db, summary.json and pictures");
  c->add_option("--concepts", o.concepts, "library.db with trained concepts");
  c->add_option("--layer", o.layer, "layer (default: the card's first)");
  c->add_option("--call", o.call, "which call of a layer that is called several times");
  c->add_option("--reshape", o.reshape, "tokens:PREFIX:ROWSxCOLS, for transformer layers (default: the card's)");
  c->add_option("--method", o.method,
                "a method with one map a class: grad_cam, hires_cam, layer_cam, grad_cam_pp, xgrad_cam, score_cam, "
                "ablation_cam, layer_ig, layer_occlusion, occlusion_pixel, … (default: the card's, else grad_cam where pooling "
                "and one linear layer follow, and hires_cam elsewhere)");
  c->add_option("--logits", o.logits, "also write case,<class>… as CSV");
  c->add_option("--shard", o.shard, "i/N: only this part of the cases");
  c->add_flag("--resume", o.resume, "go on with the store in --out; it must exist");
  add_picture_options(*c, o.pictures);
  c->add_option("--batch", o.batch, "images at once; 0 = chosen")->capture_default_str();
  add_precision_option(*c, o.precision);
  c->require_subcommand(0, 1);

  CLI::App* merge = add_command(*c, "merge", "make one store from shards",
                                "explain merge shard1 shard2 --out whole", line.common);
  add_sandbox_option(*merge, line.common);
  merge->add_option("shards", line.explain_merge.shards, "folders that `explain --shard` wrote")
      ->required();
  merge->add_option("--out", line.explain_merge.out, "folder")->required();
  add_picture_options(*merge, line.explain_merge.pictures);
}

void declare_bench(CLI::App& app, CommandLine& line) {
  CLI::App* bench = app.add_subcommand("bench", "measure speed as ratios within one process");
  bench->require_subcommand(1);

  BenchOptions& o = line.bench;
  CLI::App* explain = add_command(*bench, "explain", "what a heatmap costs beside a forward pass",
                                  "bench explain --models build/torchvision --json", line.common);
  add_compute_options(*explain, line.common);
  explain->add_option("--models", o.models, "folder with resnet18.traced.pt, resnet50, densenet121 and mobilenet_v2");
  explain->add_option("--only", o.only, "of these, only NAME (may be repeated)")
      ->check(CLI::IsMember({"resnet18", "resnet50", "densenet121", "mobilenet_v2"}));
  explain->add_option("--size", o.sizes, "only images of so many pixels a side")->check(CLI::IsMember({224, 512}));
  explain->add_option("--batch", o.batches, "only so many images at once")->check(CLI::IsMember({1, 8}));
  explain->add_option("--rounds", o.rounds, "interleaved rounds (fewer, but at least 5, where they take long)")
      ->capture_default_str();
  explain->add_flag("--methods", o.methods, "also the methods that run ResNet-18 many times");
  explain->add_flag("--costs", o.costs, "instead: what each method costs at each stage of ResNet-18, for 1 and 14 classes");

  BenchPipelineOptions& p = line.bench_pipeline;
  CLI::App* pipeline = add_command(*bench, "pipeline", "a run over phantom films beside decoding and forward alone",
                                   "bench pipeline --cases 10000 --json", line.common);
  add_compute_options(*pipeline, line.common);
  pipeline->add_option("--model", p.model, "model.toml card for 96 x 96 grey films (default: the sample model honest)");
  pipeline->add_option("--cases", p.cases, "films of the long run")->capture_default_str()->check(CLI::Range(20, 1000000));
  pipeline->add_option("--rounds", p.rounds, "interleaved rounds")->capture_default_str()->check(CLI::Range(1, 1000));
  pipeline->add_option("--batch", p.batch, "images at once; 0 = as explain chooses")->capture_default_str()->check(
      CLI::Range(0, 4096));
  add_precision_option(*pipeline, p.precision);
  pipeline->add_option("--enlarge", p.enlarge, "films of so many times 96 pixels a side")->capture_default_str()->check(
      CLI::Range(1, 40));

  BenchStatisticsOptions& s = line.bench_statistics;
  CLI::App* statistics =
      add_command(*bench, "statistics", "what an analysis costs, or (--null) how often its tests reject without effect",
                  "bench statistics --null --replicates 10000 --json", line.common);
  statistics->add_option("--seed", line.common.seed, "seed of all random numbers")->capture_default_str();
  statistics->add_option("--threads", line.common.threads, "threads; 0 = one a processor")
      ->capture_default_str()
      ->check(CLI::Range(0, 1024));
  statistics->add_option("--readers", s.readers, "readers of the made study")->capture_default_str()->check(
      CLI::Range(2, 1000));
  statistics->add_option("--cases", s.cases, "cases of the made study, 60 % normal")
      ->capture_default_str()
      ->check(CLI::Range(10, 1000000));
  statistics->add_option("--rounds", s.rounds, "interleaved rounds")->capture_default_str()->check(CLI::Range(1, 1000));
  statistics->add_flag("--no-peers", s.no_peers, "without R's lme4 and pROC on the same readings (minutes, where they are installed)");
  statistics->add_flag("--null", s.is_null,
                       "simulate studies without effect and count rejections at 5 %: 3, 5, 10, 20 readers, 100 and 180 "
                       "normal cases, rates 0.05, 0.10, 0.23, three scenarios");
  statistics->add_option("--replicates", s.replicates, "simulated studies a row; from 1,000 on a multiple of it")
      ->capture_default_str()
      ->check(CLI::Range(100, 10000000));
  statistics->add_option("--store", s.store, "with --null: file of finished blocks, to go on from after a stop");
  statistics->add_option("--page", s.page, "with --null: write the tables as a page (Markdown)");
}

void declare_concepts(CLI::App& app, CommandLine& line) {
  ConceptsOptions& o = line.concepts;
  CLI::App* c = app.add_subcommand("concepts", "define, train and judge concepts");
  c->require_subcommand(1);

  CLI::App* fit = add_command(*c, "fit", "all concept numbers from arrays (for checks by others)",
                              "concepts fit arrays --out results --json", line.common);
  add_sandbox_option(*fit, line.common);
  fit->add_option("folder", o.folder, "H.npy, labels.npy, … (docs/concepts.md, concepts fit)")->required();
  fit->add_option("--out", o.out, "folder")->required();

  CLI::App* import = add_command(
      *c, "import", "read annotated examples into a library",
      "concepts import --from cases.csv --columns \"view_AP:view=AP,Edema\" --library library.db",
      line.common);
  add_sandbox_option(*import, line.common);
  import->add_option("csv", o.csv, "concepts.csv: concept,case,label,annotator[,x,y,w,h]");
  import->add_option("--from", o.from, "cases.csv whose columns become concepts");
  import->add_option("--columns", o.columns, "NAME:COLUMN=VALUE, NAME:COLUMN>=NUMBER or COLUMN, …");
  import->add_option("--cards", o.cards, "cards.csv: concept,definition,not,code,author,confounder (1: must "
                                         "not matter)");
  import->add_option("--library", o.library, "library.db")->required();

  CLI::App* train = add_command(
      *c, "train", "learn filters and patterns of all concepts at one or more layers",
      "concepts train --library library.db --model model.toml --cases cases.csv", line.common);
  add_compute_options(*train, line.common);
  CLI::App* judge = add_command(
      *c, "judge", "hold every concept against the evidence gate",
      "concepts judge --library library.db --model model.toml --cases held-out.csv --json",
      line.common);
  add_compute_options(*judge, line.common);
  for (CLI::App* one : {train, judge}) {
    one->add_option("--library", o.library, "library.db")->required();
    one->add_option("--model", o.model, "model.toml card")->required();
    one->add_option("--cases", o.cases, "cases.csv: of the examples (train), held out (judge)");
    one->add_option("--where", o.where, "only cases that meet COLUMN=VALUE or COLUMN>=NUMBER, comma separated");
    one->add_option("--layer", o.layers, "layers, comma separated (default: the card's)")
        ->delimiter(',');
    one->add_option("--recipe", o.recipe, "rationale (default), or reference: plain logistic "
                                          "regression, for comparison")
        ->check(CLI::IsMember({"rationale", "reference"}));
    one->add_option("--features", o.features, "pooled (default) or flat")
        ->check(CLI::IsMember({"pooled", "flat"}));
    one->add_option("--class", o.class_name, "class whose decision is explained (default: all)");
    one->add_option("--strata", o.strata,
                    "columns of cases.csv that describe acquisition and patients, comma separated");
    one->add_option("--permutations", o.permutations, "label permutations")->capture_default_str();
    one->add_option("--resamples", o.resamples, "patient resamples")->capture_default_str();
    one->add_option("--out", o.out, "write the table as CSV");
  }

  CLI::App* list = add_command(*c, "list", "list a library's concepts",
                               "concepts list --library library.db", line.common);
  list->add_option("--library", o.library, "library.db")->required();
  CLI::App* show = add_command(*c, "show", "show one concept's card, examples and evidence",
                               "concepts show view_AP --library library.db", line.common);
  for (CLI::App* one : {list, show}) add_sandbox_option(*one, line.common);
  show->add_option("name", o.name, "concept, or concept@version")->required();
  show->add_option("--library", o.library, "library.db")->required();
}

void declare_sentence(CLI::App& app, CommandLine& line) {
  SentenceOptions& o = line.sentence;
  CLI::App* c = add_command(
      app, "sentence", "say why the model decided so, in concepts, with numbers that add up",
      "sentence --explanations explanations --case p0003 --class consolidation", line.common);
  add_sandbox_option(*c, line.common);
  c->add_option("--explanations", o.explanations, "folder that `explain --concepts` wrote")->required();
  c->add_option("--case", o.case_name, "case")->required();
  c->add_option("--class", o.class_name, "class (default: the one with the highest logit)");
}

void declare_studio(CLI::App& app, CommandLine& line) {
  StudioOptions& o = line.studio;
  CLI::App* c = add_command(app, "studio", "browse explanations in a window",
                            "studio explanations", line.common);
  c->add_option("explanations", o.explanations, "folder that `explain` wrote")->required();
  c->add_option("--case", o.case_name, "start with this case");
  c->add_option("--class", o.class_name, "start with this class (default: the case's highest)");
  c->add_option("--size", o.size, "WIDTHxHEIGHT of the window")
      ->delimiter('x')
      ->expected(2)
      ->check(CLI::Range(640, 7680))
      ->capture_default_str();
  c->add_option("--screenshot", o.screenshot, "write what the window shows as PNG, and close");
}

void declare_demo(CLI::App& app, CommandLine& line) {
  CLI::App* c = add_command(app, "demo",
                            "walk the whole path on films that it makes itself: one page of figures",
                            "demo --out demo", line.common);
  c->add_option("--out", line.demo.out, "folder")->capture_default_str();
}

}  // namespace

void declare_commands(CLI::App& app, CommandLine& line) {
  app.description(
      "Rationale: why a radiology AI says what it says, and whether showing that helps.");
  app.footer("Start with:  rationale doctor MODEL      Limits: docs/limits.md");
  app.set_version_flag("--version", std::string("rationale ") + version());
  app.require_subcommand(0, 1);
  declare_doctor(app, line);
  declare_layers(app, line);
  declare_explain(app, line);
  declare_concepts(app, line);
  declare_sentence(app, line);
  declare_studio(app, line);
  declare_image(app, line);
  declare_activations(app, line);
  declare_heatmap(app, line);
  declare_faithfulness(app, line);
  declare_card(app, line);
  declare_validate(app, line);
  declare_samples(app, line);
  declare_series(app, line);
  declare_study(app, line.study, line.common);
  declare_read(app, line.read, line.common);
  declare_analyse(app, line.analyse, line.froc, line.common);
  declare_bench(app, line);
  declare_demo(app, line);
}

std::string chosen_command(const CLI::App& app) {
  std::string name;
  const CLI::App* here = &app;
  while (!here->get_subcommands().empty()) {
    here = here->get_subcommands().front();
    name += (name.empty() ? "" : " ") + here->get_name();
  }
  return name;
}

int run_command_line(int argc, char** argv, const std::vector<NamedBody>& bodies,
                     const std::function<int(const std::string&, const CommandLine&)>& otherwise,
                     const std::function<void(const std::string&, CommandLine&)>& before) {
  install_signal_handlers();
  CLI::App app;
  app.name("rationale");
  CommandLine line;
  declare_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      return guarded(false, "rationale.help", [&] {
        std::ostringstream text, none;
        const int code = app.exit(error, text, none);
        fmt::print("{}", text.str());
        return code;
      });
    }
    bool json = false;
    for (int i = 1; i < argc; ++i) json = json || std::string(argv[i]) == "--json";
    const std::string command = chosen_command(app);
    return guarded(json, "rationale." + (command.empty() ? "error" : command), [&]() -> int {
      throw Error(Error::Kind::kUsage, error.what(), "",
                  fmt::format("`rationale {}{}--help` shows what it takes", command,
                              command.empty() ? "" : " "));
    });
  }
  const std::string command = chosen_command(app);
  if (command.empty()) {
    return guarded(false, "rationale.help", [&] {
      fmt::print("{}", app.help());
      return 2;
    });
  }
  for (const NamedBody& named : bodies) {
    if (command == named.command) {
      std::string schema = "rationale." + command;
      for (char& c : schema) c = c == ' ' ? '.' : c;
      return guarded(line.common.json, schema, [&] {
        if (before) before(command, line);
        return named.body(line);
      });
    }
  }
  return otherwise(command, line);
}

}  // namespace rationale::ui
