#include "study/statistics/froc_json.h"

#include <fmt/format.h>

#include "study/statistics/dbm.h"
#include "study/statistics/difference_json.h"
#include "study/statistics/obuchowski_rockette.h"
#include "study/statistics/results_json.h"

namespace rationale::study {
namespace {

using Json = nlohmann::ordered_json;
using Eigen::Index;

Json matrix_json(const Eigen::MatrixXd& matrix) {
  Json rows = Json::array();
  for (Index i = 0; i < matrix.rows(); ++i) {
    Json row = Json::array();
    for (Index k = 0; k < matrix.cols(); ++k) row.push_back(matrix(i, k));
    rows.push_back(row);
  }
  return rows;
}

/// A column of a table: one number stands by itself, as R's JSON has it.
Json column(Json values) { return values.size() == 1 ? values[0] : values; }

Json numbers(const std::string& prefix, std::size_t n) {
  Json names = Json::array();
  for (std::size_t i = 1; i <= n; ++i) names.push_back(fmt::format("{}{}", prefix, i));
  return column(names);
}

Json pair_names(std::size_t n_arms, const std::string& prefix) {
  Json names = Json::array();
  for (std::size_t a = 1; a <= n_arms; ++a) {
    for (std::size_t b = a + 1; b <= n_arms; ++b) names.push_back(fmt::format("{}trt{}-trt{}", prefix, a, b));
  }
  return names;
}

/// Lists of numbers by column name; what cannot be estimated leaves its reason in the row's place.
class Table {
 public:
  void put(const std::string& name, Json value) { columns_[name].push_back(std::move(value)); }

  /// @param sign  -1: first minus second
  void put_estimate(const Outcome& outcome, double sign, bool is_normal, bool has_test) {
    const auto* e = std::get_if<Estimate>(&outcome);
    if (e == nullptr) {
      put("Estimate", to_json(std::get<NotEstimable>(outcome)));
      return;
    }
    put("Estimate", sign * e->estimate);
    put("StdErr", e->se);
    if (!is_normal && e->df) put("DF", *e->df);
    if (has_test) {
      put(is_normal ? "z" : "t", sign * e->statistic);
      put(is_normal ? "PrGTz" : "PrGTt", e->p);
    }
    put("CILower", sign < 0 ? -e->upper : e->lower);
    put("CIUpper", sign < 0 ? -e->lower : e->upper);
  }

  Json json(const Json& rows) const {
    Json result = Json::object();
    for (const auto& [name, values] : columns_.items()) result[name] = column(values);
    result["rows"] = rows;
    return result;
  }

