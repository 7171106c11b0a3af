#include "explain/pipeline/fit_memory.h"

#include <algorithm>
#include <initializer_list>
#include <new>
#include <string_view>

#include "data/base/error.h"

namespace rationale::explain {
namespace {

std::string kind_of(const std::string& device) { return device.substr(0, device.find(':')); }

}  // namespace

bool is_out_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (const auto* own = dynamic_cast<const Error*>(&error); own != nullptr && own->code == "out_of_memory") return true;
  const std::string_view what = error.what();
  return std::ranges::any_of(std::initializer_list<std::string_view>{"out of memory", "can't allocate memory", "bad_alloc"},
                             [&](std::string_view words) { return what.find(words) != std::string_view::npos; });
}

FittedNetwork fit_to_memory(int batch, const std::string& device, const MakeNetwork& make) {
  std::vector<MemoryStep> steps;
  std::string where = device;
  for (int now = batch;;) {
    try {
      FittedNetwork fitted = make(now, where);
      for (const MemoryStep& own : fitted.explainer->memory_steps()) steps.push_back({0, own.batch, kind_of(where)});
      fitted.steps = std::move(steps);
      return fitted;
    } catch (const std::exception& error) {
      if (!is_out_of_memory(error)) throw;
      if (now > 1) {
        now = (now + 1) / 2;
      } else if (where != "cpu") {
        where = "cpu";
        now = batch;
      } else {
        throw Error(Error::Kind::kEnvironment, "the memory does not hold one film of this model", {},
                    "use a machine with more memory, or a smaller model")
            .with_code("out_of_memory");
      }
      steps.push_back({0, static_cast<std::size_t>(now), kind_of(where)});
    }
  }
}

}  // namespace rationale::explain
