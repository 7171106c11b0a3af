#include "study/exchange/package.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "study/exchange/item_codec.h"
#include "study/exchange/package_header.h"
#include "study/log/canonical.h"
#include "study/log/private_file.h"
#include "study/seal/reader_box.h"

namespace rationale::study {
namespace {

constexpr std::size_t kTagBytes = 16, kNonceBytes = 24, kOverhead = kTagBytes + kNonceBytes;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

/// A file descriptor that closes itself.
class File {
 public:
  File(const std::filesystem::path& path, int flags)  // O_NONBLOCK: a pipe in a file's place must not hang us
      : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)) {
    if (descriptor_ >= 0) return;
    const bool is_writing = (flags & O_CREAT) != 0;
    throw Error(is_writing ? Error::Kind::kEnvironment : Error::Kind::kInput,
                fmt::format("cannot {} the package: {}", is_writing ? "write" : "read",
                            std::strerror(errno)),
                path.string(), "check the path and that you may use it")
        .with_code(is_writing ? "cannot_write" : "cannot_read");
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::int64_t size() const {
    struct stat status {};
    return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : -1;
  }
  /// False at the end of the file or on an error.
  bool read_at(std::int64_t offset, std::string& bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::pread(descriptor_, bytes.data() + done, bytes.size() - done,
                                offset + static_cast<std::int64_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      done += static_cast<std::size_t>(n);
    }
    return true;
  }
  void write_at(std::int64_t offset, std::string_view bytes) const {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                                 offset + static_cast<std::int64_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(errno);
      done += static_cast<std::size_t>(n);
    }
  }
  void flush() const {
    if (::fsync(descriptor_) != 0) fail(errno);
  }

 private:
  [[noreturn]] void fail(int error) const {
    const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    throw Error(Error::Kind::kEnvironment,
                is_full ? "the disk is full" : fmt::format("cannot write: {}", std::strerror(error)),
                path_.string(), "free some space and run the command again; nothing was lost")
        .with_code(is_full ? "disk_full" : "cannot_write");
  }
  std::filesystem::path path_;
  int descriptor_;
};

BoxKey manifest_key(const BoxKey& package_key) { return hmac_sha256(package_key, "manifest"); }

BoxKey item_key(const BoxKey& package_key, int position) {
  return hmac_sha256(package_key, "item" + big_endian_32(static_cast<std::uint32_t>(position)));
}

/// nonce || box.
std::string sealed_with_nonce(const BoxKey& key, std::string_view kind, const std::string& study_id,
                              std::string_view plain) {
  const BoxNonce nonce = make_nonce();
  return std::string(as_text(nonce)) + seal_box(key, nonce, kind, study_id, plain);
}

std::string opened(const BoxKey& key, std::string_view kind, const std::string& study_id,
                   std::string_view bytes) {
  BoxNonce nonce{};
  if (bytes.size() < kOverhead) throw_damaged("a box", study_id);
  std::memcpy(nonce.data(), bytes.data(), nonce.size());
  return open_box(key, nonce, kind, study_id, bytes.substr(kNonceBytes));
}

std::string hex_of(std::string_view bytes) {
  return to_hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::string manifest_json(const PackageSecrets& secrets, const PackageFacts& facts) {
  return canonical_json({{"data_key", to_hex(secrets.data_key)},
                         {"facts", pinned_facts(facts)},
                         {"protocol", secrets.protocol_toml}});
}

std::string key_kind(const PackageFacts& facts) {
  return fmt::format("package_key {}", facts.chain_id());
}

PackageHeader read_header(const File& file, const std::string& name) {
  std::string bytes(kPackageHeaderBytes, '\0');
  if (file.size() < static_cast<std::int64_t>(bytes.size()) || !file.read_at(0, bytes)) {
    throw Error(Error::Kind::kInput, "this is no package of a reader study", name,
                "give the .rpk file that the coordinator sent")
        .with_code("no_package");
  }
  PackageHeader header = decode_header(bytes, name);
  if (file.size() != header.file_bytes()) {
    throw_damaged(fmt::format("{} bytes instead of {}", file.size(), header.file_bytes()), name);
  }
  return header;
}

std::string body_digest(const File& file, const PackageHeader& header, const std::string& name) {
  Sha256 sum;
  std::string chunk;
  for (auto at = static_cast<std::int64_t>(kPackageHeaderBytes); at < header.file_bytes();) {
    chunk.resize(static_cast<std::size_t>(
        std::min(static_cast<std::int64_t>(kChunkBytes), header.file_bytes() - at)));
    if (!file.read_at(at, chunk)) throw_damaged("it ends too early", name);
    sum.text(chunk);
    at += static_cast<std::int64_t>(chunk.size());
  }
  return sum.hex();
}

}  // namespace

