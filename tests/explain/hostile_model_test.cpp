// Model files made to attack the program that loads them: refused with a reason, before LibTorch makes anything of
// them.
#include <fstream>
#include <functional>

#include "data/base/error.h"
#include "data/base/file.h"
#include "explain/model/torchscript_pickle.h"
#include "explain/model/whole_model.h"
#include "tests/explain/archive_parts.h"
#include "tests/support/catch.h"
#include "tests/support/shared.h"

using namespace rationale;
using namespace rationale::explain;
using test::replaced;
using Parts = std::map<std::string, std::string>;

namespace {

/// Code and message of the refusal; "accepted" if there is none.
std::string refusal(const std::filesystem::path& file) {
  try {
    examine(file);
    return "accepted";
  } catch (const Error& error) {
    CHECK(error.kind == Error::Kind::kInput);
    CHECK_FALSE(error.remedy.empty());
    CHECK_FALSE(error.where.empty());
    return error.code + ": " + error.what();
  }
}

std::string refusal_of(const std::string& model, const std::function<void(Parts&)>& change) {
  const TemporaryFolder folder;
  Parts parts = test::read_parts(test::in_tests("golden/models/" + model + ".pt"));
  change(parts);
  const auto file = folder.path() / "changed.pt";
  test::write_parts(file, parts);
  return refusal(file);
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

/// The pickle of the model's code file that holds `def NAME`.
std::string& code_with(Parts& parts, const std::string& word) {
  for (auto& [name, text] : parts) {
    if (name.rfind("code/", 0) == 0 && name.ends_with(".py") && text.find(word) != std::string::npos) return text;
  }
  FAIL("no code with " << word);
  return parts.begin()->second;
}

std::string pickle_verdict(const std::string& body, std::uint64_t part_size = 16) {
  try {
    torchscript::check_pickle("\x80\x02" + body, "data.pkl",
                              [&](const std::string& key) -> std::optional<std::uint64_t> {
                                if (key == "0") return part_size;
                                return std::nullopt;
                              },
                              "m.pt");
    return "accepted";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string text(const std::string& value) {
  return std::string("X") + static_cast<char>(value.size()) + std::string(3, '\0') + value;
}

/// A float tensor of the part KEY with `length` numbers, offset, one size and one stride below 256.
std::string tensor(int length, int offset, int size, int stride, const std::string& key = "0") {
  const auto n = [](int value) { return std::string("K") + static_cast<char>(value); };
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") +
         n(length) + "tQ" + n(offset) + n(size) + "\x85" + n(stride) + "\x85\x89" + "ccollections\nOrderedDict\n)RtR";
}

}  // namespace

TEST_CASE("A file taken apart and put together again is the same model", "[explain][hostile]") {
  CHECK(refusal_of("twice.scripted", [](Parts&) {}) == "accepted");
}

TEST_CASE("A tensor that claims more numbers than the file holds is refused", "[explain][hostile]") {
  // stem.weight: 108 floats [4, 3, 3, 3] in data/0, strides 27, 9, 3, 1.
  const std::string length = std::string("K") + 'l' + "tQ";
  const std::string sizes = "K\x04K\x03K\x03K\x03t", strides = "K\x1BK\x09K\x03K\x01t";
  contains(refusal_of("twice.scripted",
                      [&](Parts& p) { p["data.pkl"] = replaced(p["data.pkl"], length, "J\xFF\xFF\xFF\x0FtQ"); }),
           "a tensor is longer than the part \"0\"");
  contains(refusal_of("twice.scripted",
                      [&](Parts& p) { p["data.pkl"] = replaced(p["data.pkl"], sizes, "K\xFFK\x03K\x03K\x03t"); }),
           "a tensor reaches beyond its numbers");
  contains(refusal_of("twice.scripted",
                      [&](Parts& p) { p["data.pkl"] = replaced(p["data.pkl"], strides, "J\xFF\xFF\xFF\x0FK\x09K\x03K\x01t"); }),
           "a tensor reaches beyond its numbers");
  contains(refusal_of("twice.scripted", [&](Parts& p) { p["data/0"].resize(100); }),
           "a tensor is longer than the part \"0\"");
  contains(refusal_of("twice.scripted", [&](Parts& p) { p.erase("data/0"); }),
           "a tensor is longer than the part \"0\"");
}

TEST_CASE("An attribute that is not what the code declares is refused", "[explain][hostile]") {
  // training = False (bool) becomes None, a number, a list.
  for (const std::string value : {"N", "K\x01", "]"}) {
    contains(refusal_of("twice.scripted",
                        [&](Parts& p) {
                          p["data.pkl"] = replaced(p["data.pkl"], "trainingq\x01\x89", "trainingq\x01" + value);
                        }),
             "training is no bool");
  }
  // A submodule of another class than the code says: its methods would reach slots that are not there.
  contains(refusal_of("twice.scripted",
                      [](Parts& p) {
                        std::string& code = code_with(p, "class Twice");
                        code = replaced(code, "mid : __torch__.torch.nn.modules.conv.___torch_mangle_2.Conv2d",
                                        "mid : __torch__.torch.nn.modules.linear.___torch_mangle_3.Linear");
                      }),
           "not_torchscript");
}

TEST_CASE("Code that takes one kind of value for another is refused", "[explain][hostile]") {
  const auto with = [](const std::string& cast) {
    return refusal_of("twice.scripted", [&](Parts& p) {
      std::string& code = code_with(p, "class Twice");
      code = replaced(code, "(mid0).forward(a, )", "(mid0).forward(" + cast + ", )");
    });
  };
  contains(with("torch.reshape(a, unchecked_cast(List[int], x))"), "operator_not_allowed: an unchecked cast from Tensor to int[]");
  contains(with("unchecked_cast(Tensor, 94110)"), "an unchecked cast from int to Tensor");
  CHECK(with("unchecked_cast(Tensor, annotate(Optional[Tensor], a))") == "accepted");
}

TEST_CASE("Code that runs while a file is loaded is found however it is written", "[explain][hostile]") {
  for (const std::string spacing : {"def  __setstate__(", "def __setstate__ (", "def\t__setstate__("}) {
    std::filesystem::remove("rationale-test-was-here");
    contains(refusal_of("set_state.scripted",
                        [&](Parts& p) {
                          std::string& code = code_with(p, "def __setstate__(");
                          code = replaced(code, "def __setstate__(", spacing);
                        }),
             "operator_not_allowed: a class of the file runs code while it is loaded");
    CHECK_FALSE(std::filesystem::exists("rationale-test-was-here"));
  }
}

TEST_CASE("Objects that a model file may not hold are named", "[explain][hostile]") {
  const std::string own = "c__torch__.___torch_mangle_16\nTwice\n";
  const struct {
    const char* global;
    const char* word;
  } cases[] = {{"c__torch__.torch.classes.quantized\nConv2dPackedParamsBase\n", "custom C++ class"},
               {"c__torch__.torch\nclasses.quantized.Conv2dPackedParamsBase\n", "custom C++ class"},
               {"ctorch._utils\n_rebuild_qtensor\n", "a quantised tensor"},
               {"ctorch\nQInt8Storage\n", "a quantised tensor"},
               {"ctorch._utils\n_rebuild_sparse_tensor\n", "a sparse tensor"},
               {"ctorch.distributed.rpc\nrref\n", "another machine"},
               {"cos\nsystem\n", "an object of os.system"}};
  for (const auto& [global, word] : cases) {
    contains(refusal_of("twice.scripted", [&](Parts& p) { p["data.pkl"] = replaced(p["data.pkl"], own, global); }), word);
  }
}

TEST_CASE("Pickles are read as LibTorch would, and stricter", "[explain][hostile]") {
  CHECK(pickle_verdict(tensor(4, 0, 4, 1) + ".") == "accepted");
  CHECK(pickle_verdict(tensor(4, 3, 1, 1) + ".") == "accepted");
  CHECK(pickle_verdict(tensor(4, 0, 2, 3) + ".") == "accepted");
  CHECK(pickle_verdict(tensor(4, 0, 0, 9) + ".") == "accepted");  // no element reaches anywhere
  CHECK(pickle_verdict(tensor(0, 0, 0, 1, "none") + ".") == "accepted");
  contains(pickle_verdict(tensor(4, 1, 4, 1) + "."), "reaches beyond");
  contains(pickle_verdict(tensor(4, 0, 3, 2) + "."), "reaches beyond");
  contains(pickle_verdict(tensor(5, 0, 4, 1) + "."), "longer than the part");
  contains(pickle_verdict(tensor(4, 0, 4, 1, "1") + "."), "longer than the part");
  contains(pickle_verdict(tensor(4, 0, 4, 1)), "cut off");
  contains(pickle_verdict("NN."), "left over");
  contains(pickle_verdict("."), "left over");
  contains(pickle_verdict("(."), "left over");
  contains(pickle_verdict("t."), "a mark is missing");
  contains(pickle_verdict("\x86."), "a value is missing");
  contains(pickle_verdict("N(\x85."), "a value is missing");             // would reach below the mark
  contains(pickle_verdict("}(Nu."), "entries without their dict");       // half an entry
  contains(pickle_verdict("}()Nu."), "a dict's key");                    // hashing nested tuples never ends
  contains(pickle_verdict("N(Ne."), "items without their list");
  contains(pickle_verdict("h\x05."), "never remembered");
  contains(pickle_verdict("Nr\xFF\xFF\xFF\xFF."), "a gap");              // a table of 64 GB
  contains(pickle_verdict("]q" + std::string(1, '\0') + "(h" + std::string(1, '\0') + "e."), "within itself");
  contains(pickle_verdict("K\x01)R."), "no function");                   // a number in a function's place
  contains(pickle_verdict("K\x01)\x81."), "an object of no class");
  contains(pickle_verdict("N" + std::string(100, '\x85') + "."), "nested more than 64 deep");
  contains(pickle_verdict("X\xFF\xFF\xFF\x7Fx."), "cut off");
  contains(pickle_verdict("\x8A\x02xx."), "another length");
  contains(pickle_verdict("S'a'\n."), "does not write");
  for (int code = 0; code < 256; ++code) {  // no operation alone does any harm
    CHECK(pickle_verdict(std::string(1, static_cast<char>(code))) != "accepted");
  }
}

TEST_CASE("A file that two readers would read differently is refused", "[explain][hostile]") {
  const TemporaryFolder folder;
  const std::string whole = read_file(test::in_tests("golden/models/twice.scripted.pt"));
  const auto verdict = [&](const std::string& bytes) {
    const auto file = folder.path() / "model.pt";
    std::ofstream(file, std::ios::binary) << bytes;
    return refusal(file);
  };
  CHECK(verdict(whole) == "accepted");
  std::string flatbuffer = whole;
  flatbuffer.replace(4, 4, "PTMF");  // what LibTorch takes for a flatbuffer
  contains(verdict(flatbuffer), "not_torchscript");
  contains(verdict("x" + whole), "not_torchscript");
  contains(verdict(whole + "tail"), "not_torchscript");
  contains(verdict(whole + whole), "not_torchscript");
  contains(refusal_of("twice.scripted",
                      [](Parts& p) { p["DATA.pkl"] = p["data.pkl"]; }),
           "not_torchscript");
  contains(refusal_of("twice.scripted",
                      [](Parts& p) {
                        std::string& code = code_with(p, "class Twice");
                        code += "\n# " + std::string(1000, '(');
                      }),
           "brackets nested");
}
