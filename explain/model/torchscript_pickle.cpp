#include "explain/model/torchscript_pickle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "data/base/error.h"

namespace rationale::explain::torchscript {
namespace {

constexpr int kMostDepth = 64;
constexpr std::size_t kMostValues = std::size_t{1} << 22;

enum class Kind { kNone, kBool, kInt, kFloat, kText, kTuple, kList, kDict, kGlobal, kFresh, kStorage, kTensor, kObject };

using Index = std::uint32_t;

struct Value {
  Kind kind = Kind::kNone;
  std::int64_t number = 0;     ///< an integer; a storage's length in elements
  std::string text;            ///< text; a global's "module.name"
  std::vector<Index> items;    ///< of a tuple, and of a list as it is made
  int depth = 0;
  bool is_open = false;        ///< a list or dict that is still being filled
};

[[noreturn]] void malformed(const std::string& what) { throw std::invalid_argument(what); }

/// What may not be made of a file, however well formed.
struct Forbidden {
  std::string what;
};

bool starts_with(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

/// Bytes of one element of "torch.FloatStorage", …; 0 for any other name.
std::int64_t element_size(const std::string& global) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 12> kStorages{{
      {"torch.FloatStorage", 4}, {"torch.DoubleStorage", 8}, {"torch.HalfStorage", 2}, {"torch.BFloat16Storage", 2},
      {"torch.LongStorage", 8}, {"torch.IntStorage", 4}, {"torch.ShortStorage", 2}, {"torch.CharStorage", 1},
      {"torch.ByteStorage", 1}, {"torch.BoolStorage", 1}, {"torch.ComplexFloatStorage", 8},
      {"torch.ComplexDoubleStorage", 16},
  }};
  for (const auto& [name, size] : kStorages) {
    if (name == global) return size;
  }
  return 0;
}

void check_global(const std::string& name) {
  if (starts_with(name, "__torch__.torch.classes.")) throw Forbidden{"an object of a custom C++ class (torch.classes)"};
  if (name == "torch._utils._rebuild_qtensor" || (starts_with(name, "torch.Q") && name.ends_with("Storage"))) {
    throw Forbidden{"a quantised tensor"};
  }
  if (name == "torch._utils._rebuild_sparse_tensor") throw Forbidden{"a sparse tensor"};
  if (name == "torch.distributed.rpc.rref") throw Forbidden{"a reference to another machine (rref)"};
  static constexpr std::array<std::string_view, 9> kMakers{
      "torch._utils._rebuild_tensor_v2", "collections.OrderedDict",           "builtins.complex",
      "torch.device",                    "torch.jit._pickle.build_intlist",   "torch.jit._pickle.build_tensorlist",
      "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist", "torch.jit._pickle.restore_type_tag"};
  const bool is_known = starts_with(name, "__torch__.") || element_size(name) > 0 ||
                        std::find(kMakers.begin(), kMakers.end(), name) != kMakers.end();
  if (!is_known) throw Forbidden{"an object of " + name.substr(0, 200)};
}

class Machine {
 public:
  Machine(std::string_view bytes, const PartSize& size_of) : rest_(bytes), size_of_(size_of) {}

  void run() {
    if (byte() != 0x80 || byte() != 2) malformed("no pickle of protocol 2");
    while (step(byte())) {
    }
    if (stack_.size() != 1 || !marks_.empty()) malformed("values are left over");
  }

