// Every command and its options, in one place: the driver and the programs it starts read the same ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ui/command/analyse_options.h"
#include "ui/command/command.h"
#include "ui/command/confinement.h"
#include "ui/command/read_options.h"
#include "ui/command/study_options.h"

namespace rationale::ui {

/// Which value a map explains, at which layer; shared by several commands.
struct TargetOptions {
  std::string layer;  ///< empty: the card's first, else the engine proposes
  int call = -1;      ///< -1: the only one; several calls without --call are a usage error
  std::vector<std::string> classes;  ///< names or indices
  std::string kind = "logit";        ///< logit|neg_logit|sigmoid|softmax|logit_diff:O
  std::string output;                ///< tuple index or dict key
  std::string reshape;               ///< tokens:PREFIX:ROWSxCOLS
};

struct ImageOptions {
  std::filesystem::path file;
  std::string window;  ///< file:K | lut:K | minmax | C,W[,FUNCTION]; empty: the default of PS3.3
  int frame = 1;
  std::string colour = "refuse";  ///< refuse | grey
  std::filesystem::path png, npy;
};

struct SeriesOptions {
  std::filesystem::path place, npy;
  std::string series, spacing_mm;
};

struct SamplesOptions {
  int count = 24;
  std::filesystem::path out;
  std::string set = "test";     ///< a name of samples::sample_sets()
  std::string format = "dicom"; ///< dicom | npy (the network's input in one array)
  std::vector<std::string> present, absent;  ///< findings that override what was drawn
};

struct DoctorOptions {
  std::filesystem::path model, tensor, expect;
};

struct LayersOptions {
  std::filesystem::path model;
  std::string shape, output;
  bool values = false;  ///< list the graph's values, not the submodules
};

struct ActivationsOptions {
  std::filesystem::path model, tensor, npy, gradient, logits;
  TargetOptions target;
};

/// Numbers that single methods take; the defaults are the methods' own.
struct MethodOptions {
  std::string steps = "50";       ///< integrated gradients: a number, or auto
  std::int64_t window = 0;        ///< occlusion
  std::int64_t stride = 0;        ///< occlusion
  int samples = 0;                ///< smooth_grad, rise
  std::int64_t channel_group = 1; ///< ablation
  std::uint64_t seed = 1;         ///< --seed: smooth_grad, rise, random_map
};

struct HeatmapOptions {
  std::filesystem::path model, tensor, npy, jobs;
  TargetOptions target;
  std::string method;  ///< empty: the card's, else the engine's choice
  MethodOptions numbers;
  std::string display;  ///< comma list of relu, scale:V, max, up
  bool check_occlusion = false;
};

struct FaithfulnessOptions {
  std::filesystem::path maps, model, tensor, masks, boxes, patients, perturbations;
  std::vector<std::filesystem::path> randomised;
  TargetOptions target;
  std::string method;  ///< several, comma separated, where the maps are computed here; so with target.layer
  MethodOptions numbers;
  bool baselines = false;
  std::string score;  ///< softmax|sigmoid|logit; empty: by --kind, card or number of classes
  int steps = 32;
  double blur = 4;
  bool cascade = false;
};

/// Which maps are tried on which cases: `card` and `validate explanation`.
struct SurveyOptions {
  std::vector<std::filesystem::path> models, cases;  ///< in pairs; `card` takes one
  std::filesystem::path boxes, masks;  ///< empty: boxes.csv and masks/ beside cases.csv, where they are
  std::vector<std::string> layers, methods;
  std::string reshape;  ///< tokens:PREFIX:ROWSxCOLS; empty: the card's
  std::string where;  ///< conditions on the columns of cases.csv
  int gate_films = 24, deletion_films = 20, steps = 16;
  int samples = 0;  ///< smooth_grad, rise; 0: the method's own number
  std::filesystem::path out;
};

/// Overlays of a run: which, how drawn, on which scale.
struct PictureOptions {
  std::string which;  ///< "" none, else: top | all | a class name
  bool contours = false;
  std::string scale = "fixed";  ///< fixed | image | a number | the folder of an earlier run
};

struct ExplainOptions {
  std::filesystem::path model, cases, out, concepts, logits;
  std::string layer, method, reshape;  ///< method: empty = the card's, else the engine's choice
  int call = -1;      ///< -1: the only one
  std::string shard;  ///< i/N
  bool resume = false;
  PictureOptions pictures;
  int batch = 0;  ///< 0: chosen by memory
  std::string precision = "float32";
};

struct ExplainMergeOptions {
  std::vector<std::filesystem::path> shards;
  std::filesystem::path out;
  PictureOptions pictures;
};

struct BenchOptions {
  std::filesystem::path models;  ///< folder with the TorchScript files to time
  std::vector<std::string> only; ///< of these; empty = all
  std::vector<std::int64_t> sizes, batches;  ///< likewise
  int rounds = 15;
  bool methods = false;  ///< also those that run a network many times
  bool costs = false;  ///< the table of methods, layers and numbers of classes instead
};

struct BenchPipelineOptions {
  std::filesystem::path model;  ///< card; empty = the sample model "honest"
  int cases = 1000, rounds = 5, batch = 0;
  std::string precision = "float32";
  int enlarge = 1;  ///< films of so many times 96 pixels a side
};

struct BenchStatisticsOptions {
  int readers = 20, cases = 2000, rounds = 7;
  bool is_null = false;     ///< type-I errors instead of times
  bool no_peers = false;    ///< times without R's beside them
  int replicates = 10000;   ///< simulated studies a row
  std::filesystem::path store, page;  ///< finished blocks; the table as a page (empty: none)
};

struct ConceptsOptions {
  std::filesystem::path folder;   ///< fit: the arrays
  std::filesystem::path csv, from, cards, library, model, cases, out;
  std::string columns, recipe, layer, features, class_name, name;
  std::vector<std::string> layers;
  std::string strata, where;
  int resamples = 100, permutations = 999;
};

struct SentenceOptions {
  std::filesystem::path explanations;
  std::string case_name, class_name;
};

struct StudioOptions {
  std::filesystem::path explanations;
  std::filesystem::path screenshot;
  std::string case_name, class_name;
  std::vector<int> size{1600, 1000};  ///< of the window, logical pixels
};

struct DemoOptions {
  std::filesystem::path out = "demo";
};

struct CommandLine {
  CommonOptions common;
  Confinement confinement;  ///< filled in by the engine before the body runs
  ImageOptions image;
  SeriesOptions series;
  SamplesOptions samples;
  DoctorOptions doctor;
  LayersOptions layers;
  ActivationsOptions activations;
  HeatmapOptions heatmap;
  FaithfulnessOptions faithfulness;
  SurveyOptions survey;
  ExplainOptions explain;
  ExplainMergeOptions explain_merge;
  BenchOptions bench;
  BenchPipelineOptions bench_pipeline;
  BenchStatisticsOptions bench_statistics;
  ConceptsOptions concepts;
  SentenceOptions sentence;
  StudioOptions studio;
  DemoOptions demo;
  StudyOptions study;
  ReadOptions read;
  AnalyseOptions analyse;
  FrocOptions froc;
};

/// Declares all commands on `app`.
void declare_commands(CLI::App& app, CommandLine& line);

/// The chosen command, such as "layers" or "concepts train"; empty if none was given.
std::string chosen_command(const CLI::App& app);

/// Parses, finds the body among `bodies` and runs it, `before` it first. What is not there is handed to `otherwise`
/// (with the command's name). Prints help and usage errors; returns the exit code.
using Body = int (*)(const CommandLine&);
struct NamedBody {
  const char* command;
  Body body;
};
int run_command_line(int argc, char** argv, const std::vector<NamedBody>& bodies,
                     const std::function<int(const std::string& command, const CommandLine& line)>& otherwise,
                     const std::function<void(const std::string& command, CommandLine& line)>& before = {});

}  // namespace rationale::ui
