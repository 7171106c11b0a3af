#include "data/records/explanations_manifest.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "data/base/digest.h"
#include "data/base/error.h"

namespace rationale {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little, "blobs are little endian");

void add_real(Sha256& digest, double value) {
  char bytes[8];
  std::memcpy(bytes, &value, sizeof bytes);
  digest.field({bytes, sizeof bytes});
}

void add_integer(Sha256& digest, std::int64_t value) { digest.field(std::to_string(value)); }

void add_floats(Sha256& digest, const std::vector<float>& values) {
  digest.field({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

Json to_json(const ExplanationManifest& m) {
  Json json{{"model_name", m.model_name},
          {"model_sha256", m.model_sha256},
            {"card_sha256", m.card_sha256},
            {"classes", m.classes},
            {"output_kind", m.output_kind},
            {"activation", m.activation},
            {"thresholds", m.thresholds},
            {"layer", m.layer},
            {"call", m.call},
            {"method", m.method},
            {"mode", m.mode},
            {"prefix_variant", m.prefix_variant},
            {"device", m.device},
            {"torch_version", m.torch_version},
            {"program_version", m.program_version},
            {"concepts_sha256", m.concepts_sha256},
            {"batch", m.batch},
            {"shard", m.shard},
            {"shards", m.shards},
            {"sandbox", m.sandbox}};
  if (m.list_cases > 0) {  // only a shard's say something
    json["list_sha256"] = m.list_sha256;
    json["list_cases"] = m.list_cases;
  }
  // Later fields are left out where they say nothing: the records of pictures stay what they were.
  if (!m.references.empty()) json["reference"] = m.references;
  if (m.input_slices > 0) json["input_slices"] = m.input_slices;
  if (m.receptive_field != ReceptiveField{}) json["receptive_field"] = receptive_field_json(m.receptive_field);
  if (!m.scales.empty()) json["scales"] = m.scales;
  return json;
}

Json identity(const ExplanationManifest& manifest) {
  Json json = to_json(manifest);
  for (const char* name : {"batch", "shard", "shards", "list_sha256", "list_cases", "sandbox",
                           "receptive_field", "scales"}) json.erase(name);
  return json;
}

}  // namespace

std::string manifest_to_json(const ExplanationManifest& manifest) {
  return to_json(manifest).dump();
}

ExplanationManifest manifest_from_json(const std::string& text, const std::string& where) {
  try {
    const Json j = Json::parse(text);
    ExplanationManifest m;
    j.at("model_name").get_to(m.model_name);
    j.at("model_sha256").get_to(m.model_sha256);
    j.at("card_sha256").get_to(m.card_sha256);
    j.at("classes").get_to(m.classes);
    j.at("output_kind").get_to(m.output_kind);
    j.at("activation").get_to(m.activation);
    j.at("thresholds").get_to(m.thresholds);
    j.at("layer").get_to(m.layer);
    j.at("call").get_to(m.call);
    j.at("method").get_to(m.method);
    j.at("mode").get_to(m.mode);
    j.at("prefix_variant").get_to(m.prefix_variant);
    j.at("device").get_to(m.device);
    j.at("torch_version").get_to(m.torch_version);
    j.at("program_version").get_to(m.program_version);
    j.at("concepts_sha256").get_to(m.concepts_sha256);
    j.at("batch").get_to(m.batch);
    j.at("shard").get_to(m.shard);
    j.at("shards").get_to(m.shards);
    m.list_sha256 = j.value("list_sha256", "");  // stores made before it was noted
    m.list_cases = j.value("list_cases", 0);
    m.sandbox = j.value("sandbox", "");  // stores made before it was noted
    m.references = j.value("reference", std::vector<double>{});
    m.input_slices = j.value("input_slices", 0);
    if (j.contains("receptive_field")) m.receptive_field = receptive_field_of(j.at("receptive_field"));
    m.scales = j.value("scales", std::vector<double>{});
    return m;
  } catch (const nlohmann::json::exception& error) {
    throw Error(Error::Kind::kInput, std::string("the manifest cannot be read: ") + error.what(),
                where, "restore the store from a copy, or make it again")
        .with_code("damaged_database");
  }
}

std::string columns_to_json(const std::map<std::string, std::string>& columns) {
  return Json(columns).dump();
}

std::map<std::string, std::string> columns_from_json(const std::string& text) {
  return Json::parse(text).get<std::map<std::string, std::string>>();
}

std::string content_sha256(const std::string& key, const Explanation& e) {
  Sha256 digest;
  digest.field("explanation").field(key).field(e.pixel_sha256);
  add_integer(digest, e.rows);
  add_integer(digest, e.cols);
  add_integer(digest, e.input_rows);
  add_integer(digest, e.input_cols);
  for (const double value : {e.input_to_picture.row_scale, e.input_to_picture.row_offset,
                             e.input_to_picture.col_scale, e.input_to_picture.col_offset}) {
    add_real(digest, value);
  }
  add_floats(digest, e.logits);
  for (const Plane& map : e.maps) {
    add_integer(digest, map.rows);
    add_integer(digest, map.cols);
    add_floats(digest, map.values);
  }
  for (const std::string& json : e.concepts) digest.field(json);
  if (e.volume) {
    digest.field("volume");
    add_integer(digest, e.volume->slices);
    add_integer(digest, e.volume->input_slices);
    add_integer(digest, e.volume->map_slices);
    for (const double mm : e.volume->positions_mm) add_real(digest, mm);
    for (const std::string& json : e.volume->evidence) digest.field(json);
  }
  return digest.hex();
}

std::string content_sha256(const ExplainedCase& one) {
  Sha256 digest;
  digest.field("case").field(one.name).field(one.patient).field(one.file).field(one.file_sha256);
  digest.field(columns_to_json(one.columns));
  for (const double value :
       {one.spacing.vertical_mm, one.spacing.horizontal_mm, one.spacing.aspect}) {
    add_real(digest, value);
  }
  add_integer(digest, one.spacing.is_detector ? 1 : 0);
  return digest.field(one.key).hex();
}

std::string identity_sha256(const ExplanationManifest& manifest) {
  return sha256_hex(std::string_view(identity(manifest).dump()));
}

std::vector<std::string> differing_fields(const ExplanationManifest& a,
                                          const ExplanationManifest& b) {
  const Json x = identity(a), y = identity(b);
  std::vector<std::string> names;
  for (const auto& [name, value] : x.items()) {
    if (!y.contains(name) || value != y.at(name)) names.push_back(name);
  }
  for (const auto& [name, value] : y.items()) {
    if (!x.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace rationale
