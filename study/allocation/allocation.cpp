#include "study/allocation/allocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "data/base/error.h"

namespace rationale::study {
namespace {

using Ids = std::vector<std::string>;

/// A part of a split-plot study; other designs have one.
struct Block {
  Ids readers;                                 ///< in protocol order
  std::map<std::string, std::vector<const AllocationCase*>> strata;  ///< canonical order inside
};

/// (reader, case) → row of the sequence table.
using Sequences = std::map<std::pair<std::string, std::string>, int>;

[[noreturn]] void bad(const std::string& what) {
  throw Error(Error::Kind::kInput, what, "the allocation's input").with_code("bad_allocation");
}

std::string stratum_key(const AllocationCase& one, const Design& design) {
  std::string key = design.stratify_by_truth ? one.truth : "";
  bool is_first = !design.stratify_by_truth;
  for (const std::string& column : design.strata) {
    const auto cell = one.columns.find(column);
    if (cell == one.columns.end()) bad(fmt::format("case {} has no \"{}\"", one.id, column));
    key += (is_first ? "" : "|") + cell->second;
    is_first = false;
  }
  return key;
}

std::vector<Block> make_blocks(const AllocationInput& input, const Seed& seed) {
  const Design& design = input.design;
  std::vector<const AllocationCase*> cases;
  for (const AllocationCase& one : input.cases) cases.push_back(&one);
  std::ranges::sort(cases, {}, &AllocationCase::id);
  std::map<std::string, std::vector<const AllocationCase*>> strata;
  for (const AllocationCase* one : cases) strata[stratum_key(*one, design)].push_back(one);

  const bool is_split = design.kind == DesignKind::kSplitPlot;
  std::vector<Block> blocks(is_split ? static_cast<std::size_t>(design.blocks) : 1);
  if (!is_split) {
    blocks[0] = {input.readers, strata};
    return blocks;
  }
  Ids shuffled = input.readers;
  Stream(seed, "alloc/readblocks").shuffle(shuffled);
  for (const std::string& reader : input.readers) {
    const auto place = std::ranges::find(shuffled, reader) - shuffled.begin();
    blocks[static_cast<std::size_t>(place) % blocks.size()].readers.push_back(reader);
  }
  std::size_t counter = 0;
  for (auto& [key, members] : strata) {
    Stream(seed, "alloc/caseblocks/" + key).shuffle(members);
    for (Block& block : blocks) block.strata[key];
    for (const AllocationCase* one : members) blocks[counter++ % blocks.size()].strata[key].push_back(one);
  }
  for (Block& block : blocks) {
    for (auto& [key, members] : block.strata) std::ranges::sort(members, {}, &AllocationCase::id);
  }
  return blocks;
}

/// A fresh random Latin square for every run of S cases x S readers inside a stratum.
void latin_sequences(const Block& block, std::size_t block_index, int n_sequences, const Seed& seed,
                     Sequences& sequences) {
  const auto s = static_cast<std::size_t>(n_sequences);
  for (const auto& [key, members] : block.strata) {
    Stream stream(seed, fmt::format("alloc/latin/b{}/{}", block_index, key));
    std::vector<const AllocationCase*> cases = members;
    stream.shuffle(cases);
    for (std::size_t first_case = 0; first_case < cases.size(); first_case += s) {
      Ids readers = block.readers;
      stream.shuffle(readers);
      for (std::size_t first_reader = 0; first_reader < readers.size(); first_reader += s) {
        const std::vector<int> rp = stream.permutation(n_sequences);
        const std::vector<int> cp = stream.permutation(n_sequences);
        const std::vector<int> sy = stream.permutation(n_sequences);
        for (std::size_t i = 0; i < s && first_reader + i < readers.size(); ++i) {
          for (std::size_t k = 0; k < s && first_case + k < cases.size(); ++k) {
            sequences[{readers[first_reader + i], cases[first_case + k]->id}] =
                sy[static_cast<std::size_t>((rp[i] + cp[k]) % n_sequences)];
          }
        }
      }
    }
  }
}

/// One sequence (parallel: one arm) a reader, for all its cases.
void reader_sequences(const Block& block, std::size_t block_index, int n, const Seed& seed,
                      Sequences& sequences) {
  Stream stream(seed, fmt::format("alloc/readers/b{}", block_index));
  Ids readers = block.readers;
  stream.shuffle(readers);
  const auto run = static_cast<std::size_t>(n);
  for (std::size_t first = 0; first < readers.size(); first += run) {
    const std::vector<int> drawn = stream.permutation(n);
    for (std::size_t k = 0; k < run && first + k < readers.size(); ++k) {
      for (const auto& [key, members] : block.strata) {
        for (const AllocationCase* one : members) sequences[{readers[first + k], one->id}] = drawn[k];
      }
    }
  }
}

/// The order of one reader's period: cases of each arm shuffled, then arms joined or dealt in blocks.
std::vector<std::pair<std::string, std::string>> order_of(
    std::vector<std::pair<std::string, Ids>> by_arm, const Design& design, Stream stream) {
  for (auto& [arm, cases] : by_arm) stream.shuffle(cases);
  std::vector<std::pair<std::string, std::string>> order;  // (case, arm)
  if (design.order == Order::kRandom) {
    for (const auto& [arm, cases] : by_arm) {
      for (const std::string& one : cases) order.emplace_back(one, arm);
    }
    stream.shuffle(order);
    return order;
  }
  std::vector<std::size_t> next(by_arm.size(), 0);
  for (;;) {
    std::vector<std::size_t> dealt;
    for (std::size_t a = 0; a < by_arm.size(); ++a) {
      const std::size_t left = by_arm[a].second.size() - next[a];
      dealt.insert(dealt.end(), std::min(left, static_cast<std::size_t>(design.order_block)), a);
    }
    if (dealt.empty()) return order;
    stream.shuffle(dealt);
    for (const std::size_t a : dealt) {
      order.emplace_back(by_arm[a].second[next[a]++], by_arm[a].first);
    }
  }
}

Ids case_ids(const Block& block) {
  Ids ids;
  for (const auto& [key, members] : block.strata) {
    for (const AllocationCase* one : members) ids.push_back(one->id);
  }
  std::ranges::sort(ids);
  return ids;
}

void check_input(const AllocationInput& input) {
  if (input.readers.empty() || input.cases.empty() || input.design.arms.empty()) {
    bad("an allocation needs arms, readers and cases");
  }
  std::set<std::string> seen;
  for (const AllocationCase& one : input.cases) {
    if (!seen.insert(one.id).second) bad(fmt::format("case {} stands twice", one.id));
  }
  if (std::set<std::string>(input.readers.begin(), input.readers.end()).size() !=
      input.readers.size()) {
    bad("a reader stands twice");
  }
}

/// All rows of one reader.
void add_reader(const AllocationInput& input, const Seed& seed, const Block& block,
                std::size_t block_index, const std::string& reader, const Sequences& sequences,
                std::vector<Assignment>& rows) {
  const Design& design = input.design;
  const bool is_sequential = design.kind == DesignKind::kSequential;
  const auto table = williams_sequences(static_cast<int>(design.arms.size()));
  const Ids arms = is_sequential ? Ids{fmt::format("{}", fmt::join(design.arms, ">"))} : design.arms;
  const int n_periods = design.kind == DesignKind::kCrossover || design.kind == DesignKind::kSplitPlot
                            ? static_cast<int>(design.arms.size())
                            : 1;
  const Ids cases = case_ids(block);
  const auto codes = blind_codes(seed, reader, cases);
  for (int period = 1; period <= n_periods; ++period) {
    std::vector<std::pair<std::string, Ids>> by_arm;
    for (const std::string& arm : arms) by_arm.emplace_back(arm, Ids{});
    for (const std::string& one : cases) {
      const int sequence = is_sequential ? 0 : sequences.at({reader, one});
      const int arm = is_sequential ? 0
                                    : table[static_cast<std::size_t>(sequence)]
                                           [static_cast<std::size_t>(period - 1)];
      by_arm[static_cast<std::size_t>(arm)].second.push_back(one);
    }
    const auto order =
        order_of(std::move(by_arm), design, Stream(seed, fmt::format("order/{}/{}", reader, period)));
    const std::size_t first_row = rows.size();
    const auto add = [&](const std::string& one, const std::string& arm, bool is_repeat) {
      rows.push_back({reader, static_cast<int>(block_index), period,
                      static_cast<int>(rows.size() - first_row) + 1, one, arm,
                      is_sequential ? 0 : sequences.at({reader, one}), is_repeat, codes.at(one)});
    };
    for (const auto& [one, arm] : order) add(one, arm, false);
    if (period == n_periods && design.repeats > 0) {
      auto early = std::vector(order.begin(), order.begin() + std::ssize(order) / 2);
      Stream(seed, "repeats/" + reader).shuffle(early);
      const auto n = std::min(early.size(), static_cast<std::size_t>(design.repeats));
      for (std::size_t k = 0; k < n; ++k) add(early[k].first, early[k].second, true);
    }
  }
}

}  // namespace

std::vector<std::vector<int>> williams_sequences(int n_arms) {
  std::vector<int> first{0};
  for (int p = 1; p < n_arms; ++p) first.push_back(p % 2 == 1 ? (p + 1) / 2 : n_arms - p / 2);
  std::vector<std::vector<int>> rows;
  for (int q = 0; q < n_arms; ++q) {
    std::vector<int> row;
    for (const int b : first) row.push_back((b + q) % n_arms);
    rows.push_back(std::move(row));
  }
  if (n_arms % 2 == 1 && n_arms > 1) {
    for (int q = 0; q < n_arms; ++q) {
      const std::vector<int>& row = rows[static_cast<std::size_t>(q)];
      rows.emplace_back(row.rbegin(), row.rend());
    }
  }
  return rows;
}

std::map<std::string, std::string> blind_codes(const Seed& seed, const std::string& reader,
                                               std::vector<std::string> cases, int n_characters) {
  using namespace std::string_view_literals;
  std::ranges::sort(cases);
  std::map<std::string, std::string> codes;
  std::set<std::string> taken;
  for (const std::string& one : cases) {
    std::string message("rationale/study/blind/v1\0"sv);
    message += reader;
    message += '\0';
    message += one;
    const auto code_of = [&](const std::string& text) {
      return crockford_base32(hmac_sha256(seed.bytes, text),
                              static_cast<std::size_t>(n_characters));
    };
    std::string code = code_of(message);
    for (int k = 1; taken.contains(code); ++k) {
      code = code_of(message + '\0' + std::to_string(k));
    }
    taken.insert(code);
    codes[one] = code;
  }
  return codes;
}

std::vector<Assignment> allocate(const AllocationInput& input, const Seed& seed) {
  check_input(input);
  const Design& design = input.design;
  const int n_arms = static_cast<int>(design.arms.size());
  const int n_sequences = static_cast<int>(williams_sequences(n_arms).size());
  const std::vector<Block> blocks = make_blocks(input, seed);
  Sequences sequences;
  for (std::size_t g = 0; g < blocks.size(); ++g) {
    if (design.kind == DesignKind::kSequential) continue;
    if (design.kind == DesignKind::kParallel) {
      reader_sequences(blocks[g], g, n_arms, seed, sequences);
    } else if (design.unit == Unit::kReader) {
      reader_sequences(blocks[g], g, n_sequences, seed, sequences);
    } else {
      latin_sequences(blocks[g], g, n_sequences, seed, sequences);
    }
  }
  std::vector<Assignment> rows;
  for (const std::string& reader : input.readers) {
    for (std::size_t g = 0; g < blocks.size(); ++g) {
      if (std::ranges::find(blocks[g].readers, reader) == blocks[g].readers.end()) continue;
      add_reader(input, seed, blocks[g], g, reader, sequences, rows);
    }
  }
  return rows;
}

std::map<std::pair<std::string, std::string>, ClassCounts> class_counts(
    const std::vector<Assignment>& rows, const std::map<std::string, std::string>& truth,
    const std::string& positive) {
  std::map<std::pair<std::string, std::string>, ClassCounts> counts;
  for (const Assignment& row : rows) {
    if (row.is_repeat) continue;
    ClassCounts& count = counts[{row.reader, row.arm}];
    ++(truth.at(row.case_id) == positive ? count.positive : count.negative);
  }
  return counts;
}

}  // namespace rationale::study