 private:
  // Reading.
  std::string_view take(std::size_t n) {
    if (n > rest_.size()) malformed("it is cut off");
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return taken;
  }
  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }
  template <typename T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos || end > 4096) malformed("a name without an end");
    std::string text(take(end));
    take(1);
    return text;
  }

  // The stack.
  Index push(Value value) {
    if (values_.size() >= kMostValues) malformed("too many values");
    values_.push_back(std::move(value));
    stack_.push_back(static_cast<Index>(values_.size() - 1));
    return stack_.back();
  }
  Index pop() {
    if (stack_.size() <= bottom()) malformed("a value is missing");
    const Index top = stack_.back();
    stack_.pop_back();
    values_[top].is_open = false;
    return top;
  }
  Value& top() {
    if (stack_.size() <= bottom()) malformed("a value is missing");
    return values_[stack_.back()];
  }
  std::size_t bottom() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Index> pop_to_mark() {
    if (marks_.empty()) malformed("a mark is missing");
    std::vector<Index> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    for (const Index item : items) values_[item].is_open = false;
    return items;
  }

  void hold(Value& container, const std::vector<Index>& items) {
    for (const Index item : items) container.depth = std::max(container.depth, values_[item].depth + 1);
    if (container.depth > kMostDepth) malformed("values nested more than 64 deep");
  }
  void push_tuple(std::vector<Index> items) {
    Value tuple{.kind = Kind::kTuple};
    hold(tuple, items);
    tuple.items = std::move(items);
    push(std::move(tuple));
  }
  void push_tuple_of(std::size_t n) {
    std::vector<Index> items(n);
    for (std::size_t i = n; i-- > 0;) items[i] = pop();
    push_tuple(std::move(items));
  }
  void append(const std::vector<Index>& items) {
    Value& list = top();
    if (list.kind != Kind::kList || !list.is_open) malformed("items without their list");
    hold(list, items);
    list.items.insert(list.items.end(), items.begin(), items.end());
  }
  void set_items(const std::vector<Index>& items) {
    Value& dict = top();
    if (dict.kind != Kind::kDict || !dict.is_open || items.size() % 2 != 0) malformed("entries without their dict");
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const Kind key = values_[items[i]].kind;
      const bool is_plain = key == Kind::kText || key == Kind::kInt || key == Kind::kFloat || key == Kind::kBool ||
                            key == Kind::kTensor;
      if (!is_plain) malformed("a dict's key is neither text nor number");
    }
    hold(dict, items);
  }

  void remember(std::size_t index) {
    if (index > memo_.size()) malformed("a gap in what is remembered");
    top();
    if (index == memo_.size()) {
      memo_.push_back(stack_.back());
    } else {
      memo_[index] = stack_.back();
    }
  }
  void recall(std::size_t index) {
    if (index >= memo_.size()) malformed("something that was never remembered");
    if (values_[memo_[index]].is_open) malformed("a container within itself");
    stack_.push_back(memo_[index]);
  }

  // What is made.
  const Value& item(const Value& tuple, std::size_t i, Kind kind) const {
    if (i >= tuple.items.size() || values_[tuple.items[i]].kind != kind) malformed("arguments of another kind");
    return values_[tuple.items[i]];
  }
  std::vector<std::int64_t> integers(const Value& tuple) const {
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < tuple.items.size(); ++i) numbers.push_back(item(tuple, i, Kind::kInt).number);
    return numbers;
  }

  /// ('storage', torch.FloatStorage, KEY, DEVICE, length)
  void make_storage() {
    const Value tuple = values_[pop()];
    if (tuple.kind != Kind::kTuple || tuple.items.size() != 5 || item(tuple, 0, Kind::kText).text != "storage") {
      malformed("a part that is no storage");
    }
    const std::int64_t size = element_size(item(tuple, 1, Kind::kGlobal).text);
    const std::string& key = item(tuple, 2, Kind::kText).text;
    const std::string& device = item(tuple, 3, Kind::kText).text;
    const std::int64_t length = item(tuple, 4, Kind::kInt).number;
    if (size == 0 || (device != "cpu" && !starts_with(device, "cuda"))) malformed("a storage of no known kind");
    if (length < 0) malformed("a tensor of negative length");
    if (length > 0) {
      const std::optional<std::uint64_t> there = size_of_(key);
      if (!there || static_cast<std::uint64_t>(length) > *there / static_cast<std::uint64_t>(size)) {
        malformed("a tensor is longer than the part \"" + key.substr(0, 100) + "\" that should hold it");
      }
    }
    push({.kind = Kind::kStorage, .number = length});
  }

  /// (storage, offset, sizes, strides, requires_grad, hooks[, metadata])
  void make_tensor(const Value& arguments) {
    if (arguments.items.size() < 6 || arguments.items.size() > 7) malformed("a tensor's arguments");
    const std::int64_t length = item(arguments, 0, Kind::kStorage).number;
    std::int64_t last = item(arguments, 1, Kind::kInt).number;  // of the elements that it reaches
    const std::vector<std::int64_t> sizes = integers(item(arguments, 2, Kind::kTuple));
    const std::vector<std::int64_t> strides = integers(item(arguments, 3, Kind::kTuple));
    if (sizes.size() != strides.size() || sizes.size() > 64 || last < 0) malformed("a tensor's sizes and strides differ");
    bool is_empty = false;
    std::int64_t n_elements = 1;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      std::int64_t reach = 0;
      if (sizes[i] < 0 || strides[i] < 0 || __builtin_mul_overflow(n_elements, sizes[i], &n_elements) ||
          (sizes[i] > 0 && (__builtin_mul_overflow(sizes[i] - 1, strides[i], &reach) ||
                            __builtin_add_overflow(last, reach, &last)))) {
        malformed("a tensor's size is negative or beyond all bounds");
      }
      is_empty = is_empty || sizes[i] == 0;
    }
    if (!is_empty && last >= length) malformed("a tensor reaches beyond its numbers");
    push({.kind = Kind::kTensor});
  }

  /// A function or class, and what it is given.
  void make() {
    const Index given = pop(), maker = pop();
    const Value arguments = values_[given];
    const Value what = values_[maker];
    if (what.kind == Kind::kFresh || (what.kind == Kind::kGlobal && starts_with(what.text, "__torch__."))) {
      Value object{.kind = Kind::kObject};
      hold(object, {given});
      push(std::move(object));
      return;
    }
    if (what.kind != Kind::kGlobal || arguments.kind != Kind::kTuple) malformed("a call of what is no function");
    if (what.text == "torch._utils._rebuild_tensor_v2") return make_tensor(arguments);
    if (what.text == "collections.OrderedDict") {
      push({});
    } else if (what.text == "builtins.complex") {
      item(arguments, 0, Kind::kFloat);
      item(arguments, 1, Kind::kFloat);
      push({.kind = Kind::kFloat});
    } else if (what.text == "torch.device") {
      item(arguments, 0, Kind::kText);
      push({.kind = Kind::kObject});
    } else if (what.text == "torch.jit._pickle.restore_type_tag") {
      item(arguments, 1, Kind::kText);
      const Kind kind = values_[arguments.items[0]].kind;
      if (kind != Kind::kList && kind != Kind::kDict) malformed("a type for what is no container");
      stack_.push_back(arguments.items[0]);
    } else if (starts_with(what.text, "torch.jit._pickle.build_")) {
      item(arguments, 0, Kind::kList);
      stack_.push_back(arguments.items[0]);
    } else {
      malformed("a call of what is no function");
    }
  }

  void make_fresh() {
    const Index arguments = pop(), type = pop();
    if (values_[arguments].kind != Kind::kTuple || !values_[arguments].items.empty() ||
        values_[type].kind != Kind::kGlobal || !starts_with(values_[type].text, "__torch__.")) {
      malformed("an object of no class");
    }
    push({.kind = Kind::kFresh});
  }

  void push_global() {
    std::string module = line();
    const std::string name = line();
    module += "." + name;
    check_global(module);
    push({.kind = Kind::kGlobal, .text = std::move(module)});
  }

  /// One operation, by its code in Python's pickletools. @return false at the end
  bool step(unsigned char code) {
    switch (code) {
      case '.': return false;
      case '(': marks_.push_back(stack_.size()); break;
      case 'N': push({}); break;
      case 0x88: case 0x89: push({.kind = Kind::kBool}); break;
      case 'K': push({.kind = Kind::kInt, .number = number<std::uint8_t>()}); break;
      case 'M': push({.kind = Kind::kInt, .number = number<std::uint16_t>()}); break;
      case 'J': push({.kind = Kind::kInt, .number = number<std::int32_t>()}); break;
      case 0x8A:
        if (byte() != 8) malformed("a number of another length");
        push({.kind = Kind::kInt, .number = number<std::int64_t>()});
        break;
      case 'G': take(8); push({.kind = Kind::kFloat}); break;
      case 'X': {
        const auto size = number<std::uint32_t>();
        push({.kind = Kind::kText, .text = std::string(take(size))});
        break;
      }
      case 'c': push_global(); break;
      case ')': push_tuple({}); break;
      case 't': push_tuple(pop_to_mark()); break;
      case 0x85: push_tuple_of(1); break;
      case 0x86: push_tuple_of(2); break;
      case 0x87: push_tuple_of(3); break;
      case ']': push({.kind = Kind::kList, .is_open = true}); break;
      case 'e': append(pop_to_mark()); break;
      case '}': push({.kind = Kind::kDict, .is_open = true}); break;
      case 'u': set_items(pop_to_mark()); break;
      case 's': {
        const Index value = pop(), key = pop();
        set_items({key, value});
        break;
      }
      case 'q': remember(byte()); break;
      case 'r': remember(number<std::uint32_t>()); break;
      case 'h': recall(byte()); break;
      case 'j': recall(number<std::uint32_t>()); break;
      case 0x81: make_fresh(); break;
      case 'R': case 'b': make(); break;
      case 'Q': make_storage(); break;
      default: malformed("an operation that torch.jit.save does not write");
    }
    return true;
  }

  std::string_view rest_;
  const PartSize& size_of_;
  std::vector<Value> values_;
  std::vector<Index> stack_, memo_;
  std::vector<std::size_t> marks_;
};

}  // namespace

void check_pickle(std::string_view bytes, const std::string& part, const PartSize& size_of, const std::string& where) {
  try {
    Machine(bytes, size_of).run();
  } catch (const Forbidden& forbidden) {
    throw Error(Error::Kind::kInput, "the file holds " + forbidden.what + ", in " + part, where,
                "export a plain float model without it")
        .with_code("operator_not_allowed");
  } catch (const std::invalid_argument& wrong) {
    throw Error(Error::Kind::kInput, part + " is damaged, or made to attack: " + wrong.what(), where,
                "copy or export the model again; do not use it if it comes from somebody you do not know")
        .with_code("not_torchscript");
  }
}

}  // namespace rationale::explain::torchscript
