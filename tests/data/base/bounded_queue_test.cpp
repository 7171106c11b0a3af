#include "data/base/bounded_queue.h"

#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/support/catch.h"

using namespace rationale;

TEST_CASE("every item pushed by several threads is popped exactly once", "[data][queue]") {
  constexpr int kEach = 2000;
  BoundedQueue<int> queue(3);
  std::atomic<long long> sum{0};
  std::atomic<int> count{0};
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i) {
      consumers.emplace_back([&] {
        while (const auto item = queue.pop()) {
          sum += *item;
          ++count;
        }
      });
    }
    {
      std::vector<std::jthread> producers;
      for (int i = 0; i < 4; ++i) {
        producers.emplace_back([&, i] {
          for (int k = 0; k < kEach; ++k) queue.push(i * kEach + k);
        });
      }
    }
    queue.close();
  }
  CHECK(count == 4 * kEach);
  CHECK(sum == 4LL * kEach * (4LL * kEach - 1) / 2);
}

TEST_CASE("a closed queue refuses pushes and hands out what is left", "[data][queue]") {
  BoundedQueue<int> queue(4);
  CHECK(queue.push(1));
  queue.close();
  CHECK_FALSE(queue.push(2));
  CHECK(queue.pop() == 1);
  CHECK(queue.pop() == std::nullopt);
}

TEST_CASE("cancelling frees a producer that waits for room", "[data][queue]") {
  BoundedQueue<int> queue(1);
  queue.push(1);
  bool was_accepted = true;
  {
    const std::jthread producer([&] { was_accepted = queue.push(2); });
    queue.cancel();
  }
  CHECK_FALSE(was_accepted);
  CHECK(queue.pop() == std::nullopt);
}
