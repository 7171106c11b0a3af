#include "study/protocol/protocol.h"

#include <algorithm>

namespace rationale::study {
namespace {

template <typename Value>
const Value* find_by_id(const std::vector<Value>& values, const std::string& id) {
  const auto found = std::ranges::find(values, id, &Value::id);
  return found == values.end() ? nullptr : &*found;
}

}  // namespace

bool Arm::shows_what(const std::string& what) const {
  return std::ranges::find(shows, what) != shows.end();
}

const Arm* Protocol::find_arm(const std::string& id) const { return find_by_id(arms, id); }

const Question* Protocol::find_question(const std::string& id) const {
  return find_by_id(questions, id);
}

const ReaderFacts* Protocol::find_reader(const std::string& id) const {
  return find_by_id(readers, id);
}

}  // namespace rationale::study