struct PackageWriter::State {
  State(const std::filesystem::path& to, const SigningKey& key)
      : path(to), part(to.string() + ".part"), file(part, O_RDWR | O_CREAT | O_TRUNC), lock_key(key) {}

  std::filesystem::path path, part;
  File file;
  SigningKey lock_key;
  PackageHeader header;
  BoxKey package_key{};
  std::size_t plain_item_bytes = 0;
  int n_added = 0;
  std::int64_t at = static_cast<std::int64_t>(kPackageHeaderBytes);
  Sha256 sum;
  bool is_finished = false;

  void append(const std::string& bytes) {
    file.write_at(at, bytes);
    sum.text(bytes);
    at += static_cast<std::int64_t>(bytes.size());
  }
};

PackageWriter::PackageWriter(const std::filesystem::path& path, const PackageFacts& facts,
                             const PackageSecrets& secrets, const SigningKey& lock_key,
                             std::size_t plain_item_bytes, const PublicKey& reader,
                             const std::optional<BoxKey>& release_key)
    : state_(std::make_unique<State>(path, lock_key)) {
  State& s = *state_;
  s.package_key = random_bytes<32>();
  s.plain_item_bytes = plain_item_bytes;
  s.header.facts = facts;
  s.header.facts.lock_key = lock_key.public_key();
  s.header.facts.item_bytes = static_cast<std::int64_t>(plain_item_bytes + kOverhead);
  s.header.facts.is_released = !release_key;
  std::string key = seal_to(reader, as_text(s.package_key));
  if (release_key) {
    key = sealed_with_nonce(*release_key, key_kind(facts), facts.study_id, key);
  }
  s.header.key = hex_of(key);
  const std::string manifest = sealed_with_nonce(manifest_key(s.package_key), "manifest",
                                                 facts.study_id, manifest_json(secrets, s.header.facts));
  s.header.manifest_bytes = static_cast<std::int64_t>(manifest.size());
  s.append(manifest);
}

PackageWriter::~PackageWriter() {
  if (state_->is_finished) return;
  std::error_code ignored;
  std::filesystem::remove(state_->part, ignored);
}

void PackageWriter::add(const Item& item) {
  State& s = *state_;
  std::string plain = encode_item(item);
  if (item.position != s.n_added + 1 || plain.size() > s.plain_item_bytes) {
    throw Error(Error::Kind::kInternal, "an item does not fit its package",
                fmt::format("item {}", item.position));
  }
  plain.resize(s.plain_item_bytes, '\0');
  ++s.n_added;
  s.append(sealed_with_nonce(item_key(s.package_key, s.n_added), "item", s.header.facts.study_id,
                             plain));
}

PackageFacts PackageWriter::finish() {
  State& s = *state_;
  s.header.facts.n_items = s.n_added;
  s.header.facts.body_sha256 = s.sum.hex();
  s.header.signature = s.lock_key.sign(header_message(s.header));
  s.file.write_at(0, encode_header(s.header));
  s.file.flush();
  std::filesystem::rename(s.part, s.path);
  flush_folder_of(s.path);
  s.is_finished = true;
  return s.header.facts;
}

PackageFacts read_package_facts(const std::filesystem::path& path) {
  return read_header(File(path, O_RDONLY), path.string()).facts;
}

PackageDigests package_digests(const std::filesystem::path& path) {
  const File file(path, O_RDONLY);
  const PackageHeader header = read_header(file, path.string());
  return {.body = body_digest(file, header, path.string()), .key = sha256_hex(header.key)};
}

struct PackageFile::State {
  explicit State(const std::filesystem::path& from) : path(from), file(from, O_RDONLY) {
    header = read_header(file, path.string());
  }
  std::filesystem::path path;
  File file;
  PackageHeader header;
  BoxKey package_key{};
  PackageSecrets secrets;
};

