// Decoding and preparing films in worker threads, while the network works on those before.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "data/base/bounded_queue.h"
#include "data/cases/cases.h"
#include "data/image/load.h"
#include "data/records/explanations.h"
#include "data/volume/volume.h"
#include "explain/model/card.h"
#include "explain/model/preprocess.h"
#include "explain/pipeline/stages.h"

namespace rationale::explain {

using rationale::LoadFilm;  ///< called from several threads
/// Reads a volume: load_volume. Called from several threads.
using LoadVolume = std::function<Volume(const std::filesystem::path&, const VolumeChoice&)>;

/// One case on its way to the network.
struct DecodedCase {
  ExplainedCase one;
  bool is_known = false;  ///< the store has the case with this file: nothing was decoded
  std::string pixel_sha256;
  int rows = 0, cols = 0;
  Prepared prepared;
  std::optional<ExplainedVolume> volume;  ///< of a card for volumes; the map's depth is not known yet
  std::vector<std::string> notes;  ///< what the film's reader warns of
  std::exception_ptr failure;  ///< instead of all above but `one` and `notes`
};

/// Hands out the cases in the order of the list, however fast each one is: worker w takes the cases
/// w, w + n, w + 2 n, … and has a queue of its own, so that a run is the same every time. A worker is at most so many
/// films ahead as their inputs fill 16 MB, and three whatever their size.
class Decoder {
 public:
  /// @param clock  told when films are decoded
  /// @param known  file_sha256 of the cases that the store has, by name
  /// The arguments are kept by reference until the object goes.
  Decoder(const std::vector<Case>& cases, const std::map<std::string, std::string>& known,
          const ModelCard& card, LoadFilm load, std::size_t n_workers, LoadVolume load_volume = {},
          StageClock* clock = nullptr);
  /// Stops the workers after the film that each has in hand.
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// Waits for the next case; nothing after the last one.
  std::optional<DecodedCase> next();

 private:
  DecodedCase decode(const Case& listed) const;
  void work(std::size_t worker);

  const std::vector<Case>& cases_;
  const std::map<std::string, std::string>& known_;
  const ModelCard& card_;
  LoadFilm load_;
  LoadVolume load_volume_;
  StageClock own_clock_;  ///< runs where nobody looks at the time
  StageClock& clock_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<BoundedQueue<DecodedCase>>> queues_;
  std::vector<std::jthread> workers_;  // last: joined before the queues go
};

/// What a store keeps of a case of the list; file digest and spacing are filled in by decoding.
ExplainedCase listed_case(const Case& listed);

}  // namespace rationale::explain
