// Model files with random faults: the loader refuses or accepts them, and never goes down. Each round runs in a
// process of its own, so that a crash is found and told with its seed. RATIONALE_MUTATIONS says how many.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "data/base/error.h"
#include "data/base/file.h"
#include "explain/model/torch_environment.h"
#include "explain/model/whole_model.h"
#include "tests/explain/archive_parts.h"
#include "tests/support/catch.h"
#include "tests/support/in_child.h"
#include "tests/support/shared.h"

using namespace rationale;
using Parts = std::map<std::string, std::string>;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t n) { return n == 0 ? 0 : random() % n; }

void change_bytes(std::string& bytes, Random& random) {
  if (bytes.empty()) return;
  const std::size_t at = below(random, bytes.size());
  switch (below(random, 6)) {
    case 0: bytes[at] = static_cast<char>(random()); break;
    case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(random, 8))); break;
    case 2: bytes.erase(at, 1 + below(random, 16)); break;
    case 3: bytes.insert(at, bytes.substr(below(random, bytes.size()), 1 + below(random, 32))); break;
    case 4: bytes.resize(at); break;
    default: {  // a length or number at its limits
      static const std::string numbers[] = {std::string(4, '\0'), "\xFF\xFF\xFF\x7F", "\xFF\xFF\xFF\xFF", "\x01",
                                            std::string("\x00\x00\x00\x80", 4)};
      const std::string& number = numbers[below(random, 5)];
      bytes.replace(at, std::min(number.size(), bytes.size() - at), number);
    }
  }
}

/// Words of TorchScript's own code, moved, doubled, exchanged or set in brackets.
void change_code(std::string& code, Random& random) {
  static const std::string words[] = {"self",  "x",      "torch.relu", "None",  "1e400",   "-9223372036854775808", "[]",
                                      "{}",    "CONSTANTS.c0", "__torch__", "List[int]", "Optional[Tensor]", "ops.prim.id",
                                      "torch.as_strided(x, [1], [1], 0)", "annotate(int, x)", "unchecked_cast(Tensor, 1)",
                                      "uninitialized(Tensor)", "while True:", "if x:\n      pass", "return", "\n", "\t",
                                      "# ", "'", "\"\"\"", "def", "class A(Module):", "getattr(self, \"x\")", "fork", "ops."};
  const std::size_t at = below(random, code.size());
  switch (below(random, 5)) {
    case 0: code.insert(at, words[below(random, std::size(words))]); break;
    case 1: {
      const std::size_t line = code.find('\n', at), next = code.find('\n', line + 1);
      if (next != std::string::npos) code.insert(line, code.substr(line, next - line));
      break;
    }
    case 2: {
      const std::size_t line = code.find('\n', at), next = code.find('\n', line + 1);
      if (next != std::string::npos) code.erase(line, next - line);
      break;
    }
    case 3: {
      const std::size_t n = 1 + below(random, 300);
      code.insert(at, std::string(n, "([{-~"[below(random, 5)]));
      break;
    }
    default: change_bytes(code, random);
  }
}

/// Loads it, as everything does first. @return whether the file was accepted
bool survives(const std::filesystem::path& file) {
  try {
    explain::examine(file);
    return true;
  } catch (const Error& error) {
    return error.kind == Error::Kind::kInternal ? throw std::runtime_error(error.what()) : false;
  }
}

void mutate_once(const std::vector<std::filesystem::path>& files, const std::filesystem::path& out, unsigned seed) {
  Random random(seed);
  const auto& file = files[below(random, files.size())];
  const std::size_t n_changes = 1 + below(random, 4);
  if (below(random, 3) == 0) {  // the archive itself
    std::string bytes = read_file(file);
    for (std::size_t i = 0; i < n_changes; ++i) change_bytes(bytes, random);
    std::ofstream(out, std::ios::binary) << bytes;
  } else {
    Parts parts = test::read_parts(file);
    for (std::size_t i = 0; i < n_changes; ++i) {
      auto part = parts.begin();
      std::advance(part, static_cast<std::ptrdiff_t>(below(random, parts.size())));
      if (below(random, 2) == 0) part = parts.find("data.pkl");
      if (part->first.rfind("code/", 0) == 0) {
        change_code(part->second, random);
      } else {
        change_bytes(part->second, random);
      }
    }
    std::filesystem::remove(out);
    test::write_parts(out, parts);
  }
  survives(out);
}

}  // namespace

TEST_CASE("Model files with random faults never bring the loader down", "[explain][hostile]") {
  explain::set_threads(1);
  std::vector<std::filesystem::path> files;
  for (const char* name : {"twice.scripted", "dict_out.scripted", "tuple_out.traced", "run_time_loop.scripted",
                           "default_input.scripted", "buffer_written.scripted", "in_place.traced"}) {
    files.push_back(test::in_tests(std::string("golden/models/") + name + ".pt"));
  }
  const char* given = std::getenv("RATIONALE_MUTATIONS");
  const unsigned n = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 240;
  const char* start = std::getenv("RATIONALE_MUTATIONS_FROM");
  const unsigned first = start != nullptr ? static_cast<unsigned>(std::strtoul(start, nullptr, 10)) : 1;
  const TemporaryFolder folder;
  constexpr unsigned kInOneChild = 40;
  for (unsigned from = first; from < first + n; from += kInOneChild) {
    const auto noted = folder.path() / "seed";
    const std::string wrong = test::in_child([&](test::ChildFacts& facts) {
      for (unsigned seed = from; seed < std::min(from + kInOneChild, first + n); ++seed) {
        ::alarm(60);  // a hang is a crash too
        std::ofstream(noted) << seed;
        try {
          mutate_once(files, folder.path() / "mutant.pt", seed);
        } catch (const std::exception& error) {
          facts.check(false, "seed " + std::to_string(seed) + ": " + error.what());
        }
      }
    });
    INFO("last seed " << read_file(noted));
    CHECK(wrong == "");
  }
}