PackageFile::PackageFile(const std::filesystem::path& path, const SigningKey& reader, UtcTime now)
    : state_(std::make_unique<State>(path)) {
  State& s = *state_;
  const PackageFacts& facts = s.header.facts;
  if (!facts.is_released) {
    throw Error(Error::Kind::kRefused, "this package is not released yet (rule I9)", path.string(),
                "wait for the coordinator: the period before must be read, and the washout over")
        .with_code("not_released");
  }
  if (now < parse_utc(facts.not_before, path.string())) {
    throw Error(Error::Kind::kRefused,
                fmt::format("this package is for {} or later", facts.not_before.substr(0, 10)),
                path.string(), "come back then; the washout has not passed")
        .with_code("too_early");
  }
  try {
    const std::string key = open_sealed(reader, text_from_hex(s.header.key, path.string()));
    if (key.size() != s.package_key.size()) throw_damaged("key", path.string());
    std::memcpy(s.package_key.data(), key.data(), key.size());
  } catch (const Error&) {
    throw Error(Error::Kind::kInput,
                fmt::format("this package is for {}, and not for this key", facts.reader),
                path.string(), "use the key that was enrolled for this reader")
        .with_code("wrong_key");
  }
  std::string bytes(static_cast<std::size_t>(s.header.manifest_bytes), '\0');
  if (!s.file.read_at(static_cast<std::int64_t>(kPackageHeaderBytes), bytes)) {
    throw_damaged("manifest", path.string());
  }
  std::string pinned;
  try {
    const auto json = nlohmann::json::parse(
        opened(manifest_key(s.package_key), "manifest", facts.study_id, bytes));
    s.secrets.protocol_toml = json.at("protocol").get<std::string>();
    s.secrets.data_key = bytes_from_hex<32>(json.at("data_key").get<std::string>(), "data_key");
    pinned = json.at("facts").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    throw_damaged("manifest", path.string());
  } catch (const Error&) {
    throw_damaged("manifest", path.string());
  }
  // Whoever signed the header anew did so with a key of their own.
  if (pinned != pinned_facts(facts)) throw_damaged("header", path.string());
  if (sha256_hex(s.secrets.protocol_toml) != facts.protocol_sha256) {
    throw_damaged("manifest", path.string());
  }
}

PackageFile::~PackageFile() = default;
PackageFile::PackageFile(PackageFile&&) noexcept = default;

const PackageFacts& PackageFile::facts() const { return state_->header.facts; }
const PackageSecrets& PackageFile::secrets() const { return state_->secrets; }
const std::filesystem::path& PackageFile::path() const { return state_->path; }

Item PackageFile::item(int position) const {
  const State& s = *state_;
  const std::string part = fmt::format("item {}", position);
  if (position < 1 || position > s.header.facts.n_items) throw_damaged(part, s.path.string());
  std::string bytes(static_cast<std::size_t>(s.header.facts.item_bytes), '\0');
  const std::int64_t at = static_cast<std::int64_t>(kPackageHeaderBytes) + s.header.manifest_bytes +
                          s.header.facts.item_bytes * (position - 1);
  if (!s.file.read_at(at, bytes)) throw_damaged(part, s.path.string());
  std::string plain;
  try {
    plain = opened(item_key(s.package_key, position), "item", s.header.facts.study_id, bytes);
  } catch (const Error&) {
    throw_damaged(part, s.path.string());
  }
  Item item = decode_item(plain);
  if (item.position != position) throw_damaged(part, s.path.string());
  return item;
}

void PackageFile::verify() const {
  if (body_digest(state_->file, state_->header, state_->path.string()) ==
      state_->header.facts.body_sha256) {
    return;
  }
  for (int position = 1; position <= state_->header.facts.n_items; ++position) {
    static_cast<void>(item(position));  // throws at the damaged one
  }
  throw_damaged("its sealed part", state_->path.string());
}

void release_package(const std::filesystem::path& from, const std::filesystem::path& to,
                     const BoxKey& release_key) {
  const File source(from, O_RDONLY);
  PackageHeader header = read_header(source, from.string());
  if (!header.facts.is_released) {
    try {
      header.key = hex_of(opened(release_key, key_kind(header.facts), header.facts.study_id,
                                 text_from_hex(header.key, from.string())));
    } catch (const Error&) {
      throw Error(Error::Kind::kInput, "the release key does not open this package", from.string(),
                  "use release.key of the folder that `rationale study lock` wrote")
          .with_code("wrong_key");
    }
    header.facts.is_released = true;
  }
  if (to.has_parent_path()) std::filesystem::create_directories(to.parent_path());
  const std::filesystem::path part = to.string() + ".part";
  try {
    const File target(part, O_RDWR | O_CREAT | O_TRUNC);
    target.write_at(0, encode_header(header));
    std::string chunk;
    for (auto at = static_cast<std::int64_t>(kPackageHeaderBytes); at < header.file_bytes();) {
      chunk.resize(static_cast<std::size_t>(
          std::min(static_cast<std::int64_t>(kChunkBytes), header.file_bytes() - at)));
      if (!source.read_at(at, chunk)) throw_damaged("it ends too early", from.string());
      target.write_at(at, chunk);
      at += static_cast<std::int64_t>(chunk.size());
    }
    target.flush();
    std::filesystem::rename(part, to);
    flush_folder_of(to);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw;
  }
}

}  // namespace rationale::study
