#include "concepts/fit/fit_folder.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "concepts/attribution/comparison.h"
#include "concepts/attribution/path.h"
#include "concepts/attribution/presence.h"
#include "concepts/attribution/shapley.h"
#include "concepts/attribution/torch_suffix.h"
#include "concepts/evidence/auc.h"
#include "concepts/evidence/rank_test.h"
#include "concepts/evidence/stability.h"
#include "concepts/fit/fit_inputs.h"
#include "concepts/training/filter.h"
#include "concepts/training/patterns.h"
#include "concepts/training/ridge.h"
#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"

namespace rationale::concepts {
namespace {

using nlohmann::ordered_json;

ordered_json not_estimable(const std::string& code, const std::string& reason) {
  return {{"status", "not_estimable"}, {"code", code}, {"reason", reason}};
}

ordered_json number_or_reason(const std::optional<double>& value, const char* reason) {
  return value ? ordered_json(*value) : not_estimable("one_kind", reason);
}

double log_loss(double margin) {
  return margin > 0 ? std::log1p(std::exp(-margin)) : -margin + std::log1p(std::exp(margin));
}

/// 0.5 |w~|^2 + C sum loss, what the filter minimises.
double objective(const LinearFilter& filter, const Eigen::MatrixXd& features,
                 const Eigen::VectorXd& labels, const FilterOptions& options) {
  const double coefficient = options.bias > 0 ? filter.b / options.bias : 0;
  const Eigen::VectorXd decisions = decision_values(filter, features);
  double sum = 0;
  for (Eigen::Index i = 0; i < labels.size(); ++i) {
    const double margin = (labels(i) > 0.5 ? 1 : -1) * decisions(i);
    const double hinge = std::max(0.0, 1 - margin);
    sum += options.loss == Loss::kLogistic ? log_loss(margin) : hinge * hinge;
  }
  return 0.5 * (filter.w.squaredNorm() + coefficient * coefficient) + options.C * sum;
}

/// What all steps of one folder share.
class Fit {
 public:
  explicit Fit(FitInputs inputs)
      : in_(std::move(inputs)),
        centred_(centre(in_.activations)),
        gram_(gram(centred_.values)),
        lambda_(ridge_lambda(gram_, in_.settings.ridge_factor)),
        label_means_(in_.labels.colwise().mean()) {}

  FolderFit run() {
    ordered_json& results = out_.results;
    results["K"] = in_.labels.cols();
    results["names"] = in_.names;
    results["n"] = in_.activations.rows();
    results["D"] = in_.activations.cols();
    results["scale"] = centred_.scale;
    if (gram_.rows() <= 160) out_.arrays["gram"] = to_array(gram_);
    filters();
    ridge_and_patterns();
    measure();
    readability();
    nested();
    sensitivities();
    presence();
    stability();
    if (in_.suffix) {
      suffix_ = load_suffix(*in_.suffix, in_.activations.cols());
      if (suffix_->n_outputs() != 1) {
        throw Error(Error::Kind::kInput, "the suffix has several outputs", in_.suffix->string(),
                    "give one that returns the explained logit alone");
      }
      model_use();
      contributions();
    } else {
      for (const char* key : {"permutation", "holm", "f_baseline", "whatif_additivity_maxerr"}) {
        results[key] = not_estimable("no_suffix", "suffix.ts.pt is not there");
      }
    }
    return std::move(out_);
  }

 private:
  void filters() {
    const Eigen::MatrixXd scaled = centred_.values / centred_.scale;
    Eigen::MatrixXd weights(static_cast<Eigen::Index>(in_.settings.filters.size()), scaled.cols());
    ordered_json rows = ordered_json::array();
    for (const FilterSetting& setting : in_.settings.filters) {
      const FilterOptions& options = setting.options;
      const Eigen::VectorXd labels = in_.labels.col(setting.concept_index);
      const LinearFilter filter = fit_filter(scaled, labels, options);
      const bool is_logistic = options.loss == Loss::kLogistic;
      weights.row(static_cast<Eigen::Index>(rows.size())) = filter.w.transpose();
      rows.push_back({{"row", rows.size()},
                      {"concept", in_.names[static_cast<std::size_t>(setting.concept_index)]},
                      {"loss", is_logistic ? "lr" : "l2svc"},
                      {"solver_primal", is_logistic ? 0 : 2},
                      {"solver_dual", is_logistic ? 7 : 1},
                      {"C", options.C},
                      {"bias", options.bias},
                      {"b", filter.b},
                      {"objective", objective(filter, scaled, labels, options)},
                      {"norm", filter.w.norm()}});
    }
    if (!rows.empty()) out_.arrays["cav_w"] = to_array(weights);
    out_.results["cav_settings"] = rows;
  }

