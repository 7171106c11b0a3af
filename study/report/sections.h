// The sections of report.html, in the order of the page. Each returns HTML, or nothing where the
// study has none of what it shows (then the list of what could not be said names it).
#pragma once

#include <string>

#include "study/report/report_input.h"

namespace rationale::study {

/// Identity, question, design in one line, and a banner on synthetic or simulated data.
std::string identity_section(const ReportInput& input);
/// The result, and the sensitivity beside it.
std::string head_section(const ReportInput& input);
/// One difference, four answers.
std::string answers_section(const ReportInput& input);
/// More than two arms: do they differ at all, and every pair.
std::string all_arms_section(const ReportInput& input);
/// The leading end point of every reader beside the ROC curves (up to three readers), else beside each reader's change;
/// then the other end points of every reader.
std::string readers_section(const ReportInput& input);
/// Every end point under one zero line.
std::string end_points_section(const ReportInput& input);
/// Mixed models and estimating equations.
std::string models_section(const ReportInput& input);
/// AI right or wrong, and switches.
std::string ai_section(const ReportInput& input);
/// Scores, confidence and time, what could not be said.
std::string scores_section(const ReportInput& input);
/// Calibration, agreement and other methods, as far as results.json has them.
std::string further_section(const ReportInput& input);
/// The false-positive rate and the sensitivity by other methods, and what was sampled.
std::string methods_section(const ReportInput& input);
/// Claims as declared, with what came of them, and the estimand; nothing without a protocol.
std::string plan_section(const ReportInput& input);
/// Where what was declared ends; nothing without a protocol.
std::string not_prespecified_heading(const ReportInput& input);
/// Subgroups of the protocol.
std::string declared_subgroups_section(const ReportInput& input);
/// Other subgroups, following a wrong AI, order of reading, missing readings.
std::string robustness_section(const ReportInput& input);
/// STARD-AI, CONSORT-AI, DECIDE-AI, CLIX-M.
std::string checklists_section(const ReportInput& input);
std::string examples_section(const ReportInput& input);
/// Design, readers and deviations of the record; nothing without a protocol.
std::string record_section(const ReportInput& input);
std::string flow_section(const ReportInput& input);
std::string counts_section(const ReportInput& input);
/// Digests, how to recompute, blinding.
std::string digests_section(const ReportInput& input);

}  // namespace rationale::study
