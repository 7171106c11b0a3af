#include "explain/model/torchscript_state.h"

#include <unordered_set>

#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

class Check {
 public:
  explicit Check(std::string where) : where_(std::move(where)) {}

  void object(const c10::intrusive_ptr<c10::ivalue::Object>& held, const std::string& name) {
    if (!objects_.insert(held.get()).second) return;
    const auto type = held->type();
    if (held->slots().size() < type->numAttributes()) refuse(name + " lacks attributes");
    for (std::size_t i = 0; i < type->numAttributes(); ++i) {
      const std::string attribute = name.empty() ? type->getAttributeName(i) : name + "." + type->getAttributeName(i);
      value(held->getSlot(i), type->getAttribute(i), attribute);
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(Error::Kind::kInput, "the file is damaged, or made to attack: " + what, where_,
                "copy or export the model again; do not use it if it comes from somebody you do not know")
        .with_code("not_torchscript");
  }

  void tensor(const at::Tensor& tensor, const std::string& name) const {
    if (!tensor.defined()) return;
    const bool is_plain = tensor.layout() == at::kStrided && !tensor.is_quantized();
    if (!is_plain) {
      throw Error(Error::Kind::kInput, "the tensor " + name + " is quantised, sparse or packed for one machine", where_,
                  "export a plain float model")
          .with_code("operator_not_allowed");
    }
    if (tensor.numel() == 0) return;
    std::int64_t last = tensor.storage_offset();
    for (std::int64_t d = 0; d < tensor.dim(); ++d) last += (tensor.size(d) - 1) * tensor.stride(d);
    const auto end = (last + 1) * static_cast<std::int64_t>(tensor.itemsize());
    if (last < 0 || static_cast<std::size_t>(end) > tensor.storage().nbytes()) {
      refuse("the tensor " + name + " reaches beyond its numbers");
    }
  }

  void value(const IValue& held, const c10::TypePtr& type, const std::string& name) {
    const auto inner = [&](std::size_t i) -> const c10::TypePtr& { return type->containedTypes().at(i); };
    switch (type->kind()) {
      case c10::TypeKind::TensorType:
        if (held.isNone()) return;  // an undefined tensor
        require(held.isTensor(), type, name);
        return tensor(held.toTensor(), name);
      case c10::TypeKind::IntType: return require(held.isInt(), type, name);
      case c10::TypeKind::FloatType: return require(held.isDouble(), type, name);
      case c10::TypeKind::BoolType: return require(held.isBool(), type, name);
      case c10::TypeKind::StringType: return require(held.isString(), type, name);
      case c10::TypeKind::NoneType: return require(held.isNone(), type, name);
      case c10::TypeKind::DeviceObjType: return require(held.isDevice(), type, name);
      case c10::TypeKind::ComplexType: return require(held.isComplexDouble(), type, name);
      case c10::TypeKind::NumberType: return require(held.isScalar(), type, name);
      case c10::TypeKind::EnumType: return require(held.isEnum() && *held.type() == *type, type, name);
      case c10::TypeKind::OptionalType:
        if (!held.isNone()) value(held, inner(0), name);
        return;
      case c10::TypeKind::ListType: {
        require(held.isList(), type, name);
        for (const IValue& item : held.toListRef()) value(item, inner(0), name);
        return;
      }
      case c10::TypeKind::TupleType: {
        require(held.isTuple() && held.toTuple()->elements().size() == type->containedTypes().size(), type, name);
        const auto tuple = held.toTuple();
        for (std::size_t i = 0; i < type->containedTypes().size(); ++i) value(tuple->elements()[i], inner(i), name);
        return;
      }
      case c10::TypeKind::DictType: {
        require(held.isGenericDict(), type, name);
        for (const auto& entry : held.toGenericDict()) {
          value(entry.key(), inner(0), name);
          value(entry.value(), inner(1), name);
        }
        return;
      }
      case c10::TypeKind::ClassType:
        require(held.isObject() && *held.type() == *type, type, name);
        return object(held.toObject(), name);
      default: refuse("the attribute " + name + " is declared as " + type->str());
    }
  }

  void require(bool is_so, const c10::TypePtr& type, const std::string& name) const {
    if (!is_so) refuse("the attribute " + name + " is no " + type->str());
  }

  std::string where_;
  std::unordered_set<const void*> objects_;
};

}  // namespace

void check_state(const torch::jit::Module& module, const std::string& where) {
  Check(where).object(module._ivalue(), "");
}

}  // namespace rationale::explain::torchscript
