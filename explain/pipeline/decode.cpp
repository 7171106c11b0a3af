#include "explain/pipeline/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/base/error.h"
#include "data/volume/digest.h"
#include "explain/model/prepare_volume.h"

namespace rationale::explain {
namespace {

/// With short queues threads that take turns wait for each other's wake-ups more than for the work.
std::size_t films_ahead(const ModelCard& card) {
  constexpr std::int64_t kBytes = 16 << 20, kFewest = 3, kMost = 64;
  const std::int64_t input = element_count(card.input_shape) * static_cast<std::int64_t>(sizeof(float));
  return static_cast<std::size_t>(std::clamp(kBytes / std::max<std::int64_t>(input, 1), kFewest, kMost));
}

void fill_in_volume(const Volume& volume, const ModelCard& card, DecodedCase& decoded) {
  PreparedVolume prepared = prepare_volume(volume, card);
  decoded.one.spacing = volume.geometry.spacing;
  decoded.rows = volume.geometry.rows;
  decoded.cols = volume.geometry.cols;
  decoded.pixel_sha256 = std::move(prepared.pixel_sha256);
  decoded.prepared = std::move(prepared.prepared);
  decoded.volume = ExplainedVolume{.slices = static_cast<int>(volume.size()),
                                   .input_slices = static_cast<int>(card.input_shape[1]),
                                   .map_slices = 0,
                                   .positions_mm = volume.geometry.positions_mm,
                                   .evidence = {}};
}

}  // namespace

ExplainedCase listed_case(const Case& listed) {
  ExplainedCase one;
  one.name = listed.name;
  one.patient = listed.patient;
  one.columns = listed.columns;
  const auto file = one.columns.find("file");
  one.file = file != one.columns.end() ? file->second : listed.file.string();
  for (const char* column : {"case", "file", "patient"}) one.columns.erase(column);
  return one;
}

Decoder::Decoder(const std::vector<Case>& cases, const std::map<std::string, std::string>& known,
                 const ModelCard& card, LoadFilm load, std::size_t n_workers, LoadVolume load_volume, StageClock* clock)
    : cases_(cases),
      known_(known),
      card_(card),
      load_(std::move(load)),
      load_volume_(std::move(load_volume)),
      clock_(clock != nullptr ? *clock : own_clock_) {
  const std::size_t n = std::clamp<std::size_t>(n_workers, 1, std::max<std::size_t>(cases.size(), 1));
  for (std::size_t i = 0; i < n; ++i) {
    queues_.push_back(std::make_unique<BoundedQueue<DecodedCase>>(films_ahead(card)));
  }
  for (std::size_t i = 0; i < n; ++i) {
    workers_.emplace_back([this, i] { work(i); });
  }
}

Decoder::~Decoder() {
  for (auto& queue : queues_) queue->cancel();
}

std::optional<DecodedCase> Decoder::next() {
  if (next_ == cases_.size()) return std::nullopt;
  return queues_[next_++ % queues_.size()]->pop();
}

void Decoder::work(std::size_t worker) {
  for (std::size_t i = worker; i < cases_.size(); i += queues_.size()) {
    DecodedCase decoded;
    try {
      const StageClock::Busy busy(clock_, Stage::kDecode);
      decoded = decode(cases_[i]);
    } catch (...) {  // handed to the consumer, who decides whether the run can go on
      decoded = DecodedCase{};
      decoded.one = listed_case(cases_[i]);
      decoded.failure = std::current_exception();
    }
    if (!queues_[worker]->push(std::move(decoded))) return;
  }
}

DecodedCase Decoder::decode(const Case& listed) const {
  const bool is_volume = card_.input_shape.size() == 4;
  check_case_file(listed, is_volume ? CasePlace::kFileOrFolder : CasePlace::kFile);
  DecodedCase decoded;
  decoded.one = listed_case(listed);
  decoded.one.file_sha256 = volume_file_digest(listed.file);
  if (const auto known = known_.find(listed.name); known != known_.end()) {
    if (known->second != decoded.one.file_sha256) {
      throw Error(Error::Kind::kInput,
                  fmt::format("the store has case \"{}\" with another film", listed.name),
                  listed.where,
                  "give the changed film a case name of its own, or explain into another folder")
          .with_code("case_changed");
    }
    decoded.is_known = true;
    return decoded;
  }
  if (is_volume) {
    if (!load_volume_) throw Error(Error::Kind::kInternal, "volumes are asked for, and nothing reads them");
    const Volume volume = load_volume_(listed.file, volume_choice(listed.columns));
    decoded.notes = volume.warnings;
    fill_in_volume(volume, card_, decoded);
    return decoded;
  }
  const Picture picture = load_(listed.file);
  decoded.notes = picture.warnings;
  decoded.one.spacing = picture.spacing;
  decoded.rows = picture.rows;
  decoded.cols = picture.cols;
  decoded.pixel_sha256 = pixel_digest(picture);
  decoded.prepared = prepare(picture, card_);
  return decoded;
}

}  // namespace rationale::explain
