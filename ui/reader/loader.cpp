#include "ui/reader/loader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace rationale::ui {

ItemLoader::ItemLoader(Read read, std::function<void()> notify)
    : read_(std::move(read)), notify_(std::move(notify)), thread_([this](const std::stop_token& stop) { work(stop); }) {}

void ItemLoader::want(const std::vector<int>& positions) {
  const std::lock_guard lock(mutex_);
  if (positions == wanted_ && faults_.empty()) return;
  wanted_ = positions;
  const auto is_unwanted = [&](const auto& entry) {
    return std::find(positions.begin(), positions.end(), entry.first) == positions.end();
  };
  std::erase_if(items_, is_unwanted);
  std::erase_if(faults_, is_unwanted);
  changed_.notify_all();
}

std::shared_ptr<const study::Item> ItemLoader::take(int position) {
  const std::lock_guard lock(mutex_);
  if (const auto fault = faults_.find(position); fault != faults_.end()) {
    const std::exception_ptr why = fault->second;
    faults_.erase(fault);
    changed_.notify_all();  // read once more: a full memory may have room by then
    std::rethrow_exception(why);
  }
  const auto found = items_.find(position);
  return found == items_.end() ? nullptr : found->second;
}

void ItemLoader::work(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<int> position;
    {
      std::unique_lock lock(mutex_);
      const auto missing = [&]() -> std::optional<int> {
        for (const int wanted : wanted_) {
          if (!items_.contains(wanted) && !faults_.contains(wanted)) return wanted;
        }
        return std::nullopt;
      };
      changed_.wait(lock, stop, [&] { return missing().has_value(); });
      if (stop.stop_requested()) return;
      position = missing();
    }
    std::shared_ptr<const study::Item> item;
    std::exception_ptr fault;
    try {
      item = std::make_shared<const study::Item>(read_(*position));
    } catch (...) {
      fault = std::current_exception();  // told to the main thread by take()
    }
    {
      const std::lock_guard lock(mutex_);
      if (fault) {
        faults_[*position] = fault;
      } else if (std::find(wanted_.begin(), wanted_.end(), *position) != wanted_.end()) {
        items_[*position] = std::move(item);
      }
    }
    if (notify_) notify_();
  }
}

}  // namespace rationale::ui
