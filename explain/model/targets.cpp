#include "explain/model/targets.h"

#include <fmt/format.h>

#include "data/base/error.h"
#include "explain/torch.h"

namespace rationale::explain {

void check_target(const Target& target, std::int64_t n_classes) {
  const auto check = [&](std::int64_t index) {
    if (index < 0 || index >= n_classes) {
      throw Error(Error::Kind::kUsage, fmt::format("there is no class {}", index), "",
                  fmt::format("the model has {} classes, numbered from 0", n_classes))
          .with_code("unknown_class");
    }
  };
  check(target.class_index);
  if (target.kind == Target::Kind::kLogitDiff) check(target.other);
}

at::Tensor target_values(const at::Tensor& logits, const Target& target) {
  check_target(target, logits.size(1));
  const at::Tensor y = logits.to(at::kDouble);
  const at::Tensor y_k = y.select(1, target.class_index);
  const auto value = [&]() -> at::Tensor {
    switch (target.kind) {
      case Target::Kind::kLogit:
        return y_k - target.reference;
      case Target::Kind::kNegLogit:
        return target.reference - y_k;
      case Target::Kind::kSigmoid:
        return y_k.sigmoid();
      case Target::Kind::kSoftmax:
        return y.softmax(1).select(1, target.class_index);
      case Target::Kind::kLogitDiff:
        return y_k - y.select(1, target.other);
    }
    return y_k;
  };
  return value().to(logits.scalar_type());
}

at::Tensor target_slopes(const at::Tensor& logits, const Target& target) {
  check_target(target, logits.size(1));
  const std::int64_t k = target.class_index;
  at::Tensor slopes = at::zeros_like(logits);
  switch (target.kind) {
    case Target::Kind::kLogit:
      slopes.select(1, k).fill_(1);
      break;
    case Target::Kind::kNegLogit:
      slopes.select(1, k).fill_(-1);
      break;
    case Target::Kind::kSigmoid: {
      const at::Tensor y_k = logits.select(1, k).to(at::kDouble);
      slopes.select(1, k).copy_(y_k.sigmoid() * (-y_k).sigmoid());
      break;
    }
    case Target::Kind::kSoftmax: {
      const at::Tensor p = logits.to(at::kDouble).softmax(1);
      const at::Tensor p_k = p.select(1, k);
      slopes.copy_(-p_k.unsqueeze(1) * p);
      at::Tensor others = p.clone();  // 1 - p_k as the sum of the others: nothing cancels
      others.select(1, k).zero_();
      slopes.select(1, k).copy_(p_k * others.sum(1));
      break;
    }
    case Target::Kind::kLogitDiff:
      slopes.select(1, k).add_(1);
      slopes.select(1, target.other).sub_(1);
      break;
  }
  return slopes;
}

}  // namespace rationale::explain