  void ridge_and_patterns() {
    const Eigen::MatrixXd targets = in_.labels.rowwise() - label_means_;
    ridge_ = ridge_filters(centred_.values, gram_, targets, lambda_);
    out_.results["ridge_lambda"] = lambda_;
    if (in_.activations.cols() <= 600) {
      Eigen::MatrixXd primal = centred_.values.transpose() * centred_.values;
      primal.diagonal().array() += lambda_;
      const Eigen::MatrixXd same = primal.ldlt().solve(centred_.values.transpose() * targets);
      out_.results["ridge_primal_dual_maxdiff"] = (same - ridge_).cwiseAbs().maxCoeff();
    }
    patterns_ = multivariate_patterns(in_.activations, in_.labels, in_.strata, 0);
    out_.arrays["ridge_W"] = to_array(ridge_);
    out_.arrays["meandiff"] = to_array(mean_differences(in_.activations, in_.labels));
    out_.arrays["haufe"] = to_array(haufe_patterns(centred_.values, ridge_));
    out_.arrays["haufe_joint"] = to_array(joint_haufe_patterns(centred_.values, ridge_));
    out_.arrays["patterns"] = to_array(patterns_);
  }

  void measure() {
    if (!in_.measure) {
      out_.results["rcv"] = not_estimable("no_measure", "measure.npy is not there");
      return;
    }
    const Eigen::VectorXd& y = *in_.measure;
    const Eigen::VectorXd centred = y.array() - y.mean();
    const Eigen::VectorXd w = ridge_filters(centred_.values, gram_, centred, lambda_);
    const Eigen::VectorXd fitted = centred_.values * w;
    const double r2_cv = r_squared(y, out_of_fold_scores(gram_, y, in_.folds, lambda_).col(0));
    ordered_json rcv{{"R2_in", r_squared(centred, fitted)},
                     {"R2_cv", r2_cv},
                     {"slope_in", fitted.squaredNorm() > 0
                                      ? centred.dot(fitted) / fitted.squaredNorm() : 0.0},
                     {"norm", w.norm()}};
    if (in_.test_gradients) {
      const Eigen::VectorXd sensitivities = *in_.test_gradients * unit_columns(w);
      const std::optional<double> br = bidirectional_relevance(r2_cv, sensitivities);
      rcv["sens_mean"] = sensitivities.mean();
      rcv["sens_std_pop"] =
          std::sqrt((sensitivities.array() - sensitivities.mean()).square().mean());
      rcv["Br"] = br ? ordered_json(*br) : ordered_json(nullptr);
    }
    out_.results["rcv"] = rcv;
    out_.arrays["rcv_w"] = to_array(w);
  }

  void readability() {
    scores_ = out_of_fold_scores(gram_, in_.labels, in_.folds, lambda_);
    out_.arrays["oof_ridge"] = to_array(scores_);
    const std::set<int> folds(in_.folds.begin(), in_.folds.end());
    for (std::size_t k = 0; k < in_.names.size(); ++k) {
      const auto column = static_cast<Eigen::Index>(k);
      ordered_json per_fold = ordered_json::array();
      for (const int fold : folds) {
        const RowIndices rows = rows_in(fold);
        per_fold.push_back(number_or_reason(
            auc(take_rows(Eigen::VectorXd(scores_.col(column)), rows),
                take_rows(Eigen::VectorXd(in_.labels.col(column)), rows)),
            "this fold has one kind of example only"));
      }
      out_.results["auc_cv"][in_.names[k]] = {
          {"pooled", number_or_reason(auc(scores_.col(column), in_.labels.col(column)),
                                      "one kind of example only")},
          {"per_fold", per_fold}};
    }
  }

