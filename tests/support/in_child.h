// Runs a piece of a test in a process of its own: for what cannot be undone, or ends the process.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace rationale::test {

/// What the child says of itself: facts that do not hold.
class ChildFacts {
 public:
  void check(bool holds, const std::string& fact) {
    if (!holds) wrong_.push_back(fact);
  }
  const std::vector<std::string>& wrong() const { return wrong_; }

 private:
  std::vector<std::string> wrong_;
};

/// Forks, runs `body` in the child and waits. @return the facts that did not hold, one a line, and how the child
/// ended if it did not end by itself; empty = all held
std::string in_child(const std::function<void(ChildFacts&)>& body);

/// From here on these system calls fail with ENOSYS in this process and what it starts, as on a kernel without them.
void pretend_calls_are_missing(const std::vector<long>& calls);
/// Landlock's calls, and seccomp's.
std::vector<long> landlock_calls();
std::vector<long> seccomp_calls();

}  // namespace rationale::test