 private:
  Json columns_ = Json::object();
};

Json difference_table(const std::vector<Difference>& differences, std::size_t n_arms, bool is_normal) {
  Table table;
  for (const Difference& one : differences) table.put_estimate(one.outcome, -1, is_normal, true);
  return table.json(column(pair_names(n_arms, "")));
}

Json arm_table(const std::vector<ArmResult>& arms, bool has_cov2, std::optional<int> df) {
  Table table;
  for (const ArmResult& one : arms) {
    table.put_estimate(one.mean, 1, df.has_value(), false);
    if (df) table.put("DF", *df);
    if (has_cov2) table.put("Cov2", one.cov2);
  }
  return table.json(numbers("trt", arms.size()));
}

/// F of two mean squares; without an error term no F.
Json f_tests(const GlobalTest& test, double mean_square, const char* name, Json rows) {
  Json json;
  json["DF"] = {test.df1};
  if (test.df2) json["DF"].push_back(*test.df2);
  json["MS"] = {mean_square, test.denominator};
  if (test.f) {
    json[name] = *test.f;
    json["p"] = test.p;
  }
  json["rows"] = std::move(rows);
  return json;
}

Json anova(const ObuchowskiRockette& result, const Eigen::MatrixXd& theta, const Eigen::MatrixXd& s) {
  const auto n_arms = theta.rows(), n_readers = theta.cols();
  const double i = static_cast<double>(n_arms), j = static_cast<double>(n_readers);
  const MeanSquares& ms = result.mean_squares;
  const CovarianceComponents& c = result.covariance;
  const Json df = {i - 1, j - 1, (i - 1) * (j - 1)};
  Json json;
  json["TRanova"] = {{"SS", {ms.arm * (i - 1), ms.reader * (j - 1), ms.arm_reader * (i - 1) * (j - 1)}},
                     {"DF", df},
                     {"MS", {ms.arm, ms.reader, ms.arm_reader}},
                     {"rows", {"T", "R", "TR"}}};
  json["VarCom"] = {{"Estimates", {result.var_reader_clamped, result.var_arm_reader_clamped, c.cov1, c.cov2,
                                   c.cov3, c.var}},
                    {"rows", {"VarR", "VarTR", "Cov1", "Cov2", "Cov3", "Var"}}};
  if (c.var > 0) json["VarCom"]["Rhos"] = {c.cov1 / c.var, c.cov2 / c.var, c.cov3 / c.var};
  Table arms, readers;
  for (std::size_t a = 0; a < result.rrrc.arms.size(); ++a) {
    arms.put("DF", j - 1);
    arms.put("msREachTrt", result.rrrc.arms[a].variance);
    arms.put("varEachTrt", result.frrc.arms[a].variance);
    arms.put("cov2EachTrt", result.rrrc.arms[a].cov2);
  }
  json["IndividualTrt"] = arms.json(numbers("trt", static_cast<std::size_t>(n_arms)));
  for (Index r = 0; r < n_readers; ++r) {
    double var = 0, cov1 = 0;
    for (Index a = 0; a < n_arms; ++a) {
      for (Index b = 0; b < n_arms; ++b) {
        const double value = s(a * n_readers + r, b * n_readers + r);
        (a == b ? var : cov1) += value;
      }
    }
    readers.put("DF", i - 1);
    readers.put("msTEachRdr", (theta.col(r).array() - theta.col(r).mean()).square().sum() / (i - 1));
    readers.put("varEachRdr", var / i);
    readers.put("cov1EachRdr", cov1 / (i * (i - 1)));
  }
  json["IndividualRdr"] = readers.json(numbers("rdr", static_cast<std::size_t>(n_readers)));
  return json;
}

/// RJafroc takes max(Cov2 - Cov3, 0) for fixed readers too; we do not (obuchowski_rockette.h).
Analysis clamped_frrc(const ObuchowskiRockette& result) {
  Analysis clamped = result.frrc;
  const double error = result.frrc_denominator_clamped;
  clamped.test.denominator = error;
  clamped.test.f.reset();
  if (error > 0) {
    clamped.test.f = result.mean_squares.arm / error;
    clamped.test.p = f_tail(*clamped.test.f, clamped.test.df1, std::nullopt);
  }
  const auto n_readers = static_cast<double>(result.frrc_readers.size());
  for (Difference& one : clamped.differences) {
    const double difference = result.arm_mean(one.second) - result.arm_mean(one.first);
    one.outcome = tested(difference, 2 / n_readers * error, std::nullopt);
  }
  return clamped;
}

Json analysis_json(const FrocStudy& study, const FrocJackknife& jackknife) {
  const auto n_readers = static_cast<Index>(study.readers.size());
  const std::size_t n_arms = study.arms.size();
  const Eigen::MatrixXd theta = jackknife.table(n_readers), s = jackknife.covariance();
  const ObuchowskiRockette result = obuchowski_rockette(theta, s);
  StudyReadings names;
  names.arms = study.arms;
  names.readers = study.readers;
  Json json = to_json(result, s, names);
  json["FOMs"]["foms"] = {{"values", matrix_json(theta)},
                          {"rows", numbers("trt", n_arms)},
                          {"cols", numbers("rdr", study.readers.size())}};
  Json means = Json::array(), differences = Json::array();
  for (std::size_t a = 0; a < n_arms; ++a) {
    means.push_back(result.arm_mean(static_cast<Index>(a)));
    for (std::size_t b = a + 1; b < n_arms; ++b) {
      differences.push_back(result.arm_mean(static_cast<Index>(a)) - result.arm_mean(static_cast<Index>(b)));
    }
  }
  json["FOMs"]["trtMeans"] = {{"Estimate", means}, {"rows", numbers("trt", n_arms)}};
  json["FOMs"]["trtMeanDiffs"] = {{"Estimate", column(differences)}, {"rows", column(pair_names(n_arms, ""))}};
  json["ANOVA"] = anova(result, theta, s);

  const double ms = result.mean_squares.arm;
  Json& rrrc = json["RRRC"];
  rrrc["FTests"] = f_tests(result.rrrc.test, ms, "FStat", {"Treatment", "Error"});
  rrrc["ciDiffTrt"] = difference_table(result.rrrc.differences, n_arms, false);
  rrrc["ciAvgRdrEachTrt"] = arm_table(result.rrrc.arms, true, std::nullopt);
  Json& frrc = json["FRRC"];
  const Analysis clamped = clamped_frrc(result);
  frrc["FTests"] = f_tests(clamped.test, ms, "Chisq", {"Treatment", "Error"});
  frrc["ciDiffTrt"] = difference_table(clamped.differences, n_arms, true);
  frrc["ciAvgRdrEachTrt"] = arm_table(result.frrc.arms, false, static_cast<int>(jackknife.without.cols()) - 1);
  Table readers;
  Json rows = Json::array();
  for (std::size_t r = 0; r < study.readers.size(); ++r) {
    for (const Difference& one : result.frrc_readers[r]) readers.put_estimate(one.outcome, -1, true, true);
    for (const Json& name : pair_names(n_arms, fmt::format("rdr{}::", r + 1))) rows.push_back(name);
  }
  frrc["ciDiffTrtEachRdr"] = readers.json(rows);
  const Json& each = json["ANOVA"]["IndividualRdr"];
  frrc["IndividualRdrVarCov1"] = {
      {"varEachRdr", each["varEachRdr"]}, {"cov1EachRdr", each["cov1EachRdr"]}, {"rows", each["rows"]}};
  Json& rrfc = json["RRFC"];
  rrfc["FTests"] = f_tests(result.rrfc.test, ms, "F", {"T", "TR"});
  rrfc["ciDiffTrt"] = difference_table(result.rrfc.differences, n_arms, false);
  rrfc["ciAvgRdrEachTrt"] = arm_table(result.rrfc.arms, false, std::nullopt);
  return json;
}

/// Marks per case may be more than one: nothing to clip.
void drop_clipped(Json& analysis) {
  for (const char* method : {"RRRC", "FRRC", "RRFC"}) {
    for (Json& arm : analysis.at(method).at("arms")) {
      arm.erase("lower_clipped");
      arm.erase("upper_clipped");
    }
  }
}

}  // namespace

Json froc_json(const FrocStudy& study) {
  Json json{{"arms", study.arms},
            {"readers", study.readers},
            {"n_normal", study.normal.size()},
            {"n_diseased", study.diseased.size()},
            {"n_lesions", study.n_lesions()},
            {"cluster", cluster_json(study.patients(), "cases of a patient are left out together by the jackknife")}};
  const auto n_readers = static_cast<Index>(study.readers.size());
  std::vector<FrocJackknife> jackknives;
  for (std::size_t m = 0; m < kFrocMeritNames.size(); ++m) {
    jackknives.push_back(froc_jackknife(study, static_cast<FrocMerit>(m)));
    json["figures_of_merit"][kFrocMeritNames[m]] = matrix_json(jackknives[m].table(n_readers));
  }
  if (study.arms.size() < 2 || study.readers.size() < 2) {
    const bool is_arm = study.arms.size() < 2;
    json["OR_jackknife"] =
        to_json(NotEstimable{is_arm ? "one_arm" : "one_reader",
                             is_arm ? "only one arm: there is no difference to test"
                                    : "one reader: reader variance cannot be estimated", {}, {}});
    return json;
  }
  for (std::size_t m = 0; m < kFrocMeritNames.size(); ++m) {
    Json& analysis = json["OR_jackknife"][kFrocMeritNames[m]] = analysis_json(study, jackknives[m]);
    analysis["DBM"] = dbm_json(dbm(jackknives[m].table(n_readers), jackknives[m].without));
    if (static_cast<FrocMerit>(m) == FrocMerit::kMaxNlf) drop_clipped(analysis);
  }
  json["note"] =
      "matrices are arms (rows) by readers (columns); `differences` are second arm minus first; the tables "
      "FTests, ciDiffTrt, … are RJafroc's: first arm minus second, and FRRC with Cov2 - Cov3 clamped at 0";
  return json;
}

}  // namespace rationale::study
