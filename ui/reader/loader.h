// Decodes items ahead of the reader, on a thread of its own, so that the next case shows at once.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "study/session/item.h"

namespace rationale::ui {

class ItemLoader {
 public:
  using Read = std::function<study::Item(int position)>;

  /// @param read   called on the loader's thread, one call at a time
  /// @param notify called on that thread when an item is there
  ItemLoader(Read read, std::function<void()> notify);

  /// What shall be there: all others are dropped, missing ones are read in this order.
  void want(const std::vector<int>& positions);
  /// The item, or nothing as long as it is not there. @throws what `read` threw for it (once; `want` asks anew)
  std::shared_ptr<const study::Item> take(int position);

 private:
  void work(const std::stop_token& stop);

  Read read_;
  std::function<void()> notify_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<int> wanted_;                                     // guarded by mutex_
  std::map<int, std::shared_ptr<const study::Item>> items_;     // guarded by mutex_
  std::map<int, std::exception_ptr> faults_;                    // guarded by mutex_
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace rationale::ui