  void nested() {
    if (!in_.settings.nested_concept) {
      out_.results["nested_lr"] = not_estimable("not_asked", "settings.json has no nested_lr");
      return;
    }
    const Eigen::VectorXd labels = in_.labels.col(*in_.settings.nested_concept);
    const Eigen::MatrixXd scaled = centred_.values / centred_.scale;
    const std::set<int> folds(in_.folds.begin(), in_.folds.end());
    Eigen::VectorXd scores = Eigen::VectorXd::Zero(labels.size());
    std::vector<double> chosen;
    const auto fit_on = [&](const RowIndices& rows, double c) {
      return fit_filter(take_rows(scaled, rows), take_rows(labels, rows),
                        {.loss = Loss::kLogistic, .C = c});
    };
    for (const int outer : folds) {
      double best = std::numeric_limits<double>::max(), best_c = in_.settings.nested_grid.at(0);
      for (const double c : in_.settings.nested_grid) {
        double sum = 0;
        for (const int inner : folds) {
          if (inner == outer) continue;
          const LinearFilter filter = fit_on(rows_outside({outer, inner}), c);
          for (const Eigen::Index row : rows_in(inner)) {
            sum += log_loss((labels(row) > 0.5 ? 1 : -1) * (scaled.row(row).dot(filter.w) + filter.b));
          }
        }
        if (sum < best) {
          best = sum;
          best_c = c;
        }
      }
      const LinearFilter filter = fit_on(rows_outside({outer}), best_c);
      for (const Eigen::Index row : rows_in(outer)) {
        scores(row) = scaled.row(row).dot(filter.w) + filter.b;
      }
      chosen.push_back(best_c);
    }
    out_.arrays["nested_lr_scores"] = to_array(scores);
    out_.results["nested_lr"] = {
        {"concept", in_.names[static_cast<std::size_t>(*in_.settings.nested_concept)]},
        {"grid", in_.settings.nested_grid},
        {"chosen_C_per_outer_fold", chosen},
        {"pooled_auc", number_or_reason(auc(scores, labels), "one kind of example only")}};
  }

  void sensitivities() {
    if (!in_.test_gradients) {
      out_.results["tcav"] = not_estimable("no_gradients", "grad_test.npy is not there");
      return;
    }
    const Eigen::MatrixXd derivatives = *in_.test_gradients * unit_columns(ridge_);
    const Eigen::RowVectorXd tcav = tcav_scores(derivatives);
    out_.arrays["dirderiv"] = to_array(derivatives);
    for (std::size_t k = 0; k < in_.names.size(); ++k) {
      out_.results["tcav"][in_.names[k]] = tcav(static_cast<Eigen::Index>(k));
    }
  }

  void presence() {
    ordered_json coefficients = ordered_json::array();
    for (Eigen::Index k = 0; k < in_.labels.cols(); ++k) {
      calibrations_.push_back(fit_platt(scores_.col(k), in_.labels.col(k)));
      coefficients.push_back({calibrations_.back().a, calibrations_.back().b});
    }
    out_.results["platt_ab"] = coefficients;
    if (!in_.test_activations) return;
    const Eigen::MatrixXd scores =
        ((in_.test_activations->rowwise() - centred_.mean) * ridge_).rowwise() + label_means_;
    test_presence_ = presences(scores, calibrations_);
    out_.arrays["presence"] = to_array(test_presence_);
  }

  void stability() {
    if (in_.resamples.empty()) {
      out_.results["boot_cos_mean"] = not_estimable("no_resamples", "boot.npy is not there");
      return;
    }
    Eigen::MatrixXd cosines(static_cast<Eigen::Index>(in_.resamples.size()), in_.labels.cols());
    for (std::size_t b = 0; b < in_.resamples.size(); ++b) {
      cosines.row(static_cast<Eigen::Index>(b)) = column_cosines(
          resampled_patterns(in_.activations, in_.labels, in_.strata, 0, in_.resamples[b]),
          patterns_);
    }
    const Eigen::RowVectorXd mean = cosines.colwise().mean(), least = cosines.colwise().minCoeff();
    out_.arrays["boot_cos"] = to_array(cosines);
    out_.results["boot_cos_mean"] = std::vector<double>(mean.data(), mean.data() + mean.size());
    out_.results["boot_cos_min"] = std::vector<double>(least.data(), least.data() + least.size());
  }

  void model_use() {
    const FitSettings& settings = in_.settings;
    const Eigen::MatrixXd reference =
        in_.activations.middleRows(settings.first_reference_row, settings.last_reference_row -
                                                                     settings.first_reference_row + 1);
    const Eigen::VectorXd mean_gradient =
        path_gradients(*suffix_, reference, centred_.mean, settings.reference_midpoints, 0)
            .colwise()
            .mean();
    out_.arrays["gbar"] = to_array(mean_gradient);
    if (in_.permutations.empty()) {
      out_.results["permutation"] = not_estimable("no_permutations", "perms.npy is not there");
      out_.results["holm"] = out_.results["permutation"];
      return;
    }
    const Eigen::VectorXd s = centred_.values * mean_gradient;
    ordered_json rows = ordered_json::array();
    std::vector<double> p_values;
    for (Eigen::Index k = 0; k < in_.labels.cols(); ++k) {
      Eigen::MatrixXd others(in_.labels.rows(), in_.labels.cols() - 1 + in_.strata.cols());
      others << in_.labels.leftCols(k), in_.labels.rightCols(in_.labels.cols() - 1 - k), in_.strata;
      const RankTest marginal = marginal_test(s, in_.labels.col(k), in_.permutations);
      const RankTest partial = freedman_lane(s, in_.labels.col(k), others, in_.permutations);
      p_values.push_back(partial.p);
      ordered_json row{{"concept", in_.names[static_cast<std::size_t>(k)]},
                       {"marginal_effect", marginal.effect},
                       {"marginal_p", marginal.p}};
      if (partial.is_estimable) {
        row.update({{"partial_effect", partial.effect},
                    {"partial_t", partial.t},
                    {"partial_p", partial.p}});
      } else {
        row["partial_effect"] = not_estimable("aliased", "a combination of the other columns");
      }
      rows.push_back(row);
    }
    out_.results["permutation"] = rows;
    out_.results["holm"] = holm(p_values);
  }

