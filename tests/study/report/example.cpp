#include "example.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/base/file.h"

namespace rationale::test {

using Json = nlohmann::ordered_json;

study::ReportInput simulated_study(const std::filesystem::path& folder) {
  Json results = Json::parse(read_file(folder / "expected/mrmc_sim_cxr300_r3.json"));
  const Json models = Json::parse(read_file(folder / "expected/models_sim_cxr300_r3.json"));
  for (const char* block :
       {"switch", "agreement", "calibration", "confidence_reader_means", "paired_t_over_readers"}) {
    results[block] = models.at(block);
  }
  study::ReportFacts facts;
  facts.id = "SIM-CXR300-R3";
  facts.title = "Does showing the heatmap change false positives?";
  facts.is_simulated = true;
  facts.is_locked = true;
  facts.margin = 0.05;
  facts.program = "rationale";
  facts.digests.push_back(
      {"readings sha256", "6994f298a06b183ff0a365d79520467cb959eab47ec6383e0abf97d176164e77"});
  return study::report_input(results, read_csv(folder / "data/sim_cxr300_r3.csv"), facts);
}

study::ReportInput degenerate_study(const std::filesystem::path& folder, const std::string& name) {
  const Json all = Json::parse(read_file(folder / "expected/degenerate.json"));
  const auto file = folder / "data/degenerate" / (name + ".csv");
  study::ReportFacts facts;
  facts.id = name;
  facts.title = "A degenerate study: " + name;
  facts.is_synthetic = true;
  CsvTable readings;
  if (all.at(name).at("load").at("status") == "ok") readings = read_csv(file);
  return study::report_input(all.at(name), readings, facts);
}

study::ReportInput many_readers(std::size_t n_readers) {
  std::string csv = "reader,case,arm,truth,rating,positive,confidence,time_s,ai_positive\n";
  Json results;
  results["load"] = {{"status", "ok"}};
  double mean[2] = {0, 0};
  for (std::size_t r = 0; r < n_readers; ++r) {
    const std::string reader = fmt::format("R{:02}", r + 1);
    for (int arm = 0; arm < 2; ++arm) {
      int positives = 0;
      for (int k = 0; k < 40; ++k) {
        const int truth = k % 4 == 0 ? 1 : 0;
        const double wave = std::sin(0.7 * k + 1.3 * static_cast<double>(r) + 2.1 * arm);
        const int rating = static_cast<int>(std::lround(60 * wave + (truth == 1 ? 35 : -30)));
        const int bounded = std::clamp(rating, -100, 100);
        const bool is_positive = bounded > 0;
        if (truth == 0 && is_positive) ++positives;
        csv += fmt::format("{},C{:02},{},{},{},{},{},20,{}\n", reader, k,
                           arm == 0 ? "hidden" : "visible", truth, bounded, is_positive ? 1 : 0,
                           std::abs(bounded), k % 7 == 0 ? 1 : 0);
      }
      const char* name = arm == 0 ? "hidden" : "visible";
      results["fpr"]["counts"][reader][name] = {positives, 30};
      results["fpr"]["values"][reader][name] = positives / 30.0;
      results["auc"]["values"][reader][name] = 0.8 + 0.01 * arm;
      mean[arm] += positives / 30.0 / static_cast<double>(n_readers);
    }
  }
  const double difference = mean[1] - mean[0];
  const Json block = {{"status", "ok"},
                      {"estimate", difference},
                      {"se", 0.02},
                      {"df", static_cast<double>(n_readers) - 1},
                      {"t", difference / 0.02},
                      {"p", 0.4},
                      {"lower", difference - 0.05},
                      {"upper", difference + 0.05}};
  results["fpr"]["RRRC"] = block;
  results["fpr"]["FRRC"] = block;
  study::ReportFacts facts;
  facts.id = "MANY";
  facts.title = "Many readers";
  return study::report_input(results, parse_csv(csv, "readings.csv"), facts);
}

std::string text_of(const std::string& html) {
  std::string text;
  std::size_t i = html.find("</style>");
  i = i == std::string::npos ? 0 : i + 8;
  bool is_tag = false;
  for (; i < html.size(); ++i) {
    if (html[i] == '<') {
      is_tag = true;
      // Inline emphasis does not part words.
      const bool is_inline = html.compare(i, 3, "<b>") == 0 || html.compare(i, 4, "</b>") == 0 ||
                             html.compare(i, 5, "<span") == 0 || html.compare(i, 6, "</span") == 0;
      if (!is_inline) text += ' ';
    } else if (html[i] == '>') {
      is_tag = false;
    } else if (!is_tag) {
      text += html[i];
    }
  }
  for (const auto& [entity, letter] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}) {
    for (std::size_t at = 0; (at = text.find(entity, at)) != std::string::npos; at += 1) {
      text.replace(at, std::string(entity).size(), letter);
    }
  }
  return text;
}

std::string line_of(const std::string& html) {
  std::string line;
  for (const char letter : text_of(html)) {
    const bool is_space = letter == ' ' || letter == '\n';
    if (!is_space) line += letter;
    else if (!line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

}  // namespace rationale::test
