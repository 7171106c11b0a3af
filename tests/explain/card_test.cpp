#include "explain/model/card.h"

#include <string>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;

namespace {

const std::string kHead = "format = 1\nname = \"m\"\nfile = \"m.pt\"\n";
const std::string kInput =
    "[input]\nshape = [3, 224, 224]\npixels = \"display_u8\"\nresize = \"bilinear_aa\"\n";
const std::string kOutput = "[output]\nkind = \"logits\"\nclasses = [\"a\", \"b\"]\n";

class Card {
 public:
  Card() { write_file(folder_.path() / "m.pt", "model bytes"); }
  ModelCard read(const std::string& text) const {
    write_file(folder_.path() / "model.toml", text);
    return read_card(folder_.path() / "model.toml");
  }
  /// What the refusal says, and where: "WHERE: WHAT; REMEDY".
  std::string refusal(const std::string& text) const {
    try {
      read(text);
    } catch (const Error& error) {
      CHECK(error.kind == Error::Kind::kInput);
      const std::string folder = folder_.path().string() + "/";
      return error.where.substr(folder.size()) + ": " + error.what() + "; " + error.remedy;
    }
    return "accepted";
  }

 private:
  TemporaryFolder folder_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a short card has the defaults of the contract", "[explain][card]") {
  const Card card;
  const ModelCard read = card.read(kHead + kInput + kOutput);
  CHECK(read.name == "m");
  CHECK(read.model_sha256 == sha256_hex("model bytes"));
  CHECK(read.card_sha256 == sha256_hex(kHead + kInput + kOutput));
  CHECK(read.input_shape == std::vector<std::int64_t>{3, 224, 224});
  CHECK(read.fit == Fit::kStretch);
  CHECK(read.invert == Invert::kNever);
  CHECK(read.normalise == Normalise::kFixed);
  CHECK(read.scale == 1);
  CHECK(read.mean.empty());
  CHECK(read.activation == Activation::kNone);
  CHECK(read.output_select.empty());
  CHECK(read.layers.empty());
}

TEST_CASE("every key of the contract's card is read", "[explain][card]") {
  const Card card;
  const ModelCard read = card.read(
      kHead + "sha256 = \"" + sha256_hex("model bytes") + "\"\n" +
      "[input]\nshape = [2, 8, 64, 64]\npixels = \"modality\"\ninvert = \"monochrome1\"\n"
      "fit = \"pad\"\nresize = \"area\"\nnormalise = \"percentile:1,99\"\nrange = [-1, 1.5]\n"
      "mean = [0.1, 0.2]\nstd = [1, 2]\n"
      "[output]\nselect = 1\nkind = \"probabilities\"\nactivation = \"sigmoid\"\n"
      "classes = [\"a\", \"b\"]\nthresholds = [0.5, 0.25]\n"
      "[explain]\nlayers = [\"x.y\", \"z\"]\nmethod = \"hires_cam\"\n");
  CHECK(read.input_shape.size() == 4);
  CHECK(read.pixels == Pixels::kModality);
  CHECK(read.invert == Invert::kMonochrome1);
  CHECK(read.fit == Fit::kPad);
  CHECK(read.resize == Resize::kArea);
  CHECK(read.normalise == Normalise::kPercentile);
  CHECK(read.percentiles == std::array<double, 2>{1, 99});
  CHECK(read.range == std::array<double, 2>{-1, 1.5});
  CHECK(read.mean == std::vector<double>{0.1, 0.2});
  CHECK(read.std == std::vector<double>{1, 2});
  CHECK(read.output_select == "1");
  CHECK(read.output_kind == OutputKind::kProbabilities);
  CHECK(read.activation == Activation::kSigmoid);
  CHECK(read.thresholds == std::vector<double>{0.5, 0.25});
  CHECK(read.layers == std::vector<std::string>{"x.y", "z"});
  CHECK(read.method == "hires_cam");
}

TEST_CASE("a regression may state the values that its outputs are told from", "[explain][card]") {
  const Card card;
  const auto output = [](const std::string& kind, const std::string& reference) {
    return kHead + kInput + "[output]\nkind = \"" + kind + "\"\nclasses = [\"age\", \"volume\"]\nreference = " + reference +
           "\n";
  };
  CHECK(card.read(output("regression", "[59.5, -2]")).references == std::vector<double>{59.5, -2});
  CHECK(contains(card.refusal(output("regression", "[59.5]")), "model.toml:"));
  CHECK(contains(card.refusal(output("regression", "[59.5, nan]")), "model.toml:"));
  CHECK(contains(card.refusal(output("logits", "[59.5, -2]")), "regression"));
}

TEST_CASE("a window and its function are read", "[explain][card]") {
  const Card card;
  const ModelCard read = card.read(
      kHead +
      "[input]\nshape = [1, 8, 8]\nresize = \"none\"\npixels = \"window:-600,1500,SIGMOID\"\n" +
      kOutput);
  CHECK(read.pixels == Pixels::kWindow);
  CHECK(read.window.centre == -600);
  CHECK(read.window.width == 1500);
  CHECK(read.window.function == WindowFunction::kSigmoid);
}

TEST_CASE("the card of the chest x-ray set is read, and its model's digest holds",
          "[explain][card]") {
  const auto path = test::shared("public/cxr/model.toml", 1);
  if (!path) return;
  const ModelCard card = read_card(*path);
  CHECK(card.classes.size() == 15);
  CHECK(card.resize == Resize::kPilBilinearU8);
  CHECK(card.mean == std::vector<double>{0.485});
  CHECK(card.layers.front() == "tail");
  CHECK(card.activation == Activation::kSoftmax);
}

TEST_CASE("an unknown key is refused with its line and the near names", "[explain][card]") {
  const Card card;
  const std::string said = card.refusal(kHead + kInput + "resise = \"area\"\n" + kOutput);
  CHECK(contains(said, "model.toml:8: input.resise"));
  CHECK(contains(said, "resize"));
  CHECK(contains(card.refusal("nmae = \"x\"\n" + kHead + kInput + kOutput), "model.toml:1: nmae"));
}

TEST_CASE("a model that does not match the card's sha256 is refused with the true one",
          "[explain][card]") {
  const Card card;
  const std::string said = card.refusal(kHead + "sha256 = \"00\"\n" + kInput + kOutput);
  CHECK(contains(said, "model.toml:4: "));
  CHECK(contains(said, sha256_hex("model bytes")));
}

TEST_CASE("what a card must say is asked for by name", "[explain][card]") {
  const Card card;
  CHECK(contains(card.refusal(kInput + kOutput), "format is missing"));
  CHECK(contains(card.refusal("format = 1\n" + kInput + kOutput), "file is missing"));
  CHECK(contains(card.refusal(kHead + kOutput), "input.shape is missing"));
  CHECK(contains(card.refusal(kHead + "[input]\nshape = [1, 2, 2]\nresize = \"none\"\n" + kOutput),
                 "input.pixels is missing"));
  CHECK(
      contains(card.refusal(kHead + "[input]\nshape = [1, 2, 2]\npixels = \"display\"\n" + kOutput),
               "input.resize is missing"));
  CHECK(contains(card.refusal(kHead + kInput), "output.kind is missing"));
  CHECK(contains(card.refusal("format = 1\nfile = \"none.pt\"\n" + kInput + kOutput),
                 "is not there"));
}

TEST_CASE("impossible values of a card are refused", "[explain][card]") {
  const Card card;
  const std::string line = GENERATE(
      as<std::string>{}, "mean = [0.1, 0.2]", "std = [0]", "std = [-1]", "scale = 0", "scale = nan",
      "range = [0, 1]", "normalise = \"zscore\"\nmean = [1]", "normalise = \"minmax\"\nscale = 2",
      "normalise = \"minmax\"\nrange = [1, 0]", "normalise = \"percentile:99,1\"",
      "normalise = \"percentile:1\"", "normalise = \"percentile:-1,50\"", "normalise = \"other\"",
      "fit = \"squash\"", "invert = \"monochrome1\"", "fit = 3", "mean = 0.5", "std = [\"a\"]");
  INFO(line);
  CHECK(contains(card.refusal(kHead + kInput + line + "\n" + kOutput), "model.toml:"));
}

TEST_CASE("impossible shapes, pixels and outputs are refused", "[explain][card]") {
  const Card card;
  const auto input = [](const std::string& shape, const std::string& pixels,
                        const std::string& resize) {
    return "[input]\nshape = " + shape + "\npixels = \"" + pixels + "\"\nresize = \"" + resize +
           "\"\n";
  };
  for (const std::string& text :
       {input("[224, 224]", "display", "area"), input("[1, 0, 4]", "display", "area"),
        input("[1, 2, 3, 4, 5]", "display", "area"), input("[1, 4.5, 4]", "display", "area"),
        input("[100000, 100000, 100000]", "display", "area"),
        input("[1, 4, 4]", "display", "pil_bilinear_u8"), input("[1, 4, 4]", "window:40", "area"),
        input("[1, 4, 4]", "window:file:0", "area"), input("[1, 4, 4]", "hu", "area"),
        input("[1, 4, 4]", "display", "bicubic")}) {
    INFO(text);
    CHECK(contains(card.refusal(kHead + text + kOutput), "model.toml:"));
  }
  for (const std::string text :
       {"[output]\nkind = \"logits\"\n", "[output]\nkind = \"logits\"\nclasses = []\n",
        "[output]\nkind = \"logits\"\nclasses = [\"a\", \"a\"]\n",
        "[output]\nkind = \"logits\"\nclasses = [\"a\"]\nthresholds = [0.1, 0.2]\n",
        "[output]\nkind = \"logits\"\nclasses = [\"\"]\n",
        "[output]\nkind = \"regression\"\nactivation = \"sigmoid\"\nclasses = [\"a\"]\n",
        "[output]\nkind = \"logits\"\nclasses = [\"a\"]\nselect = -1\n"}) {
    INFO(text);
    CHECK(contains(card.refusal(kHead + kInput + text), "model.toml:"));
  }
  CHECK(contains(card.refusal("format = 2\nfile = \"m.pt\"\n" + kInput + kOutput), "format 1"));
}

TEST_CASE("a class is found by name or index, else near names are given", "[explain][card]") {
  ModelCard card;
  card.classes = {"Effusion", "Edema", "1"};
  CHECK(class_index(card, "Edema") == 1);
  CHECK(class_index(card, "0") == 0);
  CHECK(class_index(card, "1") == 2);  // a name goes before an index
  try {
    class_index(card, "efusion");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kUsage);
    CHECK(contains(error.remedy, "Effusion"));
  }
  CHECK_THROWS_AS(class_index(card, "3"), Error);
  CHECK_THROWS_AS(class_index(card, "-1"), Error);
}
