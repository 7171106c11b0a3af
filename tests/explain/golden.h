// Rows of golden/explanation/index.json, as requests to the engine.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "explain/methods/maps.h"

namespace rationale::test {

/// What a row asks for.
explain::MapRequest request_of(const nlohmann::json& row);

/// How the model must be cut for it.
explain::SplitOptions split_of(const nlohmann::json& row, const Shape& input_shape);

/// The images of the batch that the row is about: all, or only `sample`.
FloatArray input_of(const nlohmann::json& row, const FloatArray& batch);

/// max|got - wanted| / max|wanted|; absolute against 1e-9 if the reference is all zero.
double golden_difference(const std::vector<float>& got, const float* wanted);

}  // namespace rationale::test