  void contributions() {
    const double baseline = suffix_->value(centred_.mean)(0, 0);
    out_.results["f_baseline"] = baseline;
    if (!in_.test_activations) return;
    const Eigen::MatrixXd& features = *in_.test_activations;
    const Eigen::VectorXd logits = suffix_->value(features).col(0);
    const Eigen::MatrixXd changes = test_presence_.rowwise() - label_means_;
    const std::vector<Eigen::MatrixXd> footprints = footprints_of(patterns_, changes);
    out_.arrays["f_test"] = to_array(logits);
    out_.arrays["whatif_single"] = to_array(single_effects(*suffix_, features, footprints, 0));
    const Eigen::MatrixXd gradients =
        path_gradients(*suffix_, features, centred_.mean, in_.settings.path_midpoints, 0);
    out_.arrays["path_pattern"] = to_array(path_contributions(gradients, patterns_, changes));
    const Eigen::MatrixXd unit = unit_columns(ridge_);
    out_.arrays["jls_contrib"] =
        to_array(joint_least_squares(unit, features.rowwise() - centred_.mean, gradients));
    const auto single = load_suffix(*in_.suffix, in_.activations.cols(), Precision::kFloat);
    out_.results["f_test_float32_maxdiff"] =
        (single->value(features).col(0) - logits).cwiseAbs().maxCoeff();
    if (in_.labels.cols() > 12) {
      out_.results["whatif_additivity_maxerr"] =
          not_estimable("too_many_concepts", "exact Shapley values of more than 12 concepts");
      return;
    }
    const Eigen::MatrixXd values = what_if_values(*suffix_, features, footprints).at(0);
    const Eigen::MatrixXd phi = shapley_values(values);
    const Eigen::VectorXd residual = values.col(0).array() - baseline;
    out_.arrays["whatif_V"] = to_array(values);
    out_.arrays["whatif_phi"] = to_array(phi);
    out_.arrays["whatif_residual"] = to_array(residual);
    const Eigen::VectorXd sums = phi.rowwise().sum() + residual;
    const Eigen::ArrayXd error = (sums.array() + baseline - logits.array()).abs();
    out_.results["whatif_additivity_maxerr"] = error.maxCoeff();
    if ((error > 1e-5 * logits.array().abs().max(1.0)).any()) {
      throw Error(Error::Kind::kInternal, "contributions do not add up to the logit")
          .with_code("identity");
    }
    out_.arrays["subspace_phi"] =
        to_array(subspace_shapley(*suffix_, unit, features, centred_.mean, 0));
  }

  RowIndices rows_in(int fold) const {
    RowIndices rows;
    for (std::size_t i = 0; i < in_.folds.size(); ++i) {
      if (in_.folds[i] == fold) rows.push_back(static_cast<Eigen::Index>(i));
    }
    return rows;
  }

  RowIndices rows_outside(const std::set<int>& folds) const {
    RowIndices rows;
    for (std::size_t i = 0; i < in_.folds.size(); ++i) {
      if (!folds.count(in_.folds[i])) rows.push_back(static_cast<Eigen::Index>(i));
    }
    return rows;
  }

  FitInputs in_;
  CentredActivations centred_;
  Eigen::MatrixXd gram_;
  double lambda_;
  Eigen::RowVectorXd label_means_;
  Eigen::MatrixXd ridge_, patterns_, scores_, test_presence_;
  std::vector<Platt> calibrations_;
  std::unique_ptr<Suffix> suffix_;
  FolderFit out_;
};

}  // namespace

FolderFit fit_folder(const std::filesystem::path& folder, std::uint64_t seed) {
  return Fit(read_fit_inputs(folder, seed)).run();
}

void write_fit(const FolderFit& fit, const std::filesystem::path& out) {
  for (const auto& [name, array] : fit.arrays) write_npy(out / (name + ".npy"), array);
  write_file(out / "results.json", fit.results.dump(1) + "\n");
}

}  // namespace rationale::concepts
