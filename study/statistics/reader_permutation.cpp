#include "study/statistics/reader_permutation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "data/samples/stream.h"

namespace rationale::study {
namespace {

constexpr double kMostExact = 3e6;
constexpr int kDrawn = 99999;
constexpr double kRounding = 1e-12;  // of sums of rates
constexpr std::uint64_t kDraws = 3;  // a stream of its own

/// Readers who could have had each other's arm: rates less their mean, and how many had the second arm.
struct Group {
  std::vector<double> rate;
  std::vector<bool> is_second;
  int n_second = 0;

  bool has_both_arms() const { return n_second > 0 && static_cast<std::size_t>(n_second) < rate.size(); }
  double n_draws() const {
    double n = 1;
    for (int k = 0; k < n_second; ++k) n *= static_cast<double>(rate.size() - static_cast<std::size_t>(k)) / (k + 1);
    return std::round(n);
  }
  double observed() const {
    double sum = 0;
    for (std::size_t k = 0; k < rate.size(); ++k) sum += is_second[k] ? rate[k] : 0;
    return sum;
  }
};

std::vector<Group> groups_of(const StudyReadings& s, const std::vector<ReaderCalls>& readers) {
  const std::vector<int> block = reader_blocks(s);
  std::map<int, Group> of_block;
  for (const ReaderCalls& one : readers) {
    Group& group = of_block[block[static_cast<std::size_t>(std::ranges::find(s.readers, one.reader) - s.readers.begin())]];
    group.rate.push_back(static_cast<double>(one.positive) / one.n);
    group.is_second.push_back(one.arm == 1);
    group.n_second += one.arm;
  }
  std::vector<Group> groups;
  for (auto& [number, group] : of_block) {
    const double mean = std::accumulate(group.rate.begin(), group.rate.end(), 0.0) / static_cast<double>(group.rate.size());
    for (double& rate : group.rate) rate -= mean;
    groups.push_back(std::move(group));
  }
  return groups;
}

/// All sums of `left` of the rates from `first` on.
template <typename Take>
void all_sums(const std::vector<double>& rate, std::size_t first, int left, double sum, const Take& take) {
  if (left == 0) return take(sum);
  for (std::size_t j = first; j + static_cast<std::size_t>(left) <= rate.size(); ++j) all_sums(rate, j + 1, left - 1, sum + rate[j], take);
}

template <typename Take>
void all_draws(const std::vector<Group>& groups, std::size_t first, double sum, const Take& take) {
  if (first == groups.size()) return take(sum);
  all_sums(groups[first].rate, 0, groups[first].n_second, sum, [&](double next) { all_draws(groups, first + 1, next, take); });
}

double drawn_sum(std::vector<Group>& groups, samples::Stream& stream) {
  double sum = 0;
  for (Group& group : groups) {
    const auto n = static_cast<std::size_t>(group.n_second);
    for (std::size_t k = 0; k < n; ++k) {
      const auto other = k + static_cast<std::size_t>(stream.uniform() * static_cast<double>(group.rate.size() - k));
      std::swap(group.rate[k], group.rate[other]);
      sum += group.rate[k];
    }
  }
  return sum;
}

}  // namespace

std::vector<int> reader_blocks(const StudyReadings& s) {
  std::vector<int> block(s.readers.size());
  std::iota(block.begin(), block.end(), 0);
  std::map<std::pair<bool, int>, int> reader_of;
  for (const ReadingRecord& one : s.records) {
    const int other = reader_of.try_emplace({one.is_diseased, one.case_index}, one.reader).first->second;
    const auto [low, high] = std::minmax(block[static_cast<std::size_t>(one.reader)], block[static_cast<std::size_t>(other)]);
    std::ranges::replace(block, int{high}, int{low});
  }
  return block;
}

std::optional<std::vector<ReaderCalls>> readers_in_one_arm(const StudyReadings& s, bool diseased_cases) {
  std::map<int, ReaderCalls> readers;
  for (const ReadingRecord& one : s.records) {
    if (one.is_diseased != diseased_cases || !one.is_positive) continue;
    ReaderCalls& own = readers.try_emplace(one.reader, ReaderCalls{s.readers[static_cast<std::size_t>(one.reader)], one.arm}).first->second;
    if (own.arm != one.arm) return std::nullopt;
    ++own.n;
    own.positive += *one.is_positive ? 1 : 0;
  }
  std::vector<ReaderCalls> result;
  for (auto& [reader, calls] : readers) result.push_back(std::move(calls));
  for (int arm = 0; arm < static_cast<int>(s.arms.size()); ++arm) {
    if (std::ranges::none_of(result, [&](const ReaderCalls& one) { return one.arm == arm; })) return std::nullopt;
  }
  return result;
}

std::variant<ReaderPermutation, NotEstimable> reader_permutation(const StudyReadings& s, std::vector<ReaderCalls> readers,
                                                                 std::uint64_t seed) {
  std::vector<Group> groups = groups_of(s, readers);
  if (std::ranges::none_of(groups, &Group::has_both_arms)) {
    return NotEstimable{"not_randomised", "no readers who read the same cases were in different arms: arms and cases cannot be told apart", {}, {}};
  }
  ReaderPermutation result;
  double observed = 0, n_second = 0;
  for (const Group& group : groups) {
    observed += group.observed();
    n_second += group.n_second;
    result.n_draws *= group.n_draws();
  }
  // The sum of the second arm's rates says all: within a block the first arm's are what is left.
  result.estimate = observed * (1 / n_second + 1 / (static_cast<double>(readers.size()) - n_second));
  result.readers = std::move(readers);
  result.is_exact = result.n_draws <= kMostExact;
  std::vector<double> sums;
  if (result.is_exact) {
    all_draws(groups, 0, 0, [&](double sum) { sums.push_back(sum); });
  } else {
    sums.push_back(observed);
    samples::Stream stream(seed, 0, kDraws);
    for (int draw = 0; draw < kDrawn; ++draw) sums.push_back(drawn_sum(groups, stream));
  }
  const auto share = [&](const auto& counts) {
    return static_cast<double>(std::ranges::count_if(sums, counts)) / static_cast<double>(sums.size());
  };
  const auto p_at_least = [&](double size) { return share([&](double sum) { return std::abs(sum) >= size - kRounding; }); };
  result.p_two_sided = p_at_least(std::abs(observed));
  result.p_decrease = share([&](double sum) { return sum <= observed + kRounding; });
  result.smallest_p = p_at_least(std::abs(*std::ranges::max_element(sums, {}, [](double sum) { return std::abs(sum); })));
  return result;
}

}  // namespace rationale::study
