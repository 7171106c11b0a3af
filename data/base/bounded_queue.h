// The one queue between threads: holds at most so many items, so that a fast producer waits for a
// slow consumer instead of filling the memory.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace rationale {

/// Many producers, many consumers, first in, first out. Either side may close: then pushes are
/// refused at once and pops hand out what is left. Every function may be called from any thread.
template <typename T>
class BoundedQueue {
 public:
  /// @pre capacity > 0
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}
  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  /// Waits for room. False (and the item is dropped) once the queue is closed.
  bool push(T item) {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return is_closed_ || items_.size() < capacity_; });
    if (is_closed_) return false;
    items_.push_back(std::move(item));
    has_item_.notify_one();
    return true;
  }

  /// Waits for an item. Nothing once the queue is closed and empty.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    has_item_.wait(lock, [this] { return is_closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    has_room_.notify_one();
    return item;
  }

  /// No further items. Wakes all who wait.
  void close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    has_room_.notify_all();
    has_item_.notify_all();
  }

  /// Closes and drops what nobody has taken: for a consumer that gives up.
  void cancel() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    items_.clear();
    has_room_.notify_all();
    has_item_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable has_room_, has_item_;
  std::deque<T> items_;     // guarded by mutex_
  bool is_closed_ = false;  // guarded by mutex_
};

}  // namespace rationale
